"""The repair inside nbgrader: a course directory, hand-ins in every state, and nbgrader's own Autograde."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.nbgrader_ext.config import AUTOGRADE, SANITIZE, configure
from autograder.repair.corpus import BREAKS

WORST = (  # for nbgrader's own steps; tests/autograder/repair tries them all
    "answers_copied",
    "answers_retyped",
    "fields_missing",
    "grade_ids_exchanged",
    "metadata_changed",
    "metadata_gone",
    "nbformat_3",
    "saved_by_colab_without_names",
    "test_cells_copied",
    "test_cells_retyped",
    "utf_16",
)
ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(-1) == -2\n### END HIDDEN TESTS"


def graded(cell: NotebookNode, grade_id: str, points: int | None = None, solution: bool = False) -> NotebookNode:
    cell.id = grade_id
    cell.metadata.nbgrader = NotebookNode(
        grade=points is not None, grade_id=grade_id, locked=not solution, schema_version=3, solution=solution, task=False
    )
    if points is not None:
        cell.metadata.nbgrader.points = points
    return cell


def small_source() -> NotebookNode:
    cells = [
        new_markdown_cell("# Small", id="top"),
        graded(new_code_cell("import math"), "given-setup"),
        new_markdown_cell("## 1.1 Double", id="task"),
        graded(new_code_cell(ANSWER), "double-answer", solution=True),
        graded(new_code_cell(TEST), "double", 10),
        new_markdown_cell("## Report", id="question"),
        graded(new_markdown_cell("### BEGIN SOLUTION\nAnything.\n### END SOLUTION"), "report", 10, solution=True),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def solved() -> NotebookNode:
    notebook = small_source()
    for cell in notebook.cells:
        visible = cell.source.partition("\n### BEGIN HIDDEN")[0]
        cell.source = "\n".join(line for line in visible.split("\n") if "SOLUTION" not in line)
    notebook.cells[-1].source = "I learned to double."
    return notebook


class Course:
    """An nbgrader course in a folder, with the configuration of ours but for the execution, which takes a kernel each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = Config()
        configure(self.config)
        self.config.CourseDirectory.root = str(root)
        self.config.CourseDirectory.release_directory = "release"
        self.config.Autograde.autograde_preprocessors = [step for step in AUTOGRADE if "EvidenceExecute" not in step]
        source = root / "source" / "ps8"
        source.mkdir(parents=True)
        nbformat.write(small_source(), source / "ps8.ipynb")
        self._run(GenerateAssignment)

    def _run(self, converter: type, **traits: str) -> None:
        coursedir = CourseDirectory(config=self.config)
        coursedir.assignment_id = "ps8"
        coursedir.student_id = traits.get("student", "*")
        self.converter = converter(coursedir=coursedir, config=self.config)
        self.converter.force = True
        self.converter.start()

    def hand_in(self, student: str, data: bytes) -> None:
        folder = self.root / "submitted" / student / "ps8"
        folder.mkdir(parents=True)
        (folder / "ps8.ipynb").write_bytes(data)

    def autograde(self) -> None:
        self._run(Autograde)

    def feedback(self) -> None:
        self._run(GenerateFeedback)

    def graded(self, student: str) -> NotebookNode:
        return nbformat.read(self.root / "autograded" / student / "ps8" / "ps8.ipynb", as_version=4)

    def row(self, student: str) -> dict[str, float | None]:
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "ps8") as gradebook:
            grades = gradebook.find_submission_notebook("ps8", "ps8", student).grades
            return {grade.name: grade.auto_score for grade in grades}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("course")
    Course(root)
    return root


@pytest.fixture
def course(made, tmp_path, monkeypatch) -> Course:
    """A fresh copy of the course: making the gradebook takes seconds."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "course")
    course = Course.__new__(Course)
    course.root = tmp_path / "course"
    course.config = Config()
    configure(course.config)
    course.config.CourseDirectory.root = str(course.root)
    course.config.CourseDirectory.release_directory = "release"
    course.config.Autograde.autograde_preprocessors = [step for step in AUTOGRADE if "EvidenceExecute" not in step]
    return course


def test_the_release_holds_no_solution(course):
    text = (course.root / "release" / "ps8" / "ps8.ipynb").read_text()
    assert "2 * x" not in text and "HIDDEN" not in text


def test_the_rest_of_sanitizing_finds_nothing_amiss(course, caplog):
    for name in WORST:
        course.hand_in(name.replace("_", "-"), BREAKS[name](solved()))
    with caplog.at_level(logging.WARNING):
        course.autograde()
    complaints = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    for word in (
        "has changed",
        "multiple times",
        "does not exist in the database",
        "Inconsistent",
        "There was an error",
        "validat",
    ):
        assert not [text for text in complaints if word in text], word
    for name in WORST:
        assert course.row(name.replace("_", "-"))["double"] == 10.0


def test_remarks_survive_to_the_autograded_notebook(course):
    course.hand_in("ada", BREAKS["test_cells_deleted"](solved()))
    course.hand_in("student07", BREAKS["saved_by_vs_code"](solved()))
    course.autograde()
    assert course.graded("ada").metadata.ps8.repairs == ["The test cell of 1.1 (double) was missing: restored."]
    assert course.graded("student07").metadata.ps8.repairs == []


def test_every_file_gives_a_row(course, tmp_path):
    files = {
        "cut": nbformat.writes(solved()).encode()[:500],
        "empty": b"",
        "zeros": b"\0" * 5000,
        "binary": os.urandom(2000),
        "deep": b'{"cells": ' + b"[" * 100_000,
        "notjson": b"Sorry, I am late.",
        "scalar": b"7",
        "nocells": b'{"a": 1}',
    }
    for student, data in files.items():
        course.hand_in(student, data)
    course.autograde()
    for student in files:
        assert course.row(student).keys() == {"double", "report"}
        assert course.row(student)["report"] == 0.0  # untouched: nbgrader gives no points and asks nobody
        repairs = course.graded(student).metadata.ps8.repairs
        assert repairs and "notebook" in repairs[0]
        assert "raise NotImplementedError" in course.graded(student).cells[3].source


def test_a_link_is_not_followed(course, tmp_path):
    secret = tmp_path / "secret.ipynb"
    nbformat.write(solved(), secret)
    course.hand_in("eve", b"")
    link = course.root / "submitted" / "eve" / "ps8" / "ps8.ipynb"
    link.unlink()
    link.symlink_to(secret)
    course.autograde()
    assert "2 * x" not in course.graded("eve").cells[3].source
    assert "link" in course.graded("eve").metadata.ps8.repairs[0]


def test_an_untouched_report_scores_nothing_and_a_written_one_waits_for_a_person(course):
    release = nbformat.read(course.root / "release" / "ps8" / "ps8.ipynb", as_version=4)
    course.hand_in("blank", nbformat.writes(release).encode())
    course.hand_in("ada", nbformat.writes(solved()).encode())
    course.autograde()
    assert course.row("blank")["report"] == 0.0
    assert course.row("ada")["report"] is None
    assert course.graded("blank").metadata.ps8.repairs == []


def test_markers_in_an_answer_do_not_stop_the_feedback(course):
    notebook = solved()
    notebook.cells[3].source += "\n### BEGIN HIDDEN TESTS\n### BEGIN HIDDEN TESTS"
    notebook.cells[-1].source += "\n\n### END HIDDEN TESTS ### BEGIN MARK SCHEME"
    course.hand_in("eve", nbformat.writes(notebook).encode())
    course.autograde()
    course.feedback()
    page = (course.root / "feedback" / "eve" / "ps8" / "ps8.html").read_text()
    assert "I learned to double." in page


def test_the_plan_is_made_anew_when_the_source_changes(course):
    course.hand_in("ada", nbformat.writes(solved()).encode())
    course.autograde()
    path = course.root / "source" / "ps8" / "ps8.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells[0].source = "# Renamed"
    nbformat.write(source, path)
    course.autograde()
    assert course.graded("ada").cells[0].source == "# Renamed"


def test_repair_comes_first():
    assert SANITIZE[0] == "autograder.nbgrader_ext.repair.Repair"
