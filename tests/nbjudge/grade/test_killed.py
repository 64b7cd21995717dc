"""A grading that is killed at any point loses no score and spoils no gradebook; the next one goes on from there."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.paths import ROOT

from .killed_run import POINTS
from .small_class import NAMES, grade, read_all

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grade")]


def killed(course: Path, golden: Path, point: str, *again: str) -> None:
    """Grades in a process that is killed at the point."""
    script = str(Path(__file__).with_name("killed_run.py"))
    done = subprocess.run(
        [sys.executable, script, str(course), str(golden), point, *again],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        check=False,
        timeout=300,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]


def kept(course: Path) -> int:
    """How many notebooks' evidence is kept."""
    return len(list((course / "evidence").rglob("*.evidence")))


@pytest.mark.parametrize("point", POINTS)
def test_killed(point: str, golden: Path, course: Path, asked: list[str]) -> None:
    killed(course, golden, point)
    if (course / "gradebook.db").exists():
        with sqlite3.connect(course / "gradebook.db") as gradebook:
            assert gradebook.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    before = kept(course)
    summary = grade(course)
    assert len(asked) == kept(golden) - before  # what was kept is not gathered again
    assert len(summary.graded) + len(summary.unchanged) == len(NAMES)
    assert read_all(course) == read_all(golden)
    assert grade(course).unchanged == NAMES


def give(course: Path, student: str, points: float, box: str = "report_numbers") -> None:
    """Grades a box of a report as formgrader does."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        cell = gradebook.find_grade(box, "ps8", "ps8", student)
        cell.manual_score, cell.needs_manual_grade = points, False
        gradebook.find_comment(box, "ps8", "ps8", student).manual_comment = "Well said."
        gradebook.db.commit()


@pytest.mark.parametrize("point", ["in the middle of the scores", "before what a human graded is settled"])
def test_killed_while_it_grades_again(point: str, golden: Path, course: Path, asked: list[str]) -> None:
    """What stood there before is not taken for the new grading, and what a human graded stays graded."""
    grade(course)
    for student in NAMES[:2]:
        give(course, student, 1.5)
    before = read_all(course)
    asked.clear()
    killed(course, golden, point, "again")
    summary = grade(course)
    assert asked == []
    assert NAMES[1] in summary.graded  # it was in the middle of this one
    assert read_all(course) == before
