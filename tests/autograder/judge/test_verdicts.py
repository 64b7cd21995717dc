"""Verdicts: what was not started, what could not run, what is claimed, and what luck earns (nothing)."""

from __future__ import annotations

import math
import resource
from pathlib import Path

import numpy as np
import pytest
from ps8.probes import Evidence

from autograder.judge import reference
from autograder.judge.compare import Case
from autograder.judge.judge import Judge, criterion_lines, judge_case, points
from autograder.judge.questions import QUESTIONS
from autograder.judge.reference import Edit
from autograder.judge.verdict import Status, Verdict

SEED = 24_680
SECRET = bytes(range(32))


def judged(question: str, evidence: Evidence, seed: int = SEED) -> Verdict:
    return judge_case(QUESTIONS[question], Case(evidence, reference.evidence(question, seed), seed))


def lost(question: str, *edits: Edit, seed: int = SEED) -> dict[str, float]:
    """What each criterion takes from the reference with these edits, by its name."""
    evidence = reference.fresh_evidence(question, seed, edits)
    case = Case(evidence, reference.evidence(question, seed), seed)
    return {
        line.name: line.points - line.earned for line in criterion_lines(QUESTIONS[question], case) if line.earned < line.points
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_reference_gets_all_and_a_stub_nothing(question: str) -> None:
    right = judged(question, reference.fresh_evidence(question, SEED))
    assert (right.score, right.status) == (points()[question], Status.RIGHT)
    stub = judged(question, Evidence({}, {"forward": "NotImplementedError in forward, line 4"}))
    assert (stub.score, stub.status) == (0, Status.NOT_STARTED)


def test_an_answer_that_raises_could_not_run() -> None:
    verdict = judged("encoder", Evidence({}, {"build": "TypeError in __init__, line 2: no"}))
    assert (verdict.score, verdict.status) == (0, Status.COULD_NOT_RUN)
    assert {line.reason for line in verdict.lines} == {"TypeError in __init__, line 2: no"}


def test_no_evidence_is_told_its_reason() -> None:
    verdict = Judge(SECRET).judge("encoder", None, 0, "time-out")
    assert (verdict.score, verdict.status) == (0, Status.COULD_NOT_RUN)
    assert {line.reason for line in verdict.lines} == {"time-out"}


def test_no_output_is_worked_out_that_was_not_handed_over() -> None:
    """Half a megabyte of evidence, of which the judge would otherwise make 4 GB."""
    evidence = Evidence(
        {
            "layer2.weight": np.array([1, 256, 8, 8]),
            "layer2.in": np.random.default_rng(0).standard_normal((2, 1, 256, 256)).astype(np.float32),
            "layer2.out": np.zeros((1, 1, 1028, 1), np.float32),  # of the side that a stride of 4 gives, and no larger
        }
    )
    limit = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, limit[1]))
    try:
        assert judged("decoder", evidence).score == 0
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limit)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("value", [0.0, 1.0, math.nan, math.inf, -1e30])
def test_numbers_that_follow_from_nothing_earn_nothing(question: str, value: float) -> None:
    arrays = {
        name: np.full_like(array, value, dtype=np.float64) for name, array in reference.evidence(question, SEED).arrays.items()
    }
    assert judged(question, Evidence(arrays)).score == 0


@pytest.mark.parametrize("question", QUESTIONS)
def test_evidence_of_other_inputs_earns_little(question: str) -> None:
    """An answer recorded for one seed and replayed for another: what does not depend on the inputs may pass, no more."""
    assert judged(question, reference.evidence(question, SEED + 1)).score <= 0.1 * points()[question]


@pytest.mark.parametrize("seed", [SEED, 1, 2, 3, 4])
def test_a_first_step_that_is_right_by_luck_earns_nothing(seed: int) -> None:
    """The loss of the first image alone: Adam's first step often goes the same way, and is still not what was asked for."""
    one_image = Edit(
        "autoencoder", "loss = criterion(model(images), images)", "loss = criterion(model(images)[1:2], images[1:2])"
    )
    assert sum(lost("train_ae", one_image, seed=seed).values()) == points()["train_ae"]


def test_a_graph_that_is_cut_off_costs_though_the_numbers_are_right() -> None:
    end = "        return self.layers(x)\n        ### END SOLUTION\n\n\nclass Decoder"
    cut = Edit("autoencoder", end, end.replace("self.layers(x)", "self.layers[2:](self.layers[:2](x).detach())"))
    assert lost("encoder", cut) == {"a ReLU after each, and nothing else": 2.0}


def test_a_wrong_layer_costs_itself_and_nothing_behind_it() -> None:
    narrow = "nn.Conv2d(12, 24, kernel_size=4, stride=2, padding=1)"
    costs = lost("encoder", Edit("autoencoder", narrow, narrow.replace("padding=1", "padding=1, bias=False")))
    assert costs == {"four convolutions, 4x4, stride 2, padding 1, with a bias": 0.75}


def test_a_missing_activation_is_paid_for_once() -> None:
    before = "            nn.ReLU(),\n            nn.Conv2d(24, 48"
    costs = lost("encoder", Edit("autoencoder", before, before.replace("nn.ReLU()", "nn.Tanh()")))
    assert costs == {"a ReLU after each, and nothing else": 1.0}


def test_a_second_call_of_the_contrast_is_seen() -> None:
    once = "out_l, out_ab = contrast(feat_l, feat_ab, idx)"
    twice = f"contrast(feat_l, feat_ab, idx)\n                {once}"
    assert sum(lost("train_cmc", Edit("train_cmc", once, twice)).values()) >= 7
