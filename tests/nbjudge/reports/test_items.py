"""Difficulty and discrimination, over those whose submissions say anything about a question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbjudge.reports.class_report import class_report
from nbjudge.reports.details import Details, read_details
from nbjudge.reports.items import ALIKE, FEW, ItemStatistics, items
from nbjudge.reports.scores import StudentScores

from autograder.definition import at
from autograder.questions import QUESTIONS, READERS

from ..course import SHEET

JUDGED = (*QUESTIONS, *READERS)
WRITTEN = [question for question in SHEET.points if question not in JUDGED]


def student(name: str, status: str = "right", **points: float) -> tuple[StudentScores, Details]:
    """One whose answers are all right, or all of one status without points, but for what is said; the report is not graded."""
    statuses = {q: ("wrong" if q in points else status) for q in JUDGED}
    earned = {q: (points.get(q, p if status == "right" else 0.0) if q in JUDGED else None) for q, p in SHEET.points.items()}
    return StudentScores(name, earned), Details(name, status=statuses)


def blank(name: str) -> tuple[StudentScores, Details]:
    """As it was released: nbgrader gives what is written by hand 0 points, and asks nobody."""
    row, details = student(name, "not started")
    return StudentScores(name, dict.fromkeys(row.scores, 0.0)), details


def unreadable(name: str) -> tuple[StudentScores, Details]:
    """The main notebook was broken, the optional one is right."""
    row, details = blank(name)
    details.status["nce"], details.unreadable = "right", True
    details.unread = [question for question in SHEET.points if question != "nce"]
    return StudentScores(name, {**row.scores, "nce": SHEET.points["nce"]}), details


CLASS = [
    student("a"),
    student("b", cmc_score=13.0),
    student("c", encoder=6.5),
    student("d", encoder=0.0, cmc_score=13.0, softmax_loss=5.0),
    student("e", softmax_loss=0.0),
]


def figures(members: list[tuple[StudentScores, Details]]) -> dict[str, ItemStatistics]:
    return {item.id: item for item in items([row for row, _ in members], [details for _, details in members], SHEET)}


@pytest.mark.parametrize("more", [[blank("x")], [unreadable("y")], [blank("x"), blank("z"), unreadable("y")]])
def test_who_says_nothing_about_a_question_changes_no_figure(more: list) -> None:
    before, after = figures(CLASS), figures([*CLASS, *more])
    for question in SHEET.points:
        old, new = before[question], after[question]
        assert (old.graded, old.difficulty, old.discrimination) == (new.graded, new.difficulty, new.discrimination), question


def test_what_everybody_got_right_has_no_discrimination() -> None:
    """Two blank submissions gave each question in which nobody went wrong a high one."""
    found = figures([*CLASS, blank("x"), blank("z")])
    for question in ("decoder", "train_ae", "nce"):
        assert (found[question].discrimination, found[question].undefined) == (None, ALIKE)
        assert found[question].difficulty == 1.0
    assert found["encoder"].discrimination == pytest.approx(0.35, abs=0.5) and not found["encoder"].undefined


def test_statuses_still_count_everybody() -> None:
    assert figures([*CLASS, blank("x")])["decoder"].statuses == {"right": 5, "not started": 1}


def test_an_optional_question_counts_for_those_who_began_it() -> None:
    rows = [*CLASS, student("f", nce=0.0)]
    for row, details in rows[:2]:
        row.scores["nce"], details.status["nce"] = 0.0, "not started"
    try:
        item = figures(rows)["nce"]
        assert item.graded == 4 and item.difficulty == 0.75
    finally:
        for row, details in rows[:2]:
            row.scores["nce"], details.status["nce"] = SHEET.points["nce"], "right"


def test_a_broken_optional_notebook_takes_nobody_out_of_the_rest() -> None:
    row, details = student("y", nce=0.0)
    details.unread = ["nce"]
    found = figures([*CLASS, (row, details)])
    assert found["encoder"].graded == 6 and found["nce"].graded == 5


def test_a_report_without_code_is_no_blank_submission() -> None:
    row, details = blank("x")
    row.scores[WRITTEN[0]] = None  # waits for a human
    assert figures([*CLASS, (row, details)])["decoder"].graded == 6


def test_too_few_are_said_to_be_too_few() -> None:
    found = figures(CLASS[:2])
    assert found["cmc_score"].undefined == FEW and found["cmc_score"].discrimination is None


def test_the_page_says_what_is_undefined_and_over_whom(tmp_path: Path) -> None:
    members = [*CLASS, blank("x")]
    for row, details in members:
        folder = tmp_path / "autograded" / row.student / "ps8"
        folder.mkdir(parents=True)
        verdicts = {q: {"status": status, "mistakes": [], "lines": []} for q, status in details.status.items()}
        notebook = {"cells": [], "metadata": {"nbjudge": {"verdicts": verdicts}}}
        (folder / "ps8.ipynb").write_text(json.dumps(notebook))
    page = class_report([row for row, _ in members], at(tmp_path), SHEET)
    assert "Both over 5 of 6 submissions" in page
    assert page.count(f'title="{ALIKE}">undefined<') == 7 and page.count(f'title="{FEW}">undefined<') == len(WRITTEN)


def test_the_questions_of_an_unreadable_file_are_known(tmp_path: Path) -> None:
    folder = tmp_path / "autograded" / "eve" / "ps8"
    folder.mkdir(parents=True)
    cells = [{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade": True, "grade_id": "encoder"}}}]
    cells += [{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade": False, "grade_id": "given-setup"}}}]
    for name, broken in (("ps8", True), ("nce", False)):
        notebook = {"cells": cells, "metadata": {"nbjudge": {"unreadable": broken}}}
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    assert read_details("eve", at(tmp_path)).unread == ["encoder"]
