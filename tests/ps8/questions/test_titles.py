"""A question's title stands once, in its `question.toml`; what has to stay apart, the lesson's headings, is held against it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from ps8.checks.hints import TITLES
from ps8.questions import ROOMS

from assignment.builder.__main__ import Build
from assignment.builder.anchors import anchored
from assignment.builder.lesson_cells import Check
from assignment.builder.lesson_notebooks import build_notebooks
from autograder.questions import QUESTIONS

NUMBER = re.compile(r"\d+(\.\d+)*(?= )")


@pytest.fixture(scope="module")
def headings() -> Iterator[dict[str, str]]:
    """Question -> the heading of its section in the lesson."""
    yield {name: title for page in build_notebooks().values() for name, title in anchored(page, ROOMS).items()}


@pytest.mark.parametrize("question", ROOMS)
def test_a_title_has_the_number_of_the_lesson_s_heading_or_its_words(question: str, headings: dict[str, str]) -> None:
    title, heading = TITLES[question], headings[question]
    told = NUMBER.match(title)
    if told:
        assert heading.startswith(f"{told[0]} ")
    else:
        assert NUMBER.match(heading) is None
        assert title in (heading, ROOMS[question].defines[0])


def test_titles_come_in_the_order_of_the_lesson() -> None:
    asked = [cell.question for lesson in Build().lessons for cell in lesson.cells if isinstance(cell, Check)]
    numbered = [name for name in TITLES if NUMBER.match(TITLES[name])]
    assert numbered == [name for name in asked if name in numbered]


def test_the_judge_has_no_titles_of_its_own() -> None:
    assert {name: question.title for name, question in QUESTIONS.items()} == {name: TITLES[name] for name in QUESTIONS}
