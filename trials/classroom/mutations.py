"""What a student may do to a notebook besides answering: each function takes the submission and gives the file's text."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

Mutation = Callable[[NotebookNode, NotebookNode], str]


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode | None:
    """The first cell with this grade id, None if there is none."""
    return next((c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id), None)


def untouched(notebook: NotebookNode, release: NotebookNode) -> str:
    return nbformat.writes(notebook)


def blank(notebook: NotebookNode, release: NotebookNode) -> str:
    """As it was released."""
    return nbformat.writes(release)


def delete_test_cell(notebook: NotebookNode, release: NotebookNode) -> str:
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "encoder"]
    return nbformat.writes(notebook)


def duplicate_cells(notebook: NotebookNode, release: NotebookNode) -> str:
    for grade_id in ("decoder-answer", "decoder"):
        cell = cell_of(notebook, grade_id)
        if cell is not None:
            notebook.cells.insert(notebook.cells.index(cell) + 1, copy.deepcopy(cell))
    return json.dumps(notebook, indent=1)  # nbformat would mend the ids


def edit_locked_cells(notebook: NotebookNode, release: NotebookNode) -> str:
    for cell in notebook.cells:
        if is_grade(cell) and not is_solution(cell):
            cell.metadata.nbgrader.points = 100
            cell.source = "100"
        elif cell.cell_type == "code" and not is_solution(cell):
            cell.source = cell.source.replace("cfg.ae_epochs", "cfg.ae_epochs - 1")
    return nbformat.writes(notebook)


def not_json(notebook: NotebookNode, release: NotebookNode) -> str:
    """An error page, saved under the main notebook's name."""
    if cell_of(notebook, "encoder") is None:
        return nbformat.writes(notebook)
    return "<!doctype html>\n<title>Error</title>\n<p>Your session has expired. Please sign in again.</p>\n"


def claim_full_marks(notebook: NotebookNode, release: NotebookNode) -> str:
    cell = cell_of(notebook, "encoder-answer")
    if cell is not None:
        cell.source += (
            "\n\nEncoder.forward = lambda self, x: torch.zeros(len(x), 24, 4, 4)\nprint('All checks passed: 10 / 10')\n10.0"
        )
    return nbformat.writes(notebook)


def first_part_only(notebook: NotebookNode, release: NotebookNode) -> str:
    """Part 2 and the optional notebook are left as released."""
    first = {"encoder", "decoder", "train_ae", "train_classifier"}
    for cell in notebook.cells:
        if is_solution(cell) and cell.metadata.nbgrader.grade_id.split("-")[0] not in first:
            original = cell_of(release, cell.metadata.nbgrader.grade_id)
            cell.source = original.source if original is not None else cell.source
    return nbformat.writes(notebook)


MUTATIONS: dict[str, Mutation] = {
    f.__name__: f
    for f in (
        untouched,
        blank,
        delete_test_cell,
        duplicate_cells,
        edit_locked_cells,
        not_json,
        claim_full_marks,
        first_part_only,
    )
}
