"""What was found as cells of the autograded notebook, one before each box."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from nbjudge.ground.notebooks import new_markdown_cell
from nbjudge.judge.verdict import Verdict

from autograder.artifacts.findings import Findings
from autograder.beside.accuracies import about_comparisons, about_numbers
from autograder.beside.bets import about_bet, bets_of
from autograder.beside.boxes import BET, BOXES, COMPARISONS, CURVE, EXPERIMENT, NUMBERS, ReviewedReport, written
from autograder.beside.copied import about_words
from autograder.beside.curve import about_curve

PREFIX = "beside-"
TITLE = "For who grades this by hand"
NOTE = "*Found by a program that reads numbers and words, and no arguments. Nothing of it is entered, and no student sees it.*"
_ABOUT: Mapping[str, Callable[[ReviewedReport], list[str]]] = {
    NUMBERS: about_numbers,
    COMPARISONS: about_comparisons,
    CURVE: about_curve,
    BET: about_bet,
    EXPERIMENT: lambda submission: [],
}


def is_beside(cell: Mapping[str, Any]) -> bool:
    """Whether a cell of an autograded notebook holds what was prepared for the grader."""
    return str(cell.get("id", "")).startswith(PREFIX) and box_of(cell) in BOXES


def box_of(cell: Mapping[str, Any]) -> str:
    """The box that such a cell stands beside."""
    return str(cell.get("id", "")).removeprefix(PREFIX)


def add_suggestions(nb: NotebookNode, source: NotebookNode, findings: Findings, verdict: Verdict | None = None) -> None:
    """Puts a cell with suggestions before each box of a report; nothing where there is none.

    Args:
        nb: a repaired submission, which is changed.
        source: the instructor's notebook.
        findings: in the submission's artifacts.
        verdict: on the table of what differs.
    """
    texts = texts_of(nb)
    submission = ReviewedReport(texts, findings, bets_of(nb.cells), verdict)
    lesson, notes = given(source), "\n\n".join(texts_of(source).values())
    for box in texts:
        about = [f"- {sentence}" for sentence in about_words(box, texts, lesson, notes)]
        if written(texts[box]):
            about = [*_ABOUT[box](submission), *about]
        cell = new_markdown_cell("\n".join([f"#### {TITLE}", "", *about, "", NOTE]))
        cell["id"] = PREFIX + box
        insert_before(nb, box, cell)


def insert_before(nb: NotebookNode, grade_id: str, ours: NotebookNode) -> None:
    """Puts a cell of ours before a graded one. A student's cell that bears its id gets another."""
    for n, cell in enumerate(nb.cells):
        if cell.get("id") == ours["id"]:
            cell["id"] = f"own-{n}-{hashlib.sha256(cell.source.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    place = next(n for n, cell in enumerate(nb.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    nb.cells.insert(place, ours)


def texts_of(nb: NotebookNode) -> dict[str, str]:
    """Box -> what stands in it, in the boxes' order."""
    found = {cell.metadata.nbgrader.grade_id: cell.source for cell in nb.cells if is_grade(cell) and is_solution(cell)}
    return {box: found[box] for box in BOXES if box in found}


def given(source: NotebookNode) -> str:
    """All text that students were given."""
    return "\n\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown" and not is_solution(cell))
