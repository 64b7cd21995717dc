"""The page through nbgrader's own `generate_feedback`."""

from __future__ import annotations

import re

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook

from ..harmless import dangers
from .small import solved

ATTACK = "<script>alert(1)</script> ![plot](attachment:lost.png) [x](javascript:alert(1))"


def page(course, student: str) -> str:
    return (course.root / "feedback" / student / "ps8" / "ps8.html").read_text("utf-8")


def test_scores_comments_and_state_come_from_the_gradebook(course):
    course.hand_in("ada", nbformat.writes(solved()).encode())
    course.autograde()
    course.feedback()
    assert "10 of 20 points" in page(course, "ada") and "Waits for a person" in page(course, "ada")
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "ps8") as gradebook:
        grade = gradebook.find_grade("report", "ps8", "ps8", "ada")
        grade.manual_score, grade.needs_manual_grade = 7.5, False
        gradebook.find_comment("report", "ps8", "ps8", "ada").manual_comment = "Half of it **convinces**."
        gradebook.db.commit()
    course.feedback()
    assert "17.5 of 20 points" in page(course, "ada")
    assert "<strong>convinces</strong>" in page(course, "ada")


def test_hidden_tests_are_not_in_it(course):
    course.hand_in("ada", nbformat.writes(solved()).encode())
    course.autograde()
    course.feedback()
    told = re.sub(r"<[^>]*>", "", page(course, "ada"))
    assert "double(-1)" not in told and "HIDDEN" not in told
    assert "return 2 * x" in told  # the student's own answer


def test_active_content_stops_nobodys_feedback(course):
    """An image that was never attached made nbconvert raise, and the student had no feedback at all."""
    notebook = solved()
    notebook.cells[-1].source += ATTACK
    notebook.cells[3].source += f"\n# {ATTACK}"
    notebook.cells.append(new_markdown_cell(ATTACK))
    course.hand_in("eve", nbformat.writes(notebook).encode())
    course.hand_in("ada", nbformat.writes(solved()).encode())
    course.autograde()
    course.feedback()
    assert dangers(page(course, "eve")) == []
    assert "alert(1)" in page(course, "eve")  # shown as it was typed
    assert page(course, "ada")


def test_an_untouched_report_is_not_started(course):
    release = nbformat.read(course.root / "release" / "ps8" / "ps8.ipynb", as_version=4)
    course.hand_in("blank", nbformat.writes(release).encode())
    course.autograde()
    course.feedback()
    assert "Not started" in page(course, "blank")
