"""2.3: what comes of known slips: losses, scores and criteria other than those asked for."""

from __future__ import annotations

import functools

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.compare import Case
from ps8.probes.tools import Numbers
from ps8.questions.train_cmc.probe import TinyContrast, TinyViews, WeightedLoss, coarse_images, index_and_labels
from torch import Tensor

VIEWS = ("l", "ab")
# Which criterion may judge the scores of L, and which those of ab, other than asked for: 0 is that of L, 1 that of ab.
OTHER_CRITERIA = {
    "the criteria are exchanged": (1, 0),
    "criterion_l judges both views": (0, 0),
    "criterion_ab judges both views": (1, 1),
}


@functools.lru_cache(maxsize=64)
def cmc_losses(seed: int) -> dict[str, float]:
    """Losses that are often taken for the sum of both views', of the first batch."""
    values = criteria_values(seed)
    l, ab = values["l", 0], values["ab", 1]
    with torch.no_grad():
        features = TinyViews(Numbers(seed))(coarse_images(Numbers(seed))[:4])
        apart = features[0] - features[1]
        unit = [F.normalize(f, dim=1) for f in features]
    added = {
        "the distance of the two views' features, squared, is added": float((apart**2).mean()),
        "the distance of the two views' features, squared and added up, is added": float((apart**2).sum(1).mean()),
        "1 less the cosine of the two views' features is added": float((1 - (unit[0] * unit[1]).sum(1)).mean()),
        "the distance of the two views' normalised features, squared, is added": float(
            ((unit[0] - unit[1]) ** 2).sum(1).mean()
        ),
    }
    return {
        "the loss of L alone": l,
        "the loss of ab alone": ab,
        "the product of the two": l * ab,
        "the larger of the two": max(l, ab),
        **{words: l + ab + value for words, value in added.items()},
    }


def scored_otherwise(case: Case) -> str:
    """In words, which other scores the reported probabilities belong to; empty if to none known."""
    actual = [case.actual.arrays.get(f"one.prob_{view}") for view in VIEWS]
    if any(g is None or g.size != 1 or not np.isfinite(g).all() for g in actual):
        return ""
    probabilities = [float(g.ravel()[0]) for g in actual if g is not None]
    for words, scores in first_scores(case.seed).items():
        expected = [probability(s) for s in scores]
        if words and all(abs(a - b) <= 1e-3 * abs(b) for a, b in zip(probabilities, expected, strict=True)):
            return words
    return ""


@functools.lru_cache(maxsize=64)
def first_scores(seed: int) -> dict[str, tuple[Tensor, Tensor]]:
    """The scores of the first batch: as asked for, under the empty name, and as they come of known slips."""
    numbers = Numbers(seed)
    index, labels = (values[:4] for values in index_and_labels(numbers))
    with torch.no_grad():
        l, ab = TinyViews(numbers)(coarse_images(numbers)[:4])

        def scored(l: Tensor, ab: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
            scores: tuple[Tensor, Tensor] = TinyContrast(numbers, N=10, K=3)(l, ab, y)
            return scores

        right, twice = scored(l, ab, index), TinyContrast(numbers, N=10, K=3)
        first, second = twice(l, ab, index), twice(l, ab, index)
        unit = F.normalize(l, dim=1), F.normalize(ab, dim=1)
        return {
            "": right,
            "the two are exchanged": right[::-1],
            "a softmax is taken of the scores first": (right[0].softmax(1), right[1].softmax(1)),
            "the exponentials of the scores are taken first": (right[0].exp(), right[1].exp()),
            "the columns stand in another order": (right[0].flip(1), right[1].flip(1)),
            "the features are exchanged": scored(ab, l, index),
            "the positions in the batch are given for the images' numbers": scored(l, ab, torch.arange(4)),
            "the labels are given for the images' numbers": scored(l, ab, labels),
            "the features are normalised first": scored(*unit, index),
            "the features of L go in twice": scored(l, l, index),
            "the features of ab go in twice": scored(ab, ab, index),
            "the contrast is called twice": (first[0], second[1]),
            "the contrast is called a second time": (second[0], second[1]),
            "the scores of L are taken twice": (right[0], right[0]),
            "the scores of ab are taken twice": (right[1], right[1]),
            "the numbers are one too large": scored(l, ab, (index + 1) % 10),
        }


@functools.lru_cache(maxsize=64)
def criteria_values(seed: int) -> dict[tuple[str, int], float]:
    """The loss of each view's scores in the first batch, by the criterion of L (0) and that of ab (1)."""
    scores = zip(VIEWS, first_scores(seed)[""], strict=True)
    return {(view, k): float(WeightedLoss(weight)(s)) for view, s in scores for k, weight in enumerate((0.5, 1.5))}


def probability(scores: Tensor) -> float:
    """The mean probability of the positive, at column 0."""
    return float(scores.softmax(dim=1)[:, 0].mean())
