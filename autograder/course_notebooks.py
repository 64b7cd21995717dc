"""The course's notebooks: the instructor's, and what students get of them."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbgrader.utils import is_grade, is_solution
from nbjudge.ground.notebooks import read

from assignment.builder.stub import STUB
from autograder.paths import ASSIGNMENT, COURSE

NOTEBOOKS = ("ps8", "nce")


def source(name: str) -> NotebookNode:
    """The instructor's notebook, as the builder wrote it."""
    return read(COURSE / "source" / ASSIGNMENT / f"{name}.ipynb")


def release(name: str) -> NotebookNode:
    """What students get: the source without solutions and hidden tests."""
    return without_answers(source(name))


def by_hand() -> list[str]:
    """The questions that are answered in words, and wait for a human where something was written."""
    cells = [cell for name in NOTEBOOKS for cell in source(name).cells]
    return [cell.metadata.nbgrader.grade_id for cell in cells if is_grade(cell) and is_solution(cell)]


def without_answers(notebook: NotebookNode) -> NotebookNode:
    """An instructor's notebook as nbgrader releases it. Changes the notebook."""
    resources: dict[str, Any] = {}
    clear = ClearSolutions(code_stub={"python": STUB})
    notebook, _ = clear.preprocess(notebook, resources)
    notebook, _ = ClearHiddenTests().preprocess(notebook, resources)
    return notebook


def released() -> str:
    """All that students were given, as one text."""
    return "\n".join(cell.source for name in NOTEBOOKS for cell in release(name).cells)
