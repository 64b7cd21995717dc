"""Every change to every right answer has one effect, the same for all of them; to a wrong answer it has another."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from ps8.checks.finding import WIDTH
from ps8.explain.item import Posed, PracticeItem, key_of, same_key
from ps8.questions import CHECKS, PRACTICE

from autograder.catalogue import catalogue
from autograder.judge import reference
from trials.misconceptions.rewriting import RightAnswer, right_answers, written_by_hand

from .conftest import SEEDS, key_for

ALL = [item for items in PRACTICE.values() for item in items]


def test_who_is_asked_at_all_is_asked_two_things_at_least_and_each_has_a_name_of_its_own() -> None:
    assert PRACTICE.keys() == CHECKS.keys()
    assert min(len(items) for items in PRACTICE.values() if items) >= 2
    assert len({item.statement.id for item in ALL}) == len(ALL)


def asked_alike(item: PracticeItem, answers: list[RightAnswer]) -> None:
    """Each answer is asked with other values, and its key is the reference's."""
    for number, answer in enumerate(answers):
        posed = item.statement.posed(number)
        wanted = key_of(posed, item.run, reference.namespace(), SEEDS)
        actual = key_for(answer, posed, item.run)
        assert wanted is not None and actual is not None, (answer.id, item.statement.id, posed.values)
        assert same_key(actual.key, wanted.key), (answer.id, item.statement.id, posed.values, actual, wanted)


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.statement.id)
def test_answers_written_by_hand_have_one_key_the_reference_s(item: PracticeItem) -> None:
    asked_alike(item, written_by_hand(item.statement.question))


@pytest.mark.slow
@pytest.mark.parametrize("item", ALL, ids=lambda item: item.statement.id)
def test_all_right_answers_have_one_key_the_reference_s(item: PracticeItem) -> None:
    asked_alike(item, [a for a in right_answers() if a.question == item.statement.question])


def every_way(item: PracticeItem) -> list[Posed]:
    """The statement with each combination of its values."""
    names, choices = list(item.statement.draws), list(item.statement.draws.values())
    letters = item.statement.posed(0).letters
    return [Posed(item.statement, dict(zip(names, values, strict=True)), letters) for values in product(*choices)]


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.statement.id)
def test_with_all_its_values_it_can_be_asked_and_fits_the_page(item: PracticeItem) -> None:
    for posed in every_way(item):
        ran = key_of(posed, item.run, reference.namespace(), SEEDS)
        assert ran is not None and ran.shown, posed.values
        assert max(map(len, posed.text().splitlines())) <= WIDTH and "{" not in posed.text()
        answer = next((letter for letter, effect in posed.letters.items() if effect == ran.key), ran.key)
        assert posed.right(posed.read(answer), ran.key)


# A known mistake, a change, and what comes of it then: the key is what the code does, not what it should do.
MISTAKEN: dict[str, tuple] = {
    "encoder.bias_off": ("dead_units", "same"),
    "encoder.relu_last_missing": ("dead_units", "low"),
    "encoder.normalisation_added": ("brighter", "no_factor"),
    "decoder.sigmoid_missing": ("nothing_left", 0.0),
    "train_ae.no_step": ("half_way", "neither"),
    "train_ae.root_of_error": ("grey_epoch", 0.8, {"v": 0.1, "n": 2}),
    "train_classifier.zero_grad_after_backward": ("decay_alone", "same"),
    "train_classifier.no_step": ("few_labels", 0.0, {"m": 1}),
    "encoder_cmc.views_swapped": ("one_sided", "ab"),
    "encoder_cmc.channels_swapped": ("exchanged", "both"),
    "cmc_score.temperature_multiplied": ("warmer", "larger"),
    "cmc_score.live_not_normalised": ("longer", "larger"),
    "cmc_score.momentum_wrong_side": ("momentum", "live", {"m": 1}),
    "cmc_score.temperature_forgotten": ("twins", 1.0, {"T": 0.5}),
    "cmc_score.outputs_swapped": ("caught", "passes", {"change": "the two results change places"}),
    "softmax_loss.sum_for_mean": ("each_twice", "twice"),
    "softmax_loss.positive_only": ("shifted", "lower", {"c": 2}),
    "train_cmc.mean_of_views": ("two_constants", 2.25, {"a": 0.5, "b": 4.0, "n": 2}),
    "train_cmc.no_step": ("one_criterion", "neither"),
    "nce.decay_wrong_side": ("never_forgets", "second", {"decay": 1}),
}


@pytest.mark.parametrize("mistake", MISTAKEN)
def test_the_key_follows_from_the_code_that_is_asked_about(mistake: str) -> None:
    question, (name, wanted, *values) = mistake.partition(".")[0], MISTAKEN[mistake]
    item = next(item for item in PRACTICE[question] if item.statement.name == name)
    (edits,) = [m.edits for m in catalogue() if m.id == mistake]
    posed = replace(item.statement.posed(3), **({"values": values[0]} if values else {}))
    ran = key_of(posed, item.run, reference.namespace(*edits), SEEDS)
    right = key_of(posed, item.run, reference.namespace(), SEEDS)
    assert ran is not None and right is not None
    assert same_key(ran.key, wanted) and not same_key(ran.key, right.key)
