"""A test cell without a judge, by nbgrader's own command: never full marks by absence."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.course_notebooks import release
from trials.classroom.submissions import solved

from .course import nbgrader, new_course

pytestmark = [pytest.mark.slow]


def cell(source: str, grade_id: str, **facts: object) -> NotebookNode:
    new = nbformat.v4.new_code_cell(source, id=grade_id)
    base = {"grade": False, "grade_id": grade_id, "locked": False, "schema_version": 3, "solution": False, "task": False}
    new.metadata["nbgrader"] = NotebookNode({**base, "cell_type": "code", **facts})
    return new


def ordinary(source: str, grade_id: str, points: int) -> NotebookNode:
    return cell(source, grade_id, grade=True, locked=True, points=points)


ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(-3) == -6\n### END HIDDEN TESTS"


def write(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def hw(answer: str = ANSWER) -> NotebookNode:
    cells = [
        nbformat.v4.new_markdown_cell("# Another assignment", id="top"),
        cell("import math", "given", locked=True),
        cell(answer, "double-answer", solution=True),
        ordinary(TEST, "double", 5),
        ordinary("assert math.isclose(double(0.5), 1)", "encoder", 3),  # a name that the judge of ps8 knows
    ]
    return nbformat.v4.new_notebook(cells=cells)


def run(course: Path, *arguments: str) -> None:
    done = nbgrader(course, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]


def row(course: Path, assignment: str, notebook: str, student: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grades = gradebook.find_submission_notebook(notebook, assignment, student).grades
        return {grade.name: grade.auto_score for grade in grades}


def test_a_second_assignment_is_graded_by_its_assertions(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    write(hw(), course / "source" / "ps9" / "hw.ipynb")
    run(course, "generate_assignment", "ps9")
    answers = {
        "right": "def double(x):\n    return x + x",
        "wrong": "def double(x):\n    return 0",
        "positive": "def double(x):\n    return abs(2 * x)",
        "blank": "def double(x):\n    raise NotImplementedError",
        "exits": "import os\ndef double(x):\n    os._exit(0)",
        "network": "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\ndef double(x):\n    return 2 * x",
    }
    for student, answer in answers.items():
        write(hw(answer), course / "submitted" / student / "ps9" / "hw.ipynb")
    run(course, "autograde", "ps9")
    scores = {student: row(course, "ps9", "hw", student) for student in answers}
    assert scores == {
        "right": {"double": 5, "encoder": 3},
        "wrong": {"double": 0, "encoder": 0},
        "positive": {"double": 0, "encoder": 3},
        "blank": {"double": 0, "encoder": 0},
        "exits": {"double": 0, "encoder": 0},
        "network": {"double": 0, "encoder": 0},  # its cell raises in the jail, so nothing is defined
    }
    run(course, "generate_feedback", "ps9")
    page = (course / "feedback" / "right" / "ps9" / "hw.html").read_text()
    assert "inside the student" in page
    wrong = (course / "feedback" / "wrong" / "ps9" / "hw.html").read_text()
    assert "AssertionError" in wrong
    for student in answers:
        nbformat.validate(nbformat.read(course / "autograded" / student / "ps9" / "hw.ipynb", as_version=4))


@pytest.mark.parametrize("source", ["assert False", "raise SystemExit", "while True:\n    pass", "not_defined_anywhere"])
def test_a_test_that_was_added_to_the_source_earns_nobody_anything_by_being_there(source: str, tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    path = course / "source" / "ps8" / "ps8.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(ordinary(source, "added", 5))
    write(notebook, path)
    run(course, "generate_assignment", "ps8", "--force")
    for student, handed_in in (("blank", release("ps8")), ("ada", solved("ps8"))):
        write(copy.deepcopy(handed_in), course / "submitted" / student / "ps8" / "ps8.ipynb")
    run(course, "autograde", "ps8")
    assert row(course, "ps8", "ps8", "blank")["added"] == 0
    ada = row(course, "ps8", "ps8", "ada")
    assert ada["added"] == 0 and ada["encoder"] == 10
    told = nbformat.read(course / "autograded" / "ada" / "ps8" / "ps8.ipynb", as_version=4)
    assert "Added" in told.cells[0].source
