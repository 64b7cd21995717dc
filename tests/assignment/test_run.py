"""The notebooks as they are handed out and as a perfect student leaves them, run from top to bottom."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbclient import NotebookClient
from ps8.checks.finding import NotStarted

from assignment.builder.lesson_notebooks import build_notebooks, solved_notebook, stub_notebook

# The stubs raise the first; a check of a stub raises the second, which is one, too.
ALLOWED = {"NotImplementedError", "NotStarted"}
NAMES = ["ps8", "nce"]


@pytest.fixture(scope="module")
def notebooks():
    return build_notebooks()


def run(notebook, folder: Path) -> dict[str, str]:
    """Runs every cell, whatever the ones before it raised; gives the errors by cell."""
    client = NotebookClient(notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "PS8_PROFILE": "grade"})
    return {
        cell.id: f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_solved_notebook_raises_nothing(notebooks, name, tmp_path):
    assert run(solved_notebook(name, notebooks), tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_unsolved_notebook_raises_nothing_but_its_stubs(notebooks, name, tmp_path):
    errors = run(stub_notebook(name, notebooks), tmp_path)
    assert {cell: error for cell, error in errors.items() if error.split(":")[0] not in ALLOWED} == {}
    assert errors
    assert issubclass(NotStarted, NotImplementedError)
