"""How much a page says: before the deadline no number of the grader's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import deviations
from nbjudge.pages.levels import MOST, level, redacted

from autograder import grading_config
from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.questions import QUESTIONS

SEED = 20_261


def reasons(mistake: Misconception) -> list[str]:
    """All that the criteria say of a known mistake, as of one that is not known."""
    asked, right = QUESTIONS[mistake.question], reference.evidence(mistake.question, SEED)
    actual = reference.fresh_evidence(mistake.question, SEED, mistake.edits)
    return [outcome.reason for _, outcome in deviations(asked, Case(actual, right, SEED)) if outcome.reason]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z_]+", re.sub(r"[\d.]+", "", text))


@pytest.mark.parametrize("mistake", catalogue(), ids=lambda mistake: mistake.id)
def test_a_reason_keeps_its_words_and_loses_its_numbers(mistake: Misconception) -> None:
    for reason in reasons(mistake):
        public = redacted(reason)
        assert not re.search(r"\d\.\d|\d{5}|\de[-+]\d", public), public
        assert not re.search(r"expected -?[\d.,e+-]+, actual -?[\d.,e+-]+$", public), public
        assert len(public) <= MOST
        assert words(public)[:2] == words(reason)[:2]


@pytest.mark.parametrize(
    ("reason", "public"),
    [
        ("the loss: expected 3.243, actual 0", "the loss: the numbers differ"),
        ("expected 3.25, actual 4.5", "the numbers differ"),
        ("the loss: expected 149, actual -149", "the loss: the numbers differ"),
        ("Z: expected 7.3e+11, actual inf", "Z: the numbers differ"),
        (
            "scores: 28 of 28 entries differ; the first at [0, 1, 0]: expected -0.30461, actual 4",
            "scores: 28 of 28 entries differ; the first at [0, 1, 0]: the numbers differ",
        ),
        ("features: expected shape (3, 384), actual (3, 24)", "features: expected shape (3, 384), actual (3, 24)"),
        ("expected 42,156 parameters, actual 168", "expected 42,156 parameters, actual 168"),
        ("ValueError in forward, line 12: tensor([[0.25, -1.5e-3]])", "ValueError in forward, line 12: tensor([[…, …]])"),
        ("ValueError in forward, line 3: 4611686018427387847", "ValueError in forward, line 3: …"),
        ("ValueError in forward, line 3: first\nsecond", "ValueError in forward, line 3: first"),
    ],
)
def test_what_stays_and_what_goes(reason: str, public: str) -> None:
    assert redacted(reason) == public


@pytest.mark.parametrize("sign", ["0123456789", "abcdef", "ABCxyz+/", "a b "])
def test_a_students_words_are_short(sign: str) -> None:
    assert len(redacted("ValueError in forward, line 3: " + sign * 1000)) <= MOST


@pytest.mark.parametrize(
    ("told", "before", "after"), [("auto", "reason", "full"), ("full",) * 3, ("reason",) * 3, (None, "reason", "full")]
)
def test_the_level_is_the_courses(told: str | None, before: str, after: str) -> None:
    course = replace(grading_config.course(), **({} if told is None else {"feedback_level": told}))  # type: ignore[arg-type]
    assert level(course, course.deadline - timedelta(minutes=1)) == before
    assert level(course, course.deadline + timedelta(minutes=1)) == after
