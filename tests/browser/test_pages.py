"""Every page that nbjudge makes, in a real browser: WCAG 2.1 AA, and nothing runs, loads or sticks out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .accessibility import problems
from .course import ALL_WRONG

pytestmark = pytest.mark.slow

PAGES = {
    "all wrong, all kinds of Markdown": f"feedback/{ALL_WRONG.name}/ps8/ps8.html",
    "the optional notebook": f"feedback/{ALL_WRONG.name}/ps8/nce.html",
    "the class": "class_report.html",
}
OTHERS = ("ada", "student02", "student06")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_stands_alone(course: Path, browser: Browser, name: str) -> None:
    assert problems(browser, (course / PAGES[name]).as_uri()) == {}


@pytest.mark.parametrize("student", OTHERS)
def test_the_page_of_another_student(course: Path, browser: Browser, student: str) -> None:
    """Without the lesson's text, which is the same on all."""
    page = course / "feedback" / student / "ps8" / "ps8.html"
    assert problems(browser, page.as_uri(), {"exclude": [".lesson", "details"]}) == {}
