"""Mistakes together: an answer with one more is never better."""

from __future__ import annotations

import json

import pytest
from nbjudge.judge.severity import Severity

from autograder.catalogue import catalogue
from autograder.questions import QUESTIONS
from trials.mutants.combined import KINDS, combinations_of, includes, known_answer, together
from trials.mutants.mutation_score import OUT
from trials.mutants.trial import try_answer

SEED = 20_261


def test_the_sample_is_the_same_each_time_and_holds_every_kind() -> None:
    found = combinations_of("nce", 3)
    assert found == combinations_of("nce", 3)
    assert [sum(one.kind == kind for one in found) for kind in KINDS] == [3, 3, 3]
    assert {len(one.parts()) for one in found} == {2, 3}


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_mistakes_together_never_score_full_marks(question: str) -> None:
    tried = [together(one, SEED) for one in combinations_of(question, 4)]
    assert not [one.what for one in tried if one.full]


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_who_is_worse_in_every_respect_never_scores_more(question: str) -> None:
    """Over all known mistakes, and a sample of them together, by what the criteria find of each.

    Where an answer of several mistakes has their names, their costs stand in place of the criteria's: it is compared
    with others that have names.
    """
    answers = [known_answer(question, (m,)) for m in catalogue() if m.question == question]
    answers += [known_answer(question, one.known) for one in combinations_of(question, 6) if not one.mutant]
    tried = {a.id: try_answer(a, SEED) for a in answers if a is not None}
    more = [
        (worse, better)
        for worse, one in tried.items()
        for better, two in tried.items()
        if (" + " not in worse + better or bool(one.verdict.mistakes) == bool(two.verdict.mistakes))
        and two.verdict.score
        and includes(one.deviations, two.deviations)
        and one.verdict.score > two.verdict.score + 1e-9
    ]
    assert not more


def test_worse_in_every_respect_means_each_deviation_as_grave() -> None:
    one, two = {"a": Severity.OTHER_NUMBERS}, {"a": Severity.LEARNS_ELSE, "b": Severity.NOT_GENERAL}
    assert includes(two, one) and not includes(one, two) and includes(one, one)


def test_what_was_measured_has_no_wrong_survivor() -> None:
    found = json.loads(OUT.read_text())
    assert found["full_marks_and_not_listed"] == {}
    assert found["total"]["mutants"] >= 500


def test_what_was_measured_of_mistakes_together_holds() -> None:
    found = json.loads(OUT.read_text())["together"]
    assert found["full_marks"] == []
    assert set(found["counts"]) == set(KINDS)
    tried = sum(of_kind["tried"] for of_kind in found["counts"].values())
    assert len(found["above_one_of_its_parts"]) <= 0.02 * tried  # mistakes that undo each other in part
