"""Answers to the questions to think about: each question one, in the book alone, from the deadline on."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from assignment.builder.__main__ import Build
from assignment.builder.course_config import load_course
from assignment.builder.leaks import find_leaks
from assignment.builder.lesson_notebooks import text_of
from assignment.builder.problem import BuildError
from assignment.builder.publish import Sources, publish
from assignment.builder.think_answers import ThinkAnswer, load_answers, problems, secrets, with_answers

QUESTIONS = "> **Think.** What is two?\n>\n> **Think, before it runs.** What is *three*?\n\nMore."
FILE = """\
## What is two
The number after one, or {{ cfg }} in all, however it is *written down* by anybody.

## What is *three*
More.
"""


@pytest.fixture
def found(tiny) -> list[ThinkAnswer]:
    lessons = tiny.lessons()
    assert load_answers({}, lessons) == {"ps8": []}
    file = tiny.folder / "answers" / "ps8.md"
    file.parent.mkdir()
    file.write_text(FILE)
    with pytest.raises(BuildError, match=r"ps8.md:2: .*cfg"):
        load_answers({}, lessons)
    return load_answers({"cfg": 2}, lessons)["ps8"]


def test_an_answer_is_folded_below_its_question(found):
    page = with_answers(QUESTIONS, found)
    two = "::::{dropdown} An answer\nThe number after one, or 2 in all, however it is *written down* by anybody.\n::::\n"
    assert page.startswith(f"> **Think.** What is two?\n\n{two}")
    assert page.index("What is *three*?\n\n::::{dropdown} An answer\nMore.") > 0 and page.endswith("\n\nMore.")
    assert with_answers(QUESTIONS, []) == QUESTIONS


def test_what_is_asked_and_what_is_answered_fit(tiny, found):
    tiny.change(tiny.lesson, "For {{ course.name }}", f"{QUESTIONS}\n\nFor {{{{ course.name }}}}")
    (lesson,) = tiny.lessons()
    assert problems([lesson], {"ps8": found}) == []
    assert problems([lesson], {}) == []  # a lesson without a file of answers
    (missing, unknown) = problems([lesson], {"ps8": [found[0], ThinkAnswer("Why", "", found[0].path, 9, ())]})
    assert "this question to think about has 0 answers" in str(missing) and "## What is *three*?" in str(missing)
    assert "## Why is the beginning of 0 questions" in str(unknown)
    twice = problems([lesson], {"ps8": [ThinkAnswer("What is", "x", found[0].path, 1, (2,))]})
    assert any("is the beginning of 2 questions" in str(problem) for problem in twice)


@pytest.mark.parametrize(
    "page", ["{}", "<p>{}</p>", "<p>The number after one, or 2 in all, however it is <em>written down</em></p>"]
)
def test_an_answer_is_known_again_on_a_page(found, page):
    held = page.format(found[0].text.strip()).encode()
    (leak,) = find_leaks({"docs/ps8.html": held}, secrets({"ps8": found}))
    assert leak.secret == "The number after one, or 2 in all, however it is"


def test_every_answer_of_the_course_would_be_known_again_and_none_is_in_a_notebook():
    build = Build()
    assert all(build.answers[lesson.name] for lesson in build.lessons)
    known = secrets(build.answers)
    for found in build.answers.values():
        for answer in found:
            assert {s.line for s in known if s.path == answer.path} & set(answer.lines), answer.begins
    texts = {name: text_of(notebook).encode() for name, notebook in build.notebooks.items()}
    assert [leak for leak in find_leaks(texts, known) if "/answers/" in leak.origin] == []


@pytest.mark.parametrize(("hours", "show", "place", "passes"), [
    (1, "deadline", "docs", True),
    (-1, "deadline", "docs", False),
    (1, "never", "docs", False),
    (1, "deadline", "assignment/ps8", False),
])  # fmt: skip
def test_publish_lets_them_pass_in_the_book_and_from_the_deadline_on(tiny, found, tmp_path, hours, show, place, passes):
    tiny.change(tiny.toml, "[points]", f'[answers]\nshow = "{show}"\n\n[points]')
    course = tiny.course()
    now = (course.deadline + timedelta(hours=hours)).astimezone(timezone.utc)
    book, kit, license = (tmp_path / name for name in ("html", "kit", "LICENSE"))
    for folder in (book, kit):
        folder.mkdir()
    license.write_text("Do as you like.\n")
    (book / "index.html").write_text("A book.")
    held = {"docs": book / "ps8.html", "assignment/ps8": kit / "help.py"}[place]
    held.write_text(found[0].text)
    sources, notebook = Sources(book, kit, license), '{"cells": [{"source": []}]}'
    arguments = (tmp_path / "public", course, {"ps8": notebook}, [], sources, True, secrets({"ps8": found}), now)
    if passes:
        assert Path("docs/ps8.html") in publish(*arguments)
        return
    with pytest.raises(BuildError, match="Answers to the questions to think about are for the book alone"):
        publish(*arguments)
    assert not (tmp_path / "public").exists()


def test_the_course_shows_them_from_the_deadline_on():
    course = load_course()
    assert course.answers == "deadline"
    assert not course.shows_answers(course.deadline - timedelta(seconds=1)) and course.shows_answers(course.deadline)
    assert not course.shows_answers(datetime(2026, 12, 12, 4, 0, tzinfo=timezone.utc))  # the deadline is 23:59 at UTC-5
