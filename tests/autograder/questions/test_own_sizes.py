"""Answers that hold for the notebook's own sizes only, those that a real class refuses, and what else costs once."""

from __future__ import annotations

import pytest
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.judge import deviations, judge_case
from nbjudge.judge.severity import Severity
from ps8.probes import probe

from autograder.judge import reference
from autograder.judge.reference import Edit
from autograder.questions import QUESTIONS

SEED = 24_680
AE, CMC, LOSS, FLAT = (
    "loss = criterion(model(images), images)",
    "out_l, out_ab = contrast(feat_l, feat_ab, idx)",
    "loss = criterion_l(out_l) + criterion_ab(out_ab)",
    "features = encoder(images).flatten(1)",
)
STEP = "optimizer.step()"
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
        ("cmc_score", "contrast", "return out_l, out_ab", "return out_l.mT, out_ab.mT", "shape", 0.35),
        ("train_ae", "autoencoder", STEP, f"{STEP}\n                return loss", "runs", 0.7),
        ("train_ae", "autoencoder", STEP, f"{STEP}\n                return model", "runs", 0.7),
        ("train_classifier", "classifier", STEP, f"{STEP}\n                return encoder, cls", "runs", 0.7),
        ("train_cmc", "train_cmc", STEP, f"{STEP}\n                return loss.item()", "runs", 0.7),
        ("train_cmc", "train_cmc", STEP, f"{STEP}\n                batches += 1", "scores", 0.2),
    ],
)
def test_one_deviation_costs_once(question: str, module: str, old: str, new: str, criterion: str, severity: float) -> None:
    found = {name: outcome.severity for name, outcome in deviations(QUESTIONS[question], case(question, module, old, new))}
    assert found == {criterion: Severity(severity)}


@pytest.mark.parametrize(
    ("question", "module", "old", "new", "words"),
    [
        (
            "train_ae",
            "autoencoder",
            AE,
            "loss = nn.functional.l1_loss(model(images), images)\n                total += loss.item()",
            "2 times the absolute error",
        ),
        ("train_ae", "autoencoder", STEP, "if len(images) == 4: optimizer.step()", "4 steps are taken in 6 batches"),
        ("train_cmc", "train_cmc", LOSS, "loss = criterion_l(out_l)", "the loss of L alone"),
        ("train_cmc", "train_cmc", LOSS, f"{LOSS} + nn.functional.mse_loss(feat_l, feat_ab)", "features, squared, is added"),
        (
            "train_cmc",
            "train_cmc",
            STEP,
            f"{STEP}\n                contrast(feat_l, feat_ab, idx)",
            "called twice for one batch",
        ),
        ("train_cmc", "train_cmc", STEP, f"{STEP}\n                batches += 1", "1/2 of what was asked for"),
    ],
)
def test_what_it_does_instead_is_said(question: str, module: str, old: str, new: str, words: str) -> None:
    found = deviations(QUESTIONS[question], case(question, module, old, new))
    assert any(words in outcome.reason for _, outcome in found), found


@pytest.mark.parametrize(
    "wrong", ["optimizer.zero_grad(); optimizer.step(); return loss", "optimizer.step(); return loss.new_zeros(1)"]
)
def test_what_was_not_learned_is_not_borne_out_by_what_is_returned(wrong: str) -> None:
    """The step counts, whatever is returned: none, or one of another loss, bears nothing out."""
    evidence = reference.fresh_evidence(
        "train_ae",
        SEED,
        (
            Edit("autoencoder", AE, "loss = (model(images) * images.flip(0, 2)).mean()"),
            Edit("autoencoder", STEP, wrong),
        ),
    )
    assert judge_case(QUESTIONS["train_ae"], Case(cleaned(evidence), reference.evidence("train_ae", SEED), SEED)).score == 0


@pytest.mark.parametrize(("cut", "score"), [("[..., :1], x[..., 1:]", 3.0), ("[:, :0], x[:, 1:] * 0", 0.0)])
def test_a_part_of_the_images_that_an_encoder_refuses_is_borne_out(cut: str, score: float) -> None:
    code = f"""
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.l_encoder, self.ab_encoder = Encoder(1), Encoder(2)

    def forward(self, x):
        l, ab = x{cut}
        return self.l_encoder(l).flatten(1), self.ab_encoder(ab).flatten(1)
"""
    assert earned(code, "encoder_cmc") == score


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_border_of_other_numbers_than_zeros_costs_what_other_numbers_cost(mode: str) -> None:
    layers = "".join(
        f"nn.Conv2d({a}, {b}, 4, 2, 1, padding_mode={mode!r}), nn.ReLU(), " for a, b in ((3, 12), (12, 24), (24, 48), (48, 24))
    ).replace("nn.Conv2d(3,", "nn.Conv2d(in_channels,")
    code = f"class Encoder(nn.Sequential):\n    def __init__(self, in_channels=3):\n        super().__init__({layers})\n"
    assert earned(code, "encoder") == 8


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


def earned(code: str, question: str = "softmax_loss") -> float:
    names = reference.namespace()
    exec(f"import torch\nfrom torch import nn\n{code}", names)
    evidence = cleaned(probe(question, names, SEED))
    return judge_case(QUESTIONS[question], Case(evidence, reference.evidence(question, SEED), SEED)).score
