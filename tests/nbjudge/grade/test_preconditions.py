"""A class is graded by one truth: what is on disk is what would be built, and what the gradebook counts."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbjudge.command import main
from nbjudge.grade.preconditions import NotBuilt, check_built, points_of_gradebook, points_of_source
from nbjudge.grade.register import NotRegistered, register_in_gradebook

from assignment.builder.course_config import load_course
from autograder import built, grading_config
from autograder.definition import at

from ..course import new_course


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return new_course(tmp_path)


def facts(monkeypatch: pytest.MonkeyPatch, **points: float) -> None:
    """Has course.toml say other points."""
    said = load_course()
    monkeypatch.setattr(grading_config, "course", lambda: replace(said, points={**said.points, **points}))


def change(course: Path, cell: str, **facts: object) -> None:
    path = course / "source" / "ps8" / "ps8.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    marked = [c["metadata"]["nbgrader"] for c in notebook["cells"] if "nbgrader" in c["metadata"]]
    (data,) = (data for data in marked if data["grade_id"] == cell)
    data.update(facts)
    path.write_text(json.dumps(notebook), "utf-8")


def test_the_repositorys_own_course_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    compare = built._differences
    monkeypatch.setattr(built, "_NOTED", str(tmp_path / "noted"))
    monkeypatch.setattr(built, "_differences", lambda: calls.append(1) or compare())
    check_built(at())
    check_built(at())
    assert calls == [1], "what was found to be right is not looked at again"
    (tmp_path / "noted").write_text("of other files")
    monkeypatch.setattr(built, "_differences", lambda: calls.append(2))
    check_built(at())
    assert calls == [1, 2]


def test_a_lesson_that_was_changed_is_refused_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assignment.builder.__main__ import Build

    made = Build()
    texts = {name: nbformat.from_dict(notebook) for name, notebook in made.notebooks.items()}
    texts["ps8"].cells[0].source += "\nA sentence more."
    monkeypatch.setattr(Build, "notebooks", texts)
    monkeypatch.setattr(built, "_NOTED", str(tmp_path / "noted"))
    with pytest.raises(NotBuilt) as refused:
        check_built(at())
    told = str(refused.value)
    assert "autograder/source/ps8/ps8.ipynb" in told and told.endswith("Run `make notebooks`.") and "\n" not in told


def test_other_points_are_refused(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    check_built(at(course))
    facts(monkeypatch, encoder=20)
    with pytest.raises(NotBuilt, match=r"`encoder` counts 10 and not 20\. Run `make notebooks`"):
        check_built(at(course))
    (course / "submitted" / "ada" / "ps8").mkdir(parents=True)
    assert main(["grade", "--course", str(course)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "make notebooks" in line


def test_a_question_of_which_course_toml_says_nothing_is_its_sources(course: Path) -> None:
    change(course, "encoder", grade_id="compression", points=5)
    check_built(at(course))


def test_a_source_that_cannot_be_read_is_refused(course: Path) -> None:
    (course / "source" / "ps8" / "ps8.ipynb").write_text("{")
    with pytest.raises(NotBuilt, match="cannot be read"):
        check_built(at(course))


def hand_in(course: Path) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("ps8", "ada")


def test_changed_points_are_taken_over_and_an_older_gradebook_is_brought_up_to_date(course: Path) -> None:
    assert register_in_gradebook(at(course)) and not register_in_gradebook(at(course))
    hand_in(course)
    change(course, "encoder", points=20)
    assert register_in_gradebook(at(course)) and points_of_gradebook(at(course)) == points_of_source(at(course))
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        gradebook.execute("UPDATE grade_cells SET max_score = 3")
    assert register_in_gradebook(at(course)) and points_of_gradebook(at(course)) == points_of_source(at(course))


def test_a_cell_that_was_added_after_grading_is_named_first_with_what_to_decide(course: Path) -> None:
    register_in_gradebook(at(course))
    hand_in(course)
    path = course / "source" / "ps8" / "ps8.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = new_code_cell("assert False", id="compression")
    cell.metadata.nbgrader = {"grade": True, "grade_id": "compression", "locked": True, "points": 5, "schema_version": 3}
    cell.metadata.nbgrader |= {"solution": False, "task": False}
    notebook.cells.append(cell)
    nbformat.write(notebook, path)
    with pytest.raises(NotRegistered) as refused:
        register_in_gradebook(at(course))
    told = str(refused.value)
    assert told.startswith("Since the class was first graded the cell `compression` (ps8.ipynb) was added to source/ps8.")
    assert "Take the change back; or" in told and "\n" not in told


def test_a_gradebook_of_the_release_with_one_report_is_refused_with_what_to_type(course: Path) -> None:
    path = course / "source" / "ps8" / "ps8.ipynb"
    now = path.read_text("utf-8")
    notebook = nbformat.reads(now, as_version=4)
    boxes = [cell for cell in notebook.cells if cell.get("id", "").startswith("report_")]
    assert len(boxes) == 7  # five boxes, a table and its test
    notebook.cells = [cell for cell in notebook.cells if cell not in boxes[1:]]
    boxes[0].metadata.nbgrader |= {"grade_id": "report", "points": 10}
    nbformat.write(notebook, path)
    register_in_gradebook(at(course))
    hand_in(course)
    path.write_text(now, "utf-8")
    with pytest.raises(NotRegistered) as refused:
        register_in_gradebook(at(course))
    told = str(refused.value)
    assert (
        "`report` (ps8.ipynb) was taken from" in told and "`report_bet` (ps8.ipynb)" in told and "and 4 more were added" in told
    )
    assert "`nbgrader export`" in told and "\n" not in told


def test_what_nbgrader_refuses_otherwise_is_said_in_a_line(course: Path) -> None:
    change(course, "encoder", points=-1)
    with pytest.raises(NotRegistered) as refused:
        register_in_gradebook(at(course))
    assert str(refused.value).startswith("nbgrader cannot take over source/ps8: ") and "\n" not in str(refused.value)
