"""Steps of another size: a deviation that shows in the later steps only is not lost behind one of the first."""

from __future__ import annotations

import pytest
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.judge import deviations, judge_case
from nbjudge.judge.severity import Severity

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.judge.reference import Edit
from autograder.questions import QUESTIONS

SEED = 7
MODULES = {"train_ae": "autoencoder", "train_classifier": "classifier", "train_cmc": "train_cmc"}
KNOWN = {m.id: m.edits for m in catalogue()}
ADAM, STEP, BACKWARD = "torch.optim.Adam(", "optimizer.step()", "loss.backward()"
# Paces that are in no catalogue, each a slip of its own: what the reference's text becomes.
PACES = {
    "rate": ("lr=cfg.", "lr=3.7 * cfg."),
    "three steps": (STEP, f"{STEP}; {STEP}; {STEP}"),
    "NAdam": (ADAM, "torch.optim.NAdam("),
}
LATER = ("gradients_never_cleared", "cleared_once_an_epoch")  # mistakes that the first step does not show


def case_of(question: str, *edits: Edit) -> Case:
    return Case(cleaned(reference.fresh_evidence(question, SEED, edits)), reference.evidence(question, SEED), SEED)


def gravest(question: str, *edits: Edit) -> Severity:
    return max(outcome.severity for _, outcome in deviations(QUESTIONS[question], case_of(question, *edits)))


@pytest.mark.parametrize("question", MODULES)
@pytest.mark.parametrize("pace", PACES)
def test_another_pace_is_other_numbers_and_hides_nothing(question: str, pace: str) -> None:
    slip = Edit(MODULES[question], *PACES[pace])
    assert gravest(question, slip) == Severity.OTHER_NUMBERS
    for later in LATER:
        assert gravest(question, *KNOWN[f"{question}.{later}"], slip) == Severity.LEARNS_ELSE


@pytest.mark.parametrize("question", MODULES)
def test_another_scale_of_the_loss_hides_nothing(question: str) -> None:
    half = Edit(MODULES[question], BACKWARD, "(loss := loss / 2).backward()")
    assert gravest(question, half) == Severity.OTHER_NUMBERS
    assert gravest(question, half, *KNOWN[f"{question}.gradients_never_cleared"]) == Severity.LEARNS_ELSE


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("train_ae.no_step", "train_ae.twice_through"),
        ("train_ae.every_other_batch", "train_ae.maximised"),
        ("train_ae.maximised", "train_ae.noise_added"),
    ],
)
def test_what_cannot_learn_is_not_excused_by_what_it_does_besides(one: str, two: str) -> None:
    assert gravest("train_ae", *KNOWN[one], *KNOWN[two]) == Severity.NOTHING_LEARNS


@pytest.mark.parametrize("more", ["two_steps", "weight_decay"])
def test_what_is_graver_when_supervised_is_not_excused_by_what_is_off_when_frozen(more: str) -> None:
    left_out = KNOWN["train_classifier.classifier_left_out"]
    assert gravest("train_classifier", *left_out, *KNOWN[f"train_classifier.{more}"]) >= gravest("train_classifier", *left_out)


@pytest.mark.parametrize("criteria", ["one_criterion", "criteria_swapped"])
@pytest.mark.parametrize(
    ("more", "severity"),
    [("two_steps", Severity.OTHER_NUMBERS), ("epoch_sum", Severity.OTHER_NUMBERS), ("every_other_batch", Severity.LEARNS_ELSE)],
)
def test_steps_are_judged_with_the_criteria_that_were_taken(criteria: str, more: str, severity: Severity) -> None:
    taken = KNOWN[f"train_cmc.{criteria}"]
    assert gravest("train_cmc", *taken) == Severity.NOT_GENERAL
    assert gravest("train_cmc", *taken, *KNOWN[f"train_cmc.{more}"]) == severity


@pytest.mark.parametrize("pace", ["two_steps", "learning_rate", "rmsprop"])
def test_two_mistakes_of_the_steps_are_both_named(pace: str) -> None:
    ids = ("train_ae.gradients_never_cleared", f"train_ae.{pace}")
    case = case_of("train_ae", *KNOWN[ids[0]], *KNOWN[ids[1]])
    assert set(judge_case(QUESTIONS["train_ae"], case).mistakes) == set(ids)
