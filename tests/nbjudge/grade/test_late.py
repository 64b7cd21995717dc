"""What a late submission costs: what nbgrader's plugin says that the course directory's configuration names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbjudge.reports.scores import read_scores

from autograder import grading_config
from autograder.definition import at

from ..course import SHEET
from .small_class import grade

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grade")]
EARNED = 101  # all that the grader judges, bonus and the report's table included
ALL = 'c.LateSubmissionPlugin.penalty_method = "zero"  # of the points is left\n'


@pytest.fixture(autouse=True)
def over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is over: a submission's time that is still to come would not be believed."""
    facts = replace(grading_config.course(), deadline=datetime(2026, 1, 30, 23, 59, tzinfo=timezone(timedelta(hours=-5))))
    monkeypatch.setattr(grading_config, "course", lambda: facts)


def hand_in(course: Path, late: timedelta) -> None:
    moment = grading_config.course().deadline.astimezone(timezone.utc) + late
    (course / "submitted" / "ada" / "ps8" / "timestamp.txt").write_text(f"{moment:%Y-%m-%d %H:%M:%S} UTC")


def total(course: Path) -> float:
    (row,) = read_scores(at(course), SHEET)
    return row.total


def test_the_deadline_is_in_the_gradebook(course: Path, asked: list[str]) -> None:
    grade(course, ["ada"])
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        due = gradebook.find_assignment("ps8").duedate
    assert due.replace(tzinfo=timezone.utc) == grading_config.course().deadline


@pytest.mark.parametrize(("late", "left"), [(timedelta(hours=1), 0), (-timedelta(hours=1), EARNED)])
def test_a_penalty_is_what_the_configuration_says(course: Path, asked: list[str], late: timedelta, left: float) -> None:
    hand_in(course, late)
    grade(course, ["ada"])
    assert total(course) == EARNED, "late or not, without a plugin it costs nothing"
    config = course / "nbgrader_config.py"
    config.write_text((config.read_text() if config.exists() else "") + "c = get_config()\n" + ALL)
    grade(course, ["ada"], again=True)
    assert total(course) == left
