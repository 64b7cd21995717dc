"""Changes to 2.2, the scores: the temperature, the momentum, the length of the features, the columns."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import effect_of_factor, span
from ps8.probes import Namespace
from ps8.probes.tools import Numbers
from ps8.questions.shared.caught import OF_PAIR, PASSES, checked

from .check import check_cmc_score

D = 16


def warmer(namespace: Namespace, numbers: Numbers, f: int) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    l, ab = numbers.normal("l", 4, D), numbers.normal("ab", 4, D)
    outs = [scorer(namespace, numbers, 20, 6, T=T)(l, ab, y, idx)[0] for T in (0.2, 0.2 * f)]
    key = effect_of_factor(outs[1], outs[0], {"smaller": 1 / f, "larger": f, "same": 1, "squared": 1 / f**2}, "other")
    return Ran(key, f"before, out_l went from {span(outs[0])}; after, from {span(outs[1])}")


def longer(namespace: Namespace, numbers: Numbers, f: int) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    l, ab = numbers.normal("l", 4, D), numbers.normal("ab", 4, D)
    outs = [scorer(namespace, numbers, 20, 6)(by * l, by * ab, y, idx)[0] for by in (1, f)]
    key = effect_of_factor(outs[1], outs[0], {"same": 1, "larger": f, "squared": f**2, "smaller": 1 / f}, "other")
    return Ran(key, f"before, out_l went from {span(outs[0])}; after, from {span(outs[1])}")


def momentum(namespace: Namespace, numbers: Numbers, m: int) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    contrast = scorer(namespace, numbers, 20, 6, m=float(m))
    before = contrast.memory_l.detach().clone()
    l, ab = 3 * numbers.normal("l", 4, D), numbers.normal("ab", 4, D)
    contrast(l, ab, y, idx)
    row = contrast.memory_l.detach().cpu()[y]
    candidates = {"old": before[y], "live": unit(l), "long": l, "other_view": unit(ab)}
    names = [name for name, rows in candidates.items() if torch.allclose(row, rows, atol=1e-4)]
    cosine = float((row * unit(l)).sum(1).mean())
    return Ran(
        names[0] if len(names) == 1 else "none", f"the mean cosine of the new rows and the live features is {cosine:.4f}"
    )


def dead_features(namespace: Namespace, numbers: Numbers) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    out, _ = scorer(namespace, numbers, 20, 6)(torch.zeros(4, D), torch.zeros(4, D), y, idx)
    key = "zero" if bool((out == 0).all()) else "nan" if bool(out.isnan().all()) else "other"
    return Ran(key, f"out_l went from {span(out)}")


def twins(namespace: Namespace, numbers: Numbers, T: float) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    contrast = scorer(namespace, numbers, 20, 6, T=T, m=0.0)
    feature = numbers.normal("l", 4, D)
    first = contrast(feature, feature.clone(), y, idx)[0][:, 0].mean()
    second = contrast(feature, feature.clone(), y, idx)[0][:, 0].mean()
    return Ran(
        float(second), f"the positive's mean score was {float(first):.4g} in the first call, {float(second):.4g} in the next"
    )


def scorer(namespace: Namespace, numbers: Numbers, N: int, K: int, d: int = 16, T: float = 0.25, m: float = 0.5) -> Any:
    """The student's `CMCScore` with rows of length 1 in its banks."""
    contrast = namespace["CMCScore"](d, N, K, T=T, momentum=m).cpu()
    with torch.no_grad():
        for name in ("memory_l", "memory_ab"):
            getattr(contrast, name).copy_(unit(numbers.normal(name, N, d)))
    return contrast


def unit(x: Tensor) -> Tensor:
    """Rows of length 1."""
    rows: Tensor = x / x.norm(dim=-1, keepdim=True)
    return rows


def rows_for(numbers: Numbers, N: int, K: int, batch: int = 4) -> tuple[Tensor, Tensor]:
    """Different images' numbers y, and for each the rows idx to score against: y, then K of others."""
    y = numbers.permutation("y", N)[:batch]
    others = (y[:, None] + 1 + numbers.integers("idx", N - 1, batch, K)) % N
    return y, torch.cat([y[:, None], others], dim=1)


ITEMS = (
    PracticeItem(
        Statement(
            "cmc_score",
            "warmer",
            "your CMCScore is made with a temperature that is {f} times as high.",
            "What becomes of the scores?",
            {
                "smaller": "each is divided by {f}",
                "larger": "each is multiplied by {f}",
                "same": "they stay as they are: features and rows have length 1",
                "squared": "each is divided by the square of {f}",
            },
            {"f": (2, 3, 5)},
        ),
        warmer,
        "A score is a cosine over T. A higher temperature makes all scores more alike, and the softmax over them flatter.",
    ),
    PracticeItem(
        Statement(
            "cmc_score",
            "longer",
            "all live features become {f} times as long.",
            "What becomes of the scores?",
            {
                "same": "they stay as they are",
                "larger": "each is multiplied by {f}",
                "squared": "each is multiplied by the square of {f}",
                "smaller": "each is divided by {f}",
            },
            {"f": (2, 10)},
        ),
        longer,
        "Features are brought to length 1 before anything else, so only their direction counts. Otherwise a network could "
        "lower the loss by shouting.",
    ),
    PracticeItem(
        Statement(
            "cmc_score",
            "momentum",
            "your CMCScore is made with momentum {m}, and called once.",
            "What are the rows y of memory_l afterwards?",
            {
                "old": "what they were before",
                "live": "the features l of this batch, at length 1",
                "long": "the features l of this batch, as long as they came",
                "other_view": "the features ab of this batch, at length 1",
            },
            {"m": (0, 1)},
        ),
        momentum,
        "The momentum is the share of the old row that stays: with 1 nothing new gets in, with 0 nothing old is left. "
        "Either way the row has length 1.",
    ),
    PracticeItem(
        Statement(
            "cmc_score",
            "twins",
            "momentum is 0, the temperature {T}; both views give the same features (l = ab); and you call your CMCScore twice "
            "with the same batch.",
            "Which score does the positive get in the second call?",
            draws={"T": (0.05, 0.1, 0.2, 0.5)},
        ),
        twins,
        "After the first call the image's row is its own feature. The cosine of a feature with itself is 1, over T. "
        "In the first call the row was still the old one: the update comes after the scores.",
    ),
    PracticeItem(
        Statement(
            "cmc_score",
            "dead_features",
            "all units of the last ReLU are dead: every feature is 0.",
            "Which scores does your CMCScore give?",
            {"zero": "0 everywhere", "nan": "NaN: 0 divided by 0", "other": "noise of the size 1/T, as the banks are noise"},
        ),
        dead_features,
        "0 has no direction. The eps in the denominator keeps it 0 instead of 0/0, so all scores are equal, the loss rests at "
        "2 ln(K+1), and nothing crashes: you have to look for it.",
    ),
    PracticeItem(
        Statement(
            "cmc_score",
            "caught",
            "your CMCScore computes as before, but at the end {change}.",
            "Which of its promises does the check find broken first?",
            {
                "outputs_swapped": "which result depends on which live features and which bank",
                "scale": "how large the scores are at a given temperature",
                "scores_without_gradient": "that a gradient gets from the scores to the live features",
                "passes": PASSES,
            },
            {"change": tuple(OF_PAIR)},
        ),
        checked(check_cmc_score, "CMCScore", OF_PAIR),
        "Half the scores are those of twice the temperature. Exchanged or detached scores look right, each by itself; only "
        "a look at what they depend on, or at the gradient, tells.",
    ),
)
