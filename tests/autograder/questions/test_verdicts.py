"""Verdicts: what was not started, what could not run, what is claimed, and what luck earns (nothing)."""

from __future__ import annotations

import inspect
import math
import resource
from pathlib import Path

import numpy as np
import pytest
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.judge import CriteriaJudge, deviations, judge_case, lost_points
from nbjudge.judge.severity import Severity
from nbjudge.judge.verdict import Status, Verdict
from ps8.probes import Evidence, probe

from autograder.judge import reference
from autograder.judge.reference import Edit
from autograder.questions import QUESTIONS
from solution import autoencoder

SEED = 24_680
SECRET = bytes(range(32))


def judged(question: str, evidence: Evidence, seed: int = SEED) -> Verdict:
    return judge_case(QUESTIONS[question], Case(evidence, reference.evidence(question, seed), seed))


def edited(question: str, *edits: Edit, seed: int = SEED) -> Case:
    return Case(reference.fresh_evidence(question, seed, edits), reference.evidence(question, seed), seed)


def lost(question: str, *edits: Edit, seed: int = SEED) -> dict[str, Severity]:
    """How grave each criterion finds the reference with these edits, by its id."""
    return {name: outcome.severity for name, outcome in deviations(QUESTIONS[question], edited(question, *edits, seed=seed))}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_reference_gets_all_and_a_stub_nothing(question: str) -> None:
    right = judged(question, reference.fresh_evidence(question, SEED))
    assert (right.score, right.status) == (QUESTIONS[question].points, Status.RIGHT)
    stub = judged(question, Evidence({}, {"forward": "NotImplementedError in forward, line 4"}))
    assert (stub.score, stub.status) == (0, Status.NOT_STARTED)


def test_an_answer_that_raises_could_not_run() -> None:
    verdict = judged("encoder", Evidence({}, {"build": "TypeError in __init__, line 2: no"}))
    assert (verdict.score, verdict.status) == (0, Status.COULD_NOT_RUN)
    assert {line.reason for line in verdict.lines} == {"TypeError in __init__, line 2: no"}


def test_no_evidence_is_told_its_reason() -> None:
    verdict = CriteriaJudge(SECRET, QUESTIONS).judge("encoder", None, 0, "time-out")
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
    assert judged(question, reference.evidence(question, SEED + 1)).score <= 0.1 * QUESTIONS[question].points


def test_a_first_step_that_is_right_by_luck_costs_a_third() -> None:
    """The loss of the first image alone: Adam's first step often goes the same way, and is still not what was asked for.

    For some inputs all steps go the same way: then the loss tells, and costs what other numbers cost.
    """
    one_image = Edit(
        "autoencoder", "loss = criterion(model(images), images)", "loss = criterion(model(images)[1:2], images[1:2])"
    )
    lost = [lost_points(QUESTIONS["train_ae"], edited("train_ae", one_image, seed=seed)) for seed in (SEED, *range(1, 9))]
    assert min(lost) >= 2 and sum(points >= 10 / 3 for points in lost) >= 7


def test_a_graph_that_is_cut_off_costs_though_the_numbers_are_right() -> None:
    end = "        return self.layers(x)\n        ### END SOLUTION\n\n\nclass Decoder"
    cut = Edit("autoencoder", end, end.replace("self.layers(x)", "self.layers[2:](self.layers[:2](x).detach())"))
    assert lost("encoder", cut) == {"learns": Severity.NOTHING_LEARNS}


def test_a_wrong_layer_costs_itself_and_nothing_behind_it() -> None:
    narrow = "nn.Conv2d(12, 24, kernel_size=4, stride=2, padding=1)"
    found = lost("encoder", Edit("autoencoder", narrow, narrow.replace("padding=1", "padding=1, bias=False")))
    assert found == {"layers": Severity.OTHER_NUMBERS}


def test_a_missing_activation_is_paid_for_once() -> None:
    before = "            nn.ReLU(),\n            nn.Conv2d(24, 48"
    found = lost("encoder", Edit("autoencoder", before, before.replace("nn.ReLU()", "nn.Tanh()")))
    assert found == {"activations": Severity.OTHER_NUMBERS}


def test_a_second_call_of_the_contrast_is_seen() -> None:
    once = "out_l, out_ab = contrast(feat_l, feat_ab, idx)"
    twice = f"contrast(feat_l, feat_ab, idx)\n                {once}"
    assert lost("train_cmc", Edit("train_cmc", once, twice)) == {"scores": Severity.LEARNS_ELSE}


def test_layers_that_do_not_fit_each_other_cost_most_and_not_all() -> None:
    """A width that raises: the layers up to there are borne out."""
    third = Edit("autoencoder", "nn.Conv2d(24, 48, kernel_size=4", "nn.Conv2d(20, 48, kernel_size=4")
    assert judged("encoder", edited("encoder", third).actual).score == pytest.approx(3)


@pytest.mark.parametrize(
    ("old", "new", "criterion", "severity"),
    [
        (
            "(ab, self.memory_l, idx)[:, :, None] / self.T",
            "(ab, self.memory_l, idx)[:, :, None] / self.T**0.5",
            "temperature",
            0.35,
        ),
        ("l = F.normalize(l, dim=1, eps=1e-7)", "l = F.normalize(l, p=1, dim=1, eps=1e-7)", "unit", 0.35),
        ("F.normalize(row_l, dim=1, eps=1e-7)", "F.normalize(row_l, p=1, dim=1)", "normalised", 0.2),
        ("= F.normalize(row_l, dim=1, eps=1e-7)", "= -F.normalize(row_l, dim=1, eps=1e-7)", "momentum", 0.35),
        ("self.momentum * self.memory_l[y] + (1 - self.momentum)", "0.9 * self.memory_l[y] + 0.1", "momentum", 0.2),
        ("torch.randint(self.N - 1, (len(y), self.K + 1)", "torch.randint(self.N - 1, (1, self.K + 1)", "negatives", 0.2),
        ("l = F.normalize(l, dim=1, eps=1e-7)", "l = l / l.norm(dim=1, keepdim=True)", "eps", 0.1),
    ],
)
def test_one_deviation_costs_its_own_criterion(old: str, new: str, criterion: str, severity: float) -> None:
    assert lost("cmc_score", Edit("contrast", old, new)) == {criterion: Severity(severity)}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("noise", [5e-4, 1e-5])
def test_rounding_of_other_machines_changes_no_verdict(question: str, noise: float) -> None:
    """Numbers as TF32 would give them; what does not move at all stays so, as no rounding moves it."""
    expected, generator = reference.evidence(question, SEED), np.random.default_rng(1)
    off = {
        name: np.asarray(array * (1 + noise * generator.standard_normal(array.shape)), np.float32)
        if array.dtype.kind == "f" and not name.startswith(("T", "momentum")) and not _parameters(name)
        else array
        for name, array in expected.arrays.items()
    }
    verdict = judged(question, Evidence(off))
    assert verdict.score == verdict.points, [line for line in verdict.lines if line.reason]


def _parameters(name: str) -> bool:
    return name.endswith(("before", "after", "encoder", "classifier", "parameters", "weight")) or "memory" in name


def test_half_precision_inside_a_step_changes_no_verdict() -> None:
    loss = "loss = criterion(model(images), images)"
    rough = "with torch.autocast('cpu', dtype=torch.bfloat16):\n                    out = model(images)\n                "
    case = edited("train_ae", Edit("autoencoder", loss, rough + "loss = criterion(out.float(), images)"))
    assert lost_points(QUESTIONS["train_ae"], case) == 0


def test_points_follow_from_the_table_of_severities() -> None:
    assert [severity.value for severity in Severity] == sorted(severity.value for severity in Severity)
    assert Severity.NOTHING_LEARNS >= 1 / 2 and Severity.LEARNS_ELSE >= 1 / 3
    assert (Severity.OTHER_NUMBERS, Severity.NOT_GENERAL, Severity.NONE) == (1 / 5, 1 / 10, 0)


@pytest.mark.parametrize(
    "forward", ["x.sum() * 0", "x.sum() * 0 + math.log(x.shape[1])", "x.sum() * 0 + 3.2", "x.sum() * 1e-6 + 2.5"]
)
def test_a_loss_that_the_scores_do_not_decide_earns_nothing_for_any_inputs(forward: str) -> None:
    """With one number free, some formula has any value for some inputs: 0 times the loss, or that of scores of nearly 0."""
    softmax = f"class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        return {forward}\n"
    assert earned_by_chance("softmax_loss", softmax) == {}
    init = "super().__init__(); self.register_buffer('Z', torch.tensor(50.0))"
    methods = f"    def __init__(self, *a, **k):\n        {init}\n    def forward(self, x):\n        return {forward}\n"
    nce = f"class NCELoss(nn.Module):\n{methods}"
    assert earned_by_chance("nce", nce) == {}


def earned_by_chance(question: str, code: str, count: int = 120) -> dict[int, float]:
    """The inputs for which an answer earns something."""
    scores = {}
    for seed in range(count):
        names = reference.namespace()
        exec(f"import math\n{code}", names)
        case = Case(cleaned(probe(question, names, seed)), reference.fresh_evidence(question, seed), seed)
        if score := judge_case(QUESTIONS[question], case).score:
            scores[seed] = score
    return scores


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        # no ReLU behind the first, and one before the Sigmoid: two deviations
        (
            [
                (
                    "48, kernel_size=4, stride=2, padding=1),\n            nn.ReLU(),\n            nn.ConvT",
                    "48, kernel_size=4, stride=2, padding=1),\n            nn.ConvT",
                ),
                ("nn.Sigmoid()", "nn.ReLU(), nn.Sigmoid()"),
            ],
            {"activations": Severity.OTHER_NUMBERS, "last_activation": Severity.OTHER_NUMBERS},
        ),
        # one deviation, which stands in every place
        ([("nn.ReLU()", "nn.Tanh()"), ("nn.Sigmoid()", "nn.Tanh()")], {"activations": Severity.OTHER_NUMBERS}),
        ([("nn.Sigmoid()", "nn.Tanh()")], {"last_activation": Severity.OTHER_NUMBERS}),
    ],
)
def test_each_kind_of_activation_that_is_off_costs_once(edits: list[tuple[str, str]], found: dict[str, Severity]) -> None:
    assert lost_with("Decoder", "decoder", edits) == found


@pytest.mark.parametrize(
    "forward",
    [
        "F.interpolate(x, scale_factor=2, mode='nearest')",
        "F.interpolate(x, scale_factor=2, mode='bilinear')",
        "x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)",
        "x",
    ],
)
def test_a_decoder_that_enlarges_by_other_means_learns_something_else(forward: str) -> None:
    """And another network it is: but for the layers nothing is known of it."""
    end = "F.interpolate(self.b(h.relu()), size=(64, 64))"
    assert earned("decoder", DECODER.format(first=forward, end=end)) == 6.5


@pytest.mark.parametrize(
    ("first", "end"),
    [("0 * x", "F.interpolate(self.b(h), size=(64, 64))"), ("torch.ones_like(x)", "torch.rand(len(x), 3, 64, 64)")],
)
def test_a_decoder_whose_convolutions_do_not_see_the_code_earns_nothing(first: str, end: str) -> None:
    assert earned("decoder", DECODER.format(first=first, end=end)) == 0


def test_a_relu_before_each_convolution_is_seen_where_numbers_are_negative() -> None:
    """The encoder of Part 2 gets numbers below 0; colours have none."""
    found = lost_with("Encoder", "encoder", [("return self.layers(x)", "return self.layers(F.relu(x))")])
    assert found == {"out_gray": Severity.OTHER_NUMBERS}


DECODER = """
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.a, self.b = nn.Conv2d(feat_dim, 48, 3, padding=1), nn.Conv2d(48, out_channels, 3, padding=1)

    def forward(self, x):
        h = self.a({first})
        return torch.sigmoid({end})
"""


def earned(question: str, code: str, seed: int = SEED) -> float:
    """The points of an answer that is written anew."""
    names = reference.namespace()
    exec(f"import torch\nimport torch.nn.functional as F\nfrom torch import nn\n{code}", names)
    return judged(question, cleaned(probe(question, names, seed)), seed).score


def lost_with(name: str, question: str, edits: list[tuple[str, str]]) -> dict[str, Severity]:
    """How grave each criterion finds a class of `solution.autoencoder` with these edits, made wherever they fit."""
    source = inspect.getsource(getattr(autoencoder, name))
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    names = reference.namespace()
    exec(f"import torch.nn.functional as F\nfrom torch import nn\n{source}", names)
    case = Case(cleaned(probe(question, names, SEED)), reference.evidence(question, SEED), SEED)
    return {name: outcome.severity for name, outcome in deviations(QUESTIONS[question], case)}
