"""Changes to the loop of 2.3: criteria and scores that stay as they are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import which_moved
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, parameter_vector

from .probe import TinyContrast, TinyViews, WeightedLoss, coarse_images


def one_criterion(namespace: Namespace, numbers: Numbers, silent: str) -> Ran:
    model = TinyViews(numbers)
    parts: dict[str, nn.Module] = {"L": model.l, "ab": model.ab}
    before = {name: parameter_vector(part) for name, part in parts.items()}
    criteria = {name: Constant(0.0) if name == silent else WeightedLoss(0.5) for name in parts}
    _train(namespace, numbers, model, TinyContrast(numbers, N=10, K=3), criteria["L"], criteria["ab"], 1)
    return which_moved(parts, before)


def two_constants(namespace: Namespace, numbers: Numbers, a: float, b: float, n: int) -> Ran:
    contrast = TinyContrast(numbers, N=10, K=3)
    loss = _train(namespace, numbers, TinyViews(numbers), contrast, Constant(a), Constant(b), n)["loss"][0]
    return Ran(float(loss), f"the loss reported for the epoch was {float(loss):.4f}")


def no_favourite(namespace: Namespace, numbers: Numbers, K: int) -> Ran:
    results = _train(namespace, numbers, TinyViews(numbers), AtRest(K, 0.0), Constant(1.0), Constant(1.0), 2)
    return Ran(
        float(results["prob_l"][0]), f"prob_l was {float(results['prob_l'][0]):.4g}, prob_ab {float(results['prob_ab'][0]):.4g}"
    )


def _train(
    namespace: Namespace, numbers: Numbers, model: nn.Module, contrast: nn.Module, l: nn.Module, ab: nn.Module, batches: int
) -> dict[str, list[float]]:
    """What the student's `train_cmc` reports of an epoch of batches of two images."""
    count = 2 * batches
    images: Tensor = coarse_images(numbers)[:count]
    index, labels = numbers.permutation("index", 10)[:count], torch.zeros(count, dtype=torch.long)
    loader = Batches(images, labels, index, sizes=[2] * batches)
    return namespace["train_cmc"](model, contrast, l, ab, loader, epochs=1)[1]  # type: ignore[no-any-return]


class Constant(nn.Module):
    """A criterion that is always the same number, whatever the scores are."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return self.value + 0 * x.sum()


class AtRest(nn.Module):
    """Stands in for a `CMCScore` whose scores never change: the positive's is `lead`, the K others' are 0."""

    def __init__(self, K: int, lead: float) -> None:
        super().__init__()
        self.K, self.lead = K, lead

    def forward(self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        scores = torch.zeros(len(y), self.K + 1, 1, device=l.device)
        scores[:, 0] = self.lead
        return scores + 0 * l.sum(), scores + 0 * ab.sum()


ITEMS = (
    PracticeItem(
        Statement(
            "train_cmc",
            "one_criterion",
            "the criterion of {silent} always gives 0; the other one is as it was.",
            "Which encoder is changed by a step?",
            {"L": "that of L alone", "ab": "that of ab alone", "both": "both", "neither": "neither"},
            {"silent": ("L", "ab")},
        ),
        one_criterion,
        "The scores of a view depend on its own live features and on rows of a bank, which carry no gradient. So each loss "
        "teaches one encoder, and without its loss an encoder learns nothing.",
    ),
    PracticeItem(
        Statement(
            "train_cmc",
            "two_constants",
            "the criterion of L always gives {a}, that of ab always {b}. An epoch has {n} batches.",
            "Which loss does your loop report for the epoch?",
            draws={"a": (0.5, 2.0, 3.0), "b": (0.25, 1.0, 4.0), "n": (2, 3, 5)},
        ),
        two_constants,
        "The loss of a batch is the sum of the two views', and here an epoch reports the mean of its batches, where `train_ae` "
        "reports their sum.",
    ),
    PracticeItem(
        Statement(
            "train_cmc",
            "no_favourite",
            "your CMCScore gives the same score to the positive and to all K = {K} negatives.",
            "What does the loop report as `prob_l`?",
            draws={"K": (3, 9, 99)},
        ),
        no_favourite,
        "The softmax of equal scores is 1/(K+1) each. A positive's probability that stays there is a collapse that the loss "
        "would show at 2 ln(K+1).",
    ),
)
