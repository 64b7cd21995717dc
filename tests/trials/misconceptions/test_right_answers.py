"""Right answers written differently: full marks from the judge, and nothing to say for the student's check."""

from __future__ import annotations

import pytest

from autograder.questions import QUESTIONS
from trials.misconceptions.evaluation import measure_right, refused
from trials.misconceptions.rewriting import RightAnswer, chatty, from_reference, renamed, right_answers, written_by_hand

SEED = 97_531
BY_HAND = [answer for question in QUESTIONS for answer in written_by_hand(question)]


@pytest.mark.parametrize("answer", BY_HAND, ids=lambda a: a.id)
def test_an_answer_written_by_hand_is_right(answer: RightAnswer) -> None:
    verdict = measure_right(answer, SEED)
    assert verdict.score == verdict.points, verdict.lines
    assert not refused(answer)


def test_there_are_many_and_each_is_another_text() -> None:
    answers = right_answers()
    assert len(BY_HAND) >= 100 and len(answers) >= 300
    assert len({answer.text for answer in answers}) == len({answer.id for answer in answers}) == len(answers)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_rewritten_reference_is_right(question: str) -> None:
    text = from_reference(question).text
    for rewrite in (renamed, chatty):
        written = rewrite(text)
        assert written != text
        verdict = measure_right(RightAnswer(f"{question}.rewritten", question, written), SEED)
        assert verdict.score == verdict.points, verdict.lines


def test_renaming_leaves_arguments_alone() -> None:
    text = renamed("def f(x, k=1):\n    total = x + k\n    y = total * 2\n    return y\n")
    assert " total" not in text and "def f(x, k=1)" in text
    names: dict = {}
    exec(text, names)
    assert names["f"](3) == 8
