"""nbgrader's own Autograde and GenerateFeedback on odd names, and on submissions that cannot be graded anew."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import Autograde, GenerateFeedback, NbGraderException
from nbjudge.nbgrader_ext.course_directory import only

from .small import solved

ODD = [
    "[a]",
    "a*b",
    "a?b",
    "line\nend",
    "esc\x1b[31m",
    "\t two  ",
    "x" * 255,
    "e\u0301",
    "\xe9",
    "Ada",
    "*",
    "[!a]",
    "{student_id}",
    "-rf",
]
NEIGHBOURS = ["a", "axb", "ada"]  # that a pattern would match


def run(course, converter: type, student: str = "*") -> None:
    course._run(converter, student=student)


def page(course, student: str) -> Path:
    return Path(course.root, "feedback", student, "ps8", "ps8.html")


def test_odd_names_are_graded_one_by_one_and_nobody_else_is(course):
    for name in [*ODD, *NEIGHBOURS]:
        course.hand_in(name, nbformat.writes(solved()).encode())
    for name in ODD:
        for converter in (Autograde, GenerateFeedback):
            run(course, converter, only(name))
            assert [path.split("/")[-2] for path in course.converter.assignments] == [name]
        assert course.row(name)["double"] == 10
        assert page(course, name).is_file()
    assert set(os.listdir(course.root / "autograded")) == set(ODD)


def test_a_students_links_lead_nowhere(course):
    """Nbgrader follows them, and gives what they lead to back with the feedback: the gradebook, say, or another's answers."""
    course.hand_in("eve", nbformat.writes(solved()).encode())
    folder = course.root / "submitted" / "eve" / "ps8"
    os.symlink(course.root / "gradebook.db", folder / "mine.db")
    os.symlink("nowhere", folder / "data.csv")  # nbgrader alone gives up on the student
    os.link(course.root / "source" / "ps8" / "ps8.ipynb", folder / "hard.txt")
    (folder / "plots").mkdir()
    (folder / "plots" / "a.txt").write_text("my own")
    (folder / "timestamp.txt").write_text("2026-12-01 10:00:00 UTC")
    course.autograde()
    assert course.row("eve")["double"] == 10
    there = course.root / "autograded" / "eve" / "ps8"
    assert sorted(os.listdir(there)) == ["plots", "ps8.ipynb", "timestamp.txt"]
    course.feedback()
    assert (course.root / "feedback" / "eve" / "ps8" / "plots" / "a.txt").read_text() == "my own"
    course.autograde()  # over what nbgrader has made unwritable
    assert (there / "plots" / "a.txt").read_text() == "my own"


def test_odd_names_do_not_stop_the_batch(course):
    for name in [*ODD, *NEIGHBOURS]:
        course.hand_in(name, nbformat.writes(solved()).encode())
    for converter in (Autograde, GenerateFeedback):
        run(course, converter)
    assert all(course.row(name)["double"] == 10 and page(course, name).is_file() for name in [*ODD, *NEIGHBOURS])


def test_a_name_goes_before_a_pattern(course):
    """As formgrader asks for it: by the name alone."""
    for name in ["[a]", "a"]:
        course.hand_in(name, nbformat.writes(solved()).encode())
    run(course, Autograde, "[a]")
    assert os.listdir(course.root / "autograded") == ["[a]"]


def test_a_course_may_lie_in_a_folder_with_an_odd_name(course):
    course.hand_in("ada", nbformat.writes(solved()).encode())
    odd = course.root.with_name("course [2026] *")
    course.root.rename(odd)
    course.root = odd
    course.config.CourseDirectory.root = str(odd)
    run(course, Autograde)
    assert course.row("ada")["double"] == 10


@pytest.fixture
def graded(course):
    """A course in which ada was graded, with ten points."""
    course.hand_in("ada", nbformat.writes(solved()).encode())
    run(course, Autograde)
    return course


def hand_in_folder(course) -> Path:
    return Path(course.root, "submitted", "ada", "ps8")


def spoil_by_name(folder: Path) -> None:
    (folder / "ps8.ipynb").rename(folder / "ps8-2.ipynb")


def spoil_by_a_pair(folder: Path) -> None:
    """Nbgrader would give the main notebook no points, and grade the other one."""
    nbformat.write(solved(), folder / "nce.ipynb")
    spoil_by_name(folder)


@pytest.mark.parametrize("spoil", [spoil_by_name, spoil_by_a_pair])
def test_what_cannot_be_graded_anew_keeps_notebook_and_score(graded, spoil):
    before = graded.graded("ada")
    spoil(hand_in_folder(graded))
    with pytest.raises(NbGraderException):
        run(graded, Autograde, "ada")
    assert graded.graded("ada") == before
    assert graded.row("ada")["double"] == 10
    assert os.listdir(graded.root / "autograded" / "ada") == ["ps8"]


def test_another_name_is_said_with_what_to_do(graded, caplog):
    spoil_by_name(hand_in_folder(graded))
    with pytest.raises(NbGraderException):
        run(graded, Autograde, "ada")
    assert "ps8-2.ipynb may be the main notebook of 'ada'" in caplog.text and "nbjudge grade ps8" in caplog.text


def test_it_is_graded_anew_once_it_can_be(graded):
    spoil_by_name(hand_in_folder(graded))
    with pytest.raises(NbGraderException):
        run(graded, Autograde, "ada")
    notebook = solved()
    notebook.cells[-1].source = "Another report."
    nbformat.write(notebook, hand_in_folder(graded) / "ps8.ipynb")
    run(graded, Autograde, "ada")
    assert graded.graded("ada").cells[-1].source == "Another report."
    assert os.listdir(graded.root / "autograded" / "ada") == ["ps8"]


def test_ctrl_c_leaves_what_was_graded(graded, monkeypatch):
    before = graded.graded("ada")

    def pressed(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Autograde, "convert_single_notebook", pressed)
    with pytest.raises(KeyboardInterrupt):
        run(graded, Autograde, "ada")
    assert graded.graded("ada") == before


def test_a_grader_that_was_killed_in_the_middle_leaves_the_whole_notebook(graded, monkeypatch):
    """The half of a notebook does not take the place of the one that was set aside for it."""
    before, folder = graded.graded("ada"), Path(graded.root, "autograded", "ada", "ps8")
    folder.rename(folder.with_name(".before-ps8"))
    folder.mkdir()
    (folder / "ps8.ipynb").write_text("{")
    spoil_by_name(hand_in_folder(graded))
    with pytest.raises(NbGraderException):
        run(graded, Autograde, "ada")
    assert graded.graded("ada") == before
