"""The notebooks as they are handed out and as a perfect student leaves them, run from top to bottom."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from ps8.checks.finding import NotStarted

from assignment.builder.lesson_notebooks import build_notebooks, solved_notebook, stub_notebook

# The stubs raise the first; a check of a stub raises the second, which is one, too.
ALLOWED = {"NotImplementedError", "NotStarted"}
NAMES = ["ps8", "nce"]
DIGEST = """\
import hashlib, json
digest = hashlib.sha256(json.dumps(globals().get("results"), sort_keys=True, default=str).encode())
for name, model in sorted(globals().get("trained", {}).items()):
    digest.update(b"".join(value.cpu().numpy().tobytes() for value in model.state_dict().values()))
print(digest.hexdigest())
"""


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


def with_trainings_twice(notebook):
    """Each training cell once more, and before and after that a digest of all that was trained."""
    cells = []
    for cell in notebook.cells:
        again = [cell]
        if cell.cell_type == "code" and "with ps8.resume(" in cell.source:
            again = [cell, new_code_cell(DIGEST), new_code_cell(cell.source), new_code_cell(DIGEST)]
        cells += again
    notebook.cells = cells
    return notebook


def digests(notebook) -> list[str]:
    return [cell.outputs[-1].text for cell in notebook.cells if cell.source == DIGEST]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_solved_notebook_raises_nothing_and_trains_alike_when_a_cell_is_run_twice(notebooks, name, tmp_path):
    notebook = with_trainings_twice(solved_notebook(name, notebooks))
    assert run(notebook, tmp_path) == {}
    found = digests(notebook)
    assert found[::2] == found[1::2]
    assert len(set(found)) == len(found) / 2 or name == "nce"  # there nothing is trained without Part 2's classes


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_unsolved_notebook_raises_nothing_but_its_stubs(notebooks, name, tmp_path):
    errors = run(stub_notebook(name, notebooks), tmp_path)
    assert {cell: error for cell, error in errors.items() if error.split(":")[0] not in ALLOWED} == {}
    assert errors
    assert issubclass(NotStarted, NotImplementedError)
