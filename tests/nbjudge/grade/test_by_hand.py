"""Scores and comments of a human, when a submission is graded again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.reports.scores import read_scores

from autograder.beside import BOXES
from autograder.definition import at

from ..course import SHEET
from .small_class import grade, read_all
from .test_killed import give

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grade")]


def report(course: Path, box: str = "report_numbers") -> tuple[float, bool, str]:
    """Score, whether it waits for a human, and comment of a box of ada's report."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        cell = gradebook.find_grade(box, "ps8", "ps8", "ada")
        return cell.score, cell.needs_manual_grade, gradebook.find_comment(box, "ps8", "ps8", "ada").comment


def change(course: Path, grade_id: str, text: str) -> None:
    """Adds a line to a cell of ada's submission."""
    path = course / "submitted" / "ada" / "ps8" / "ps8.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    cell.source += "\n" + text
    nbformat.write(notebook, path)


def test_what_a_human_graded_stays_graded(course: Path, asked: list[str]) -> None:
    grade(course, ["ada"])
    assert report(course)[1]  # a written report waits for a human
    give(course, "ada", 1.5)
    before = read_all(course)
    assert grade(course, ["ada"]).unchanged == ["ada"]
    assert grade(course, ["ada"], again=True).graded == ["ada"]
    assert read_all(course) == before
    assert report(course) == (1.5, False, "Well said.")
    (row,) = read_scores(at(course), SHEET)
    assert row.total == 102.5


def test_a_changed_report_waits_for_another_look_and_keeps_its_score(course: Path, asked: list[str]) -> None:
    grade(course, ["ada"])
    give(course, "ada", 1.5)
    change(course, "report_numbers", "One more thought.")
    assert grade(course, ["ada"]).graded == ["ada"]
    assert report(course) == (1.5, True, "Well said.")
    assert grade(course, ["ada"], again=True).graded == ["ada"]
    assert report(course) == (1.5, True, "Well said.")  # still: nobody has looked


def test_each_box_is_settled_by_itself(course: Path) -> None:
    """Five scores are kept. Only the box that changed waits again; the table before the comparisons is nobody's to settle."""
    grade(course, ["ada"])
    for box in BOXES:
        give(course, "ada", 1, box)
    change(course, "report_bet", "One more thought.")
    change(course, "report_differences-answer", "differs['cmc', 'random_lab'] = {'colours'}")
    assert grade(course, ["ada"]).graded == ["ada"]
    assert [report(course, box)[:2] for box in BOXES] == [(1, box == "report_bet") for box in BOXES]
    (row,) = read_scores(at(course), SHEET)
    assert row.scores["report_differences"] == 0.8


def test_a_changed_answer_elsewhere_leaves_the_report_graded(golden: Path, course: Path) -> None:
    grade(course, ["ada"])
    give(course, "ada", 1.5)
    change(course, "softmax_loss-answer", "SoftmaxLoss = None")
    grade(course, ["ada"])
    assert report(course) == (1.5, False, "Well said.")
    (row,) = read_scores(at(course), SHEET)
    assert (row.scores["softmax_loss"], row.scores["report_numbers"]) == (0, 1.5)


def test_again_runs_anew_what_a_run_lost(course: Path, asked: list[str]) -> None:
    """A time-out may have been the machine's fault; what came whole is not run again."""
    grade(course, ["ada"])
    first = list(asked)
    cache = EvidenceCache(course / "evidence")
    kept = cache.load(first[0])
    assert kept is not None
    cache.keep(first[0], replace(kept, problems={"encoder": "more than 30 s"}))
    grade(course, ["ada"])
    assert asked == first
    grade(course, ["ada"], again=True)
    grade(course, ["ada"], again=True)
    assert asked == [*first, first[0]]
    assert cache.load(first[0]) == kept
