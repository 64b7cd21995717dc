"""Scores out of a real gradebook, some rows of which are damaged."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbjudge.command import main
from nbjudge.nbgrader_ext.config import configure
from nbjudge.reports.scores import read_scores
from traitlets.config import Config

import trials.classroom.submissions  # noqa: F401  # takes the course of this repository, before a test puts another in its place
from autograder.definition import at

from ..course import SHEET, new_course

STUDENTS = ["ada", "eve", "student03"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose gradebook gives everybody all points."""
    configure(Config())
    course = tmp_path_factory.mktemp("scores")
    with Gradebook(at(course).database) as gradebook:
        gradebook.add_assignment("ps8")
        gradebook.add_notebook("ps8", "ps8")
        for question, points in SHEET.points.items():
            gradebook.add_grade_cell(question, "ps8", "ps8", max_score=points, cell_type="code")
        for student in STUDENTS:
            gradebook.add_student(student)
            submission = gradebook.add_submission("ps8", student)
            for grade in submission.notebooks[0].grades:
                grade.auto_score, grade.needs_manual_grade = grade.max_score, False
            gradebook.db.commit()
    return course


@pytest.fixture
def course(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    course = tmp_path / "course"
    shutil.copytree(made, course)
    for student in STUDENTS:
        (course / "submitted" / student / "ps8").mkdir(parents=True)
    new_course(course)
    monkeypatch.chdir(course)
    return course


OF_EVE = (
    "(SELECT n.id FROM submitted_notebook n JOIN submitted_assignment a ON a.id = n.assignment_id WHERE a.student_id = 'eve')"
)
DAMAGES = {
    "no number": f"UPDATE grade SET auto_score = 'many' WHERE notebook_id = {OF_EVE}",
    "not finite": f"UPDATE grade SET auto_score = 9e999 WHERE notebook_id = {OF_EVE}",
    "no such cell": f"UPDATE grade SET cell_id = 'x' || id WHERE notebook_id = {OF_EVE}",
    "a grade less": f"DELETE FROM grade WHERE id = (SELECT id FROM grade WHERE notebook_id = {OF_EVE} LIMIT 1)",
    "no time": "UPDATE submitted_assignment SET timestamp = 'soon' WHERE student_id = 'eve'",
    "no penalty": f"UPDATE submitted_notebook SET late_submission_penalty = 'some' WHERE id = {OF_EVE}",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_row_is_said_and_stops_nobody(damage: str, course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        assert gradebook.execute(damage).rowcount
    rows = {row.student: row for row in read_scores(at(course), SHEET)}
    assert list(rows) == STUDENTS
    assert [rows[name].total for name in ("ada", "student03")] == [110, 110]
    assert not rows["eve"].graded and "damaged" in rows["eve"].problem
    assert main(["table"]) == 0
    told = capsys.readouterr()
    assert "eve: The gradebook's entry is damaged" in told.err and len(told.out.splitlines()) == 4 + len(STUDENTS)
    assert (course / "class_report.html").is_file()


def test_a_student_whom_the_gradebook_does_not_list_has_a_row(course: Path) -> None:
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        gradebook.execute("DELETE FROM student WHERE id = 'eve'")
    assert [row.student for row in read_scores(at(course), SHEET)] == STUDENTS


def test_no_table_is_made_of_two_truths(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        encoder = "(SELECT id FROM base_cell WHERE name = 'encoder' AND type = 'GradeCell')"
        gradebook.execute(f"UPDATE grade_cells SET max_score = 20 WHERE id = {encoder}")
    assert main(["table"]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "`encoder` counts 20 and not 10" in told.err and "nbjudge grade ps8" in told.err
    assert not (course / "grades.csv").exists()


def test_a_name_that_is_not_utf_8_does_not_stop_the_table(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "submitted" / "caf\udce9" / "ps8").mkdir(parents=True)
    (course / "submitted" / "f\udce9flat").mkdir()
    assert main(["table"]) == 0
    told = capsys.readouterr()
    assert r"caf\xe9" in told.out and r"f\xe9flat" in told.err
    assert r"caf\xe9" in (course / "grades.csv").read_text("utf-8")
    assert r"caf\xe9" in (course / "class_report.html").read_text("utf-8")
