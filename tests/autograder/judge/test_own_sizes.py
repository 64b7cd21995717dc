"""Answers that hold for the notebook's own sizes only, and those that a real class of the notebook refuses."""

from __future__ import annotations

import pytest
from ps8.probes import probe

from autograder.judge import reference
from autograder.judge.compare import Case, cleaned
from autograder.judge.judge import deviations, judge_case
from autograder.judge.questions import QUESTIONS
from autograder.judge.reference import Edit
from autograder.judge.severity import Severity

SEED = 24_680
AE, CMC, LOSS, FLAT = (
    "loss = criterion(model(images), images)",
    "out_l, out_ab = contrast(feat_l, feat_ab, idx)",
    "loss = criterion_l(out_l) + criterion_ab(out_ab)",
    "features = encoder(images).flatten(1)",
)
LABELS = "loss = criterion(cls(features), labels)"


def case(question: str, module: str, old: str, new: str) -> Case:
    evidence = cleaned(reference.fresh_evidence(question, SEED, (Edit(module, old, new),)))
    return Case(evidence, reference.evidence(question, SEED), SEED)


@pytest.mark.parametrize(
    ("question", "module", "old", "new", "criterion", "severity"),
    [
        ("train_ae", "autoencoder", AE, f"if len(images) < cfg.batch_size: continue\n                {AE}", "any_batch", 0.2),
        ("train_classifier", "classifier", FLAT, "features = encoder(images).view(-1, 384)", "features", 0.1),
        ("train_classifier", "classifier", FLAT, "features = encoder(images).reshape(-1, 24 * 4 * 4)", "features", 0.1),
        ("train_classifier", "classifier", LABELS, LABELS.replace("labels", "labels - 1"), "runs", 0.7),
        ("train_classifier", "classifier", LABELS, LABELS.replace("labels", "labels + 1"), "runs", 0.7),
        ("train_cmc", "train_cmc", CMC, CMC.replace("idx)", "idx, idx)"), "runs", 0.7),
        ("train_cmc", "train_cmc", CMC, CMC.replace("idx)", "_labels, idx)"), "runs", 0.7),
        ("train_cmc", "train_cmc", CMC, CMC.replace("contrast(", "CMCScore(384, 10, 3)("), "scores", 0.5),
        ("train_cmc", "train_cmc", LOSS, LOSS.replace("criterion_ab(out_ab)", "criterion_ab(out_ab.detach())"), "step", 0.5),
        ("train_cmc", "train_cmc", LOSS, LOSS.replace("criterion_l(out_l)", "criterion_l(out_l).item()"), "step", 0.5),
        ("cmc_score", "contrast", "return out_l, out_ab", "return out_ab, out_l", "bank", 0.2),
    ],
)
def test_one_deviation_costs_once(question: str, module: str, old: str, new: str, criterion: str, severity: float) -> None:
    found = {name: outcome.severity for name, outcome in deviations(QUESTIONS[question], case(question, module, old, new))}
    assert found == {criterion: Severity(severity)}


@pytest.mark.parametrize(
    ("new", "score"),
    [
        ("torch.zeros(cfg.batch_size, dtype=torch.long)", 3.0),  # right there, and every other batch raises
        ("torch.ones(cfg.batch_size, dtype=torch.long)", 0.0),  # another loss, and it raises: nothing is borne out
    ],
)
def test_targets_made_for_one_batch_size_are_borne_out_where_they_fit(new: str, score: float) -> None:
    code = f"""
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        return nn.functional.cross_entropy(x[..., 0], {new})
"""
    assert earned(code) == score


@pytest.mark.parametrize("value", ["0 * x.sum()", "0 * x.sum() + math.log(x.shape[1])", "x.sum() / x.shape[1]"])
def test_what_raises_but_for_the_own_size_and_follows_from_no_scores_earns_nothing(value: str) -> None:
    code = f"""
import math
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        assert len(x) == cfg.batch_size
        return {value}
"""
    assert earned(code) == 0


def earned(code: str) -> float:
    names = reference.namespace()
    exec(f"import torch\nfrom torch import nn\n{code}", names)
    evidence = cleaned(probe("softmax_loss", names, SEED))
    return judge_case(QUESTIONS["softmax_loss"], Case(evidence, reference.evidence("softmax_loss", SEED), SEED)).score
