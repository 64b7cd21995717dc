"""The student's check and the judge agree, over every known mistake and every right answer written by hand."""

from __future__ import annotations

import pytest

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.questions import QUESTIONS
from trials.misconceptions.evaluation import PASSED, checked, hint_of, judged_variant, measure_right, refused
from trials.misconceptions.rewriting import written_by_hand

SEED = 13_579


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_check_passes_loses_nothing_and_what_it_refuses_is_not_full(question: str) -> None:
    """But for what the catalogue lists as unseen in public, with its reason."""
    apart = {}
    for mistake in (m for m in catalogue() if m.question == question and not m.unseen):
        lost, _ = judged_variant(mistake, SEED)
        cause = hint_of(mistake)
        if (cause == PASSED) != (lost == 0):
            apart[mistake.id] = (lost, cause)
    assert not apart


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_right_answers_pass_both(question: str) -> None:
    answers = written_by_hand(question)
    assert answers
    for answer in answers:
        verdict = measure_right(answer, SEED)
        assert verdict.score == verdict.points, (answer.id, verdict.lines)
        assert not refused(answer), answer.id


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_reference_passes_both(question: str) -> None:
    assert checked(question, reference.namespace()) == PASSED
