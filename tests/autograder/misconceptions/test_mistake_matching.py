"""Recognising mistakes: one, two that meet, and none at all."""

from __future__ import annotations

import numpy as np
import pytest
from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from nbjudge.judge.verdict import Status, Verdict
from ps8.probes import Evidence

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.judge.reference import Edit
from autograder.questions import QUESTIONS

SEED = 13_579
KNOWN = {m.id: m for m in catalogue()}


def judged(question: str, *edits: Edit) -> Verdict:
    evidence = reference.fresh_evidence(question, SEED, edits)
    return judge_case(QUESTIONS[question], Case(evidence, reference.evidence(question, SEED), SEED))


def together(one: Misconception, two: Misconception) -> Verdict:
    return judged(one.question, *one.edits, *two.edits)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("decoder.maps_fixed", "decoder.sigmoid_missing"),
        ("train_ae.loss_summed", "train_ae.gradients_never_cleared"),
        ("cmc_score.temperature_forgotten", "cmc_score.momentum_wrong_side"),
        ("cmc_score.own_bank", "cmc_score.row_not_normalised"),
        ("train_cmc.mean_of_views", "train_cmc.gradients_never_cleared"),
        ("nce.odds_without_noise", "nce.normaliser_each_batch"),
    ],
)
def test_two_mistakes_in_one_answer_are_both_named_and_both_cost(one: str, two: str) -> None:
    verdict = together(KNOWN[one], KNOWN[two])
    assert set(verdict.mistakes) == {one, two}
    costs = KNOWN[one].costs, KNOWN[two].costs
    assert max(costs) <= verdict.points - verdict.score <= sum(costs)
    assert {line.reason for line in verdict.lines} == {KNOWN[one].explanation, KNOWN[two].explanation}


def test_two_mistakes_never_cost_more_than_there_is() -> None:
    verdict = together(KNOWN["softmax_loss.target_float"], KNOWN["softmax_loss.nothing_returned"])
    assert verdict.score == 0


def test_what_is_not_in_the_catalogue_gets_expected_against_got() -> None:
    verdict = judged(
        "encoder",
        Edit("autoencoder", "nn.Conv2d(24, 48,", "nn.Conv2d(24, 40,"),
        Edit("autoencoder", "            nn.Conv2d(48, 24, k", "            nn.Conv2d(40, 24, k"),
    )
    assert not verdict.mistakes and verdict.status is Status.WRONG
    (line,) = [line for line in verdict.lines if line.earned < line.points]
    assert "expected output channels [12, 24, 48, 24] (42,156 parameters), actual [12, 24, 40, 24]" in line.reason


def test_a_criterion_is_lost_only_for_what_is_wrong() -> None:
    score = "(ab, self.memory_l, idx)[:, :, None] / self.T"
    verdict = judged("cmc_score", Edit("contrast", score, f"{score}**0.5"))
    lost = {line.name: line.reason for line in verdict.lines if line.earned < line.points}
    assert list(lost) == ["the products are divided by the temperature"]
    assert "should be multiplied by 1 / T" in next(iter(lost.values()))


def test_rounding_is_no_mistake() -> None:
    expected = reference.evidence("cmc_score", SEED)
    off = {k: v * np.float32(1 + 1e-5) if v.dtype.kind == "f" else v for k, v in expected.arrays.items()}
    verdict = judge_case(QUESTIONS["cmc_score"], Case(Evidence(off), expected, SEED))
    assert verdict.score == verdict.points
