from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbjudge.grade.state import Graded, overlooked, students, submission_digest
from nbjudge.nbgrader_ext.config import configure
from traitlets.config import Config

from autograder.definition import at


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that knows a submission of ada."""
    configure(Config())  # finds the program that makes a gradebook
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as made:
        made.add_assignment("ps8")
        made.add_student("ada")
        made.add_submission("ps8", "ada")
    return path


@pytest.fixture
def course(tmp_path: Path, gradebook: Path) -> Path:
    folder = tmp_path / "submitted" / "ada" / "ps8"
    folder.mkdir(parents=True)
    (folder / "ps8.ipynb").write_text("{}")
    (tmp_path / "autograded" / "ada" / "ps8").mkdir(parents=True)
    shutil.copy(gradebook, tmp_path)
    return tmp_path


def test_a_noted_submission_is_up_to_date_until_something_changes(course: Path) -> None:
    graded = Graded(at(course))
    assert not graded.up_to_date("ada")
    graded.note("ada", graded.digest("ada"))
    assert graded.up_to_date("ada")
    (course / "submitted" / "ada" / "ps8" / "ps8.ipynb").write_text("{ }")
    assert not graded.up_to_date("ada")


def test_a_submission_that_is_due_at_another_time_is_graded_again(course: Path) -> None:
    """Its penalty was what it had been; `nbgrader autograde --force` said another."""
    graded = Graded(at(course))
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        changes = (
            lambda: gradebook.update_or_create_assignment("ps8", duedate=datetime(2026, 1, 1)),
            lambda: gradebook.update_or_create_submission("ps8", "ada", extension=timedelta(days=2)),
        )
        for change in changes:
            graded.note("ada", graded.digest("ada"))
            change()
            assert not graded.up_to_date("ada")
        graded.note("ada", graded.digest("ada"))
        gradebook.add_student("bob")
        gradebook.add_submission("ps8", "bob", extension=timedelta(days=3))
    assert graded.up_to_date("ada")


def test_without_its_result_a_submission_is_graded_again(course: Path) -> None:
    graded = Graded(at(course))
    graded.note("ada", graded.digest("ada"))
    (course / "autograded" / "ada" / "ps8").rmdir()
    assert not graded.up_to_date("ada")


def test_a_submission_that_the_gradebook_does_not_know_is_graded_again(course: Path) -> None:
    graded = Graded(at(course))
    graded.note("ada", graded.digest("ada"))
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.remove_submission("ps8", "ada")
    assert not graded.up_to_date("ada")
    (course / "gradebook.db").unlink()
    assert not graded.up_to_date("ada")
    assert not (course / "gradebook.db").exists()  # looking makes none


def test_while_it_is_being_graded_a_submission_is_not_up_to_date(course: Path) -> None:
    graded = Graded(at(course))
    graded.note("ada", graded.digest("ada"))
    assert graded.begun("ada") is None
    graded.begin("ada", {"a": [1]})
    assert not graded.up_to_date("ada")
    assert graded.begun("ada") == {"a": [1]}
    graded.note("ada", graded.digest("ada"))
    assert graded.up_to_date("ada")
    assert graded.begun("ada") is None


def test_a_damaged_note_counts_as_none(course: Path) -> None:
    graded = Graded(at(course))
    graded.note("ada", graded.digest("ada"))
    (at(course).graded / "ada.json").write_text('{"dig')
    assert not graded.up_to_date("ada")


def test_the_digest_follows_no_link_and_waits_for_no_pipe(course: Path) -> None:
    folder = course / "submitted" / "ada" / "ps8"
    before = submission_digest(folder)
    (folder / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    assert submission_digest(folder) != before


def test_students_are_the_folders_with_a_submission(course: Path) -> None:
    (course / "submitted" / "student02" / "other").mkdir(parents=True)
    (course / "submitted" / "notes.txt").write_text("")
    assert students(at(course)) == ["ada"]
    assert students(at(course / "nowhere")) == []


def test_what_is_nobodys_submission_is_named(tmp_path: Path) -> None:
    for folder in ("ada/ps8", "flat", "PS8dir/PS8"):
        (tmp_path / "submitted" / folder).mkdir(parents=True)
    for file in ("flat/ps8.ipynb", "loose.ipynb", ".gitkeep"):
        (tmp_path / "submitted" / file).write_text("")
    assert students(at(tmp_path)) == ["ada"]
    assert overlooked(at(tmp_path)) == ["PS8dir", "flat", "loose.ipynb"]
    assert overlooked(at(tmp_path / "nowhere")) == []


def test_the_secret_is_there_before_anything_is_noted(course: Path) -> None:
    """A key that is made later would change every note: a course's first grading was done twice."""
    before = Graded(at(course)).digest("ada")
    assert (course / "secret.key").exists()
    assert Graded(at(course)).digest("ada") == before
