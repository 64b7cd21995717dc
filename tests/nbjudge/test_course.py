"""Finding a course, reading its configuration, and what happens where that cannot be read: nothing is run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from nbjudge.assignment import Assignment, PlainFacts, named
from nbjudge.course import NoCourse, course_directory, workspace
from nbjudge.grade.preconditions import NotBuilt, points, points_of_gradebook, points_of_source
from nbjudge.grade.register import register_in_gradebook
from nbjudge.grade.state import grader_digest, overlooked
from nbjudge.judge.values import ByValues
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.pages.rows import question_rows
from nbjudge.reports.class_report import class_report
from nbjudge.reports.scores import Sheet, StudentScores
from nbjudge.skeleton import write_assignment
from nbjudge.workspace import Workspace, assignments_of

from .course import nbgrader

LINES = "from nbjudge import configure\nconfigure(get_config())\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(LINES)
    write_assignment(root, "ps1")
    return root


def test_a_course_is_found_here_above_and_below(course: Path, tmp_path: Path) -> None:
    for start in (course, course / "source" / "ps1", tmp_path):
        assert course_directory(start) == course
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "nbgrader_config.py").touch()
    with pytest.raises(NoCourse, match="several courses below"):
        course_directory(tmp_path)


def test_what_jupyter_leaves_is_no_assignment(course: Path) -> None:
    (course / "source" / ".ipynb_checkpoints").mkdir()
    (course / "source" / ".ipynb_checkpoints" / "header.ipynb").touch()
    assert assignments_of(course) == ["ps1"] and workspace(course).id == "ps1"
    assert workspace(course).output("grades.csv").name == "grades.csv"


def test_a_module_beside_the_configuration_is_found_and_an_earlier_course_forgotten(course: Path) -> None:
    module = "from nbjudge.judge.values import ByValues\nPS1 = ByValues('ps1', {'mean': {'1': 1}})\n"
    (course / "of_this_test.py").write_text(module)
    told = "from of_this_test import PS1\nfrom nbjudge import configure\nconfigure(get_config(), PS1)\n"
    (course / "nbgrader_config.py").write_text(told)
    assert isinstance(workspace(course).assignment, ByValues)
    (course / "nbgrader_config.py").write_text(LINES)
    assert type(workspace(course).assignment) is Assignment


@pytest.mark.parametrize("broken", ["from nowhere import X\n", "this is no Python\n", "raise SystemExit('enough')\n"])
def test_a_configuration_that_cannot_be_read_is_said(course: Path, broken: str) -> None:
    (course / "nbgrader_config.py").write_text(LINES + broken)
    with pytest.raises(NoCourse):
        workspace(course)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("submitted_directory = 'handed_in'", "CourseDirectory.submitted_directory to 'handed_in', not 'submitted'"),
        ("directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'", "CourseDirectory.directory_structure to"),
        ("student_id_exclude = 'ada'", "CourseDirectory.student_id_exclude to 'ada'"),
        ("root = '/srv/other'", "CourseDirectory.root to '/srv/other', not to its own folder"),
        ("db_url = 'postgresql://me:password@host/db'", "keeps the gradebook in a database of 'postgresql', not in a file"),
        ("db_url = 'sqlite://'", "not in a file of SQLite's"),
        ("db_url = 'sqlite:///a.db?mode=ro'", "not in a file of SQLite's"),
    ],
)
def test_a_layout_that_is_not_followed_is_refused_in_a_sentence(course: Path, setting: str, said: str) -> None:
    """The commands looked in the usual places, found nobody there, and said that there was nobody."""
    (course / "nbgrader_config.py").write_text(f"{LINES}c = get_config()\nc.CourseDirectory.{setting}\n")
    with pytest.raises(NoCourse) as refused:
        workspace(course)
    assert said in str(refused.value) and "`nbgrader autograde`" in str(refused.value) and "password" not in str(refused.value)


def test_a_gradebook_elsewhere_is_followed(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = workspace(course)
    assert usual.gradebook == course / "gradebook.db"
    monkeypatch.chdir(tmp_path)  # nbgrader starts in the course directory, and a relative address from there
    for address, path in (("sqlite:///all.db", course / "all.db"), (f"sqlite:///{tmp_path}/kept.db", tmp_path / "kept.db")):
        (course / "nbgrader_config.py").write_text(f"{LINES}get_config().CourseDirectory.db_url = {address!r}\n")
        here = workspace(course)
        assert here.gradebook == path and course_config(course).CourseDirectory.db_url == here.database
        assert register_in_gradebook(here)
        assert points_of_gradebook(here) == points_of_source(here) != {}
        assert path.is_file() and not usual.gradebook.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        LINES + "from nowhere import X\n",
        f"from nbjudge import guarded\nwith guarded():\n    from nowhere import X\n{LINES}",
        LINES + "get_config().Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']\n",
    ],
    ids=["after", "guarded", "another"],
)
def test_nothing_runs_without_a_jail_where_the_configuration_is_lost(course: Path, text: str) -> None:
    """Nbgrader logs what its configuration raises, and goes on as if there were none."""
    assert nbgrader(course, "generate_assignment", "ps1").returncode == 0
    mark = course.parent / "mark"
    notebook = course / "submitted" / "example-right" / "ps1" / "ps1.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("return sum", f"open('{mark}', 'w').close(); return sum"), "utf-8")
    (course / "nbgrader_config.py").write_text(text)
    assert nbgrader(course, "autograde", "ps1", "--student", "example-right").returncode != 0
    assert not mark.exists()


def test_what_decides_a_score_is_in_the_key(course: Path) -> None:
    def digest(assignment: Assignment) -> str:
        return grader_digest(Workspace(course, assignment))

    judge = ByValues("ps1", {"mean": {"mean([1])": 1}})
    assert digest(judge) == digest(ByValues("ps1", {"mean": {"mean([1])": 1}}))
    assert digest(judge) != digest(ByValues("ps1", {"mean": {"mean([1])": 2}})) != digest(Assignment("ps1"))


def test_assignments_are_equal_by_what_they_say() -> None:
    assert Assignment("ps1") == Assignment("ps1") != Assignment("ps2")
    assert ByValues("ps1", {"a": {"1": 1}}) != ByValues("ps1", {"a": {"1": 2}})
    assert named("of this test") is named("of this test")


def test_who_handed_in_another_assignment_is_not_overlooked(course: Path) -> None:
    write_assignment(course, "ps2")
    (course / "submitted" / "bob" / "ps2").mkdir(parents=True)
    (course / "submitted" / "eve").mkdir()
    assert overlooked(Workspace(course, Assignment("ps1"))) == ["eve"]


def test_two_questions_of_one_name_are_refused_by_the_table(course: Path) -> None:
    folder = course / "source" / "ps1"
    (folder / "second.ipynb").write_bytes((folder / "ps1.ipynb").read_bytes())
    with pytest.raises(NotBuilt, match=r"stands in second\.ipynb and in another notebook"):
        points(Workspace(course, Assignment("ps1")))


def test_a_deadline_has_a_zone() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        PlainFacts("ps1", deadline=datetime(2027, 1, 1))


def test_a_test_that_is_worth_nothing_breaks_no_report(course: Path) -> None:
    sheet = Sheet(Assignment("ps1"), {"mean": 0.0, "words": 1.0})
    of_all = [StudentScores(name, {"mean": 0.0, "words": share}) for name, share in (("ada", 1.0), ("bob", 0.5), ("eve", 0.0))]
    page = class_report(of_all, Workspace(course, Assignment("ps1")), sheet)
    assert "<td>ada</td>" in page
    nothing = Sheet(Assignment("ps1"), {"mean": 0.0})
    assert class_report([StudentScores("ada", {"mean": 0.0})], Workspace(course, Assignment("ps1")), nothing)


def test_a_task_has_its_row_and_its_comment_on_the_page() -> None:
    facts = {"grade_id": "drawing", "task": True, "grade": False, "solution": False, "locked": True, "points": 5, "score": 4}
    task = new_markdown_cell("Draw.", metadata={"nbgrader": {**facts, "schema_version": 3, "comment": "a lovely drawing"}})
    (row,) = question_rows(new_notebook(cells=[task]), Assignment("ps1"), "ps1")
    assert (row.id, row.score, row.points) == ("drawing", 4, 5) and "a lovely drawing" in row.comments[0]
