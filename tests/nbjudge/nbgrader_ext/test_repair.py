"""The repair inside nbgrader: a course directory, submissions in every state, and nbgrader's own Autograde."""

from __future__ import annotations

import logging
import os

import nbformat
from nbjudge.nbgrader_ext.config import SANITIZE
from nbrepair.rebuild import BLANK

from trials.broken_files import BREAKS

from .small import solved

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
    assert course.graded("ada").metadata.nbjudge.repairs == ["The test cell of 1.1 (double) was missing: restored."]
    assert course.graded("student07").metadata.nbjudge.repairs == []
    assert course.graded("student07").metadata.nbjudge.unreadable is False


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
        repairs = course.graded(student).metadata.nbjudge.repairs
        assert repairs and "notebook" in repairs[0]
        assert course.graded(student).metadata.nbjudge.unreadable == (student != "cut")  # of that one the beginning is read
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
    assert any("is a link" in remark for remark in course.graded("eve").metadata.nbjudge.repairs)


def test_the_worked_file_is_taken_as_autograder_grade_does(course):
    release = nbformat.read(course.root / "release" / "ps8" / "ps8.ipynb", as_version=4)
    course.hand_in("ada", nbformat.writes(release).encode())
    nbformat.write(solved(), course.root / "submitted" / "ada" / "ps8" / "my work.txt")
    course.autograde()
    assert course.row("ada")["double"] == 10.0
    assert "my work.txt was taken, not ps8.ipynb" in course.graded("ada").metadata.nbjudge.repairs[0]


def test_an_untouched_report_scores_nothing_and_a_written_one_waits_for_a_person(course):
    release = nbformat.read(course.root / "release" / "ps8" / "ps8.ipynb", as_version=4)
    course.hand_in("blank", nbformat.writes(release).encode())
    course.hand_in("ada", nbformat.writes(solved()).encode())
    course.autograde()
    assert course.row("blank")["report"] == 0.0
    assert course.row("ada")["report"] is None
    assert course.graded("blank").metadata.nbjudge.repairs == [BLANK]


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
    assert SANITIZE[0] == "nbjudge.nbgrader_ext.repair.Repair"
