"""The notebooks run from top to bottom: unsolved with no error but the stubs' own, solved with none."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.classroom.build import solved
from autograder.paths import ASSIGNMENT, ROOT

pytestmark = pytest.mark.slow


def errors(notebook: NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert os.environ["PS8_PROFILE"] == "grade"
    NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3").execute(cwd=str(folder))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.ename for output in outputs if output.output_type == "error"]


@pytest.mark.parametrize("name", ["ps8", "nce"])
def test_unsolved(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = nbformat.read(ROOT / "assignment" / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    found = errors(release, tmp_path, monkeypatch)
    assert found
    assert set(found) <= {"NotImplementedError", "NotStarted"}


@pytest.mark.parametrize("name", ["ps8", "nce"])
def test_solved(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert errors(solved(name), tmp_path, monkeypatch) == []
