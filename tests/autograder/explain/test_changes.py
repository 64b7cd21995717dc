"""Every change of the counted questions to every right answer does what it does to the reference."""

from __future__ import annotations

import contextlib
import io
from itertools import islice, product

import pytest
from ps8.cuda import CudaOnCpu
from ps8.explain.graded import STATEMENTS
from ps8.explain.item import Posed, Ran, Statement, key_of, same_key

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.questions import CHANGES
from trials.misconceptions.rewriting import RightAnswer, right_answers, written_by_hand

SEEDS = (51, 52)
each = pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)


def key_for(answer: RightAnswer, posed: Posed) -> Ran | None:
    device = CudaOnCpu() if answer.asks_for_gpu else contextlib.nullcontext()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), device:
        return key_of(posed, CHANGES[posed.statement.id], answer.namespace(), SEEDS)


def asked_alike(statement: Statement, answers: list[RightAnswer]) -> None:
    for number, answer in enumerate(answers):
        posed = statement.posed(number)
        wanted = key_of(posed, CHANGES[statement.id], reference.namespace(), SEEDS)
        actual = key_for(answer, posed)
        assert wanted is not None and actual is not None, (answer.id, posed.values)
        assert same_key(actual.key, wanted.key), (answer.id, posed.values, actual, wanted)


def test_there_is_a_change_for_each_statement() -> None:
    assert CHANGES.keys() == {statement.id for statement in STATEMENTS}


@each
def test_answers_written_by_hand_have_the_reference_s_key(statement: Statement) -> None:
    asked_alike(statement, written_by_hand(statement.question))


@pytest.mark.slow
@each
def test_all_right_answers_have_the_reference_s_key(statement: Statement) -> None:
    asked_alike(statement, [a for a in right_answers() if a.question == statement.question])


@each
def test_with_its_values_there_is_one_key_and_not_one_for_all(statement: Statement) -> None:
    """Nobody can answer for another: with other values or another order of the options, the answer is another."""
    names, choices = list(statement.draws), list(statement.draws.values())
    letters = statement.posed(0).letters
    ways = list(product(*choices))
    keys = []
    for values in islice(ways, 0, None, max(1, len(ways) // 12)):
        posed = Posed(statement, dict(zip(names, values, strict=True)), letters)
        ran = key_of(posed, CHANGES[statement.id], reference.namespace(), SEEDS)
        assert ran is not None, values
        keys.append(ran.key)
    assert any(not same_key(key, keys[0]) for key in keys)


MISTAKEN = (
    "encoder.stride",
    "decoder.tanh_last",
    "train_ae.loss_summed",
    "train_classifier.loss_summed",
    "encoder_cmc.views_swapped",
    "cmc_score.temperature_forgotten",
    "softmax_loss.sum_for_mean",
    "train_cmc.mean_of_views",
)


@pytest.mark.parametrize("mistake", MISTAKEN)
def test_a_mistake_changes_what_comes_of_some_change(mistake: str) -> None:
    (edits,) = [m.edits for m in catalogue() if m.id == mistake]
    found = []
    for statement in STATEMENTS:
        if statement.question == mistake.partition(".")[0]:
            posed = statement.posed(1)
            right, wrong = (key_of(posed, CHANGES[statement.id], reference.namespace(*e), SEEDS) for e in ((), edits))
            found.append(right is not None and (wrong is None or not same_key(right.key, wrong.key)))
    assert any(found)
