"""2.2: formulas that a softmax loss may have come from, as asked for and as often mistaken, some with a number to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.severity import Severity
from torch import Tensor

from autograder.questions.shared.losses import crossings

Formula = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Known:
    """A formula that a loss may have come from: in words, how much it is off, and itself."""

    words: str
    severity: Severity
    formula: Formula


def log_p(s: Tensor, dim: int = 1) -> Tensor:
    return s.log_softmax(dim)


def _one_hot(s: Tensor) -> Tensor:
    target = torch.zeros_like(s)
    target[:, 0] = 1
    return target


_ELSE, _NUMBERS, _NOTHING = Severity.LEARNS_ELSE, Severity.OTHER_NUMBERS, Severity.NOTHING_LEARNS
KNOWN = (
    Known("", Severity.NONE, lambda s: -log_p(s)[:, 0].mean()),
    Known("the sum over the batch, not its mean", _NUMBERS, lambda s: -log_p(s)[:, 0].sum()),
    Known("the mean over the columns, too", _NUMBERS, lambda s: -log_p(s)[:, 0].mean() / s.shape[1]),
    Known("the minus is missing", _NOTHING, lambda s: log_p(s)[:, 0].mean()),
    Known("row i is asked for column i", _NOTHING, lambda s: F.cross_entropy(s, torch.arange(len(s)) % s.shape[1])),
    Known("a softmax comes before the cross entropy", _ELSE, lambda s: -log_p(s.softmax(1))[:, 0].mean()),
    Known(
        "a logarithm of the softmax comes before the cross entropy's own",
        Severity.NONE,
        lambda s: -log_p(log_p(s))[:, 0].mean(),
    ),
    Known("a sigmoid comes before the cross entropy", _ELSE, lambda s: -log_p(s.sigmoid())[:, 0].mean()),
    Known("the softmax runs over the batch", _ELSE, lambda s: -log_p(s, 0)[:, 0].mean()),
    Known("the logarithm is missing", _ELSE, lambda s: -s.softmax(1)[:, 0].mean()),
    Known("the logarithm is missing", _ELSE, lambda s: (1 - s.softmax(1)[:, 0]).mean()),
    Known("the probability itself, with its sign", _NOTHING, lambda s: s.softmax(1)[:, 0].mean()),
    Known("the mean is taken before the logarithm", _NUMBERS, lambda s: -s.softmax(1)[:, 0].mean().log()),
    Known("the positive is missing below the fraction", _ELSE, lambda s: (s[:, 1:].logsumexp(1) - s[:, 0]).mean()),
    Known("the exponentials are averaged, not added up", _NUMBERS, lambda s: -log_p(s)[:, 0].mean() - np.log(s.shape[1])),
    Known("the negatives are missing", _NOTHING, lambda s: -s[:, 0].mean()),
    Known("the negatives are missing", _NOTHING, lambda s: -F.logsigmoid(s[:, 0]).mean()),
    Known("a yes or no for each column, averaged", _NOTHING, lambda s: F.binary_cross_entropy_with_logits(s, _one_hot(s))),
    Known(
        "a yes or no for each column, added up",
        _ELSE,
        lambda s: F.binary_cross_entropy_with_logits(s, _one_hot(s), reduction="sum") / len(s),
    ),
    Known("only the first image of the batch", _ELSE, lambda s: -log_p(s)[0, 0]),
    Known("only the last image of the batch", _ELSE, lambda s: -log_p(s)[-1, 0]),
    Known("the largest of the batch, not its mean", _NUMBERS, lambda s: (-log_p(s)[:, 0]).max()),
    Known("the mean over all columns, as if each were the right one", _NOTHING, lambda s: -log_p(s).mean()),
    Known("the squared error of the softmax", _ELSE, lambda s: ((s.softmax(1) - _one_hot(s)) ** 2).mean()),
    Known("the squared error of the scores", _ELSE, lambda s: ((s - _one_hot(s)) ** 2).mean()),
    Known("a margin between the positive and the others", _ELSE, lambda s: F.multi_margin_loss(s, torch.zeros(len(s)).long())),
    Known("the square of each image's loss", _ELSE, lambda s: (log_p(s)[:, 0] ** 2).mean()),
    Known("the exponential of the loss", _ELSE, lambda s: (-log_p(s)[:, 0].mean()).exp()),
    Known("the root of the loss", _ELSE, lambda s: (-log_p(s)[:, 0].mean()).sqrt()),
    Known("the median of the batch, not its mean", _NUMBERS, lambda s: (-log_p(s)[:, 0]).median()),
    Known("the smallest of the batch, not its mean", _ELSE, lambda s: (-log_p(s)[:, 0]).min()),
    Known(
        "a hinge between the positive and the largest of the others",
        _ELSE,
        lambda s: (1 + s[:, 1:].amax(1) - s[:, 0]).relu().mean(),
    ),
    Known("the positive's score against the mean of the others", _ELSE, lambda s: (s[:, 1:].mean(1) - s[:, 0]).mean()),
    Known(
        "a softmax comes before the cross entropy, and its sign is turned", _NOTHING, lambda s: log_p(s.softmax(1))[:, 0].mean()
    ),
    Known("a tanh comes before the cross entropy", _ELSE, lambda s: -log_p(s.tanh())[:, 0].mean()),
    Known("the scores are made a length of 1 first", _ELSE, lambda s: -log_p(F.normalize(s, dim=1))[:, 0].mean()),
    Known(
        "the scores are standardised first",
        _ELSE,
        lambda s: -log_p((s - s.mean(1, keepdim=True)) / s.std(1, keepdim=True))[:, 0].mean(),
    ),
    Known("the exponential is missing in the fraction", _ELSE, lambda s: -(s[:, 0] / s.sum(1)).log().mean()),
    Known(
        "the positive is counted twice below the fraction",
        _ELSE,
        lambda s: (torch.cat([s, s[:, :1]], 1).logsumexp(1) - s[:, 0]).mean(),
    ),
    Known("the entropy of the softmax", _NOTHING, lambda s: -(s.softmax(1) * log_p(s)).sum(1).mean()),
    Known("-log(1 - p) of the positive", _NOTHING, lambda s: -(1 - s.softmax(1)[:, 0]).log().mean()),
    Known(
        "the negatives' -log(1 - p) are added",
        _ELSE,
        lambda s: -(log_p(s)[:, 0] + (1 - s.softmax(1)[:, 1:]).log().sum(1)).mean(),
    ),
    Known("logarithm to the base 2", _NUMBERS, lambda s: -log_p(s)[:, 0].mean() / np.log(2)),
)


class Family:
    """Formulas with a number to be found: in words (`{}` stands for it), how far off, where it may lie, and themselves."""

    def __init__(self, words: str, severity: Severity, grid: np.ndarray, formula: Callable[[Tensor, float], Tensor]) -> None:
        self.words, self.severity, self.grid, self.formula = words, severity, grid, formula

    def solutions(self, s: Tensor, value: float) -> Iterator[Known]:
        """The members that have this value for these scores."""
        for found in crossings(lambda a: float(self.formula(s, a)) - value, self.grid):
            severity = _NOTHING if found < 0 and "multiplied" in self.words else self.severity
            yield Known(self.words.format(f"{found:.4g}"), severity, lambda s, a=found: self.formula(s, a))  # type: ignore[misc]


def columns(s: Tensor) -> list[Known]:
    """Another column taken for the positive."""
    found = []
    for column in range(1, s.shape[1]):
        place, words = (column, f"column {column}") if column < s.shape[1] - 1 else (-1, "the last column")
        found.append(Known(f"{words} is taken for the positive", _NOTHING, lambda s, c=place: -log_p(s)[:, c].mean()))  # type: ignore[misc]
    return found


REDUCTIONS: dict[str, Callable[[int, int], float]] = {
    "times the batch size": lambda batch, width: batch,
    "times the number of columns": lambda batch, width: width,
    "times both the batch size and the number of columns": lambda batch, width: batch * width,
    "over the number of columns": lambda batch, width: 1 / width,
    "over the batch size": lambda batch, width: 1 / batch,
    "over both the batch size and the number of columns": lambda batch, width: 1 / (batch * width),
    "times 2": lambda batch, width: 2,
    "times 1/2": lambda batch, width: 1 / 2,
}


def reduced_otherwise() -> Iterator[Known]:
    """The known formulas, summed or averaged otherwise."""
    for words, factor in REDUCTIONS.items():
        for known in KNOWN:
            said = f"{known.words or 'the loss'}, {words}"
            severity = max(known.severity, _NUMBERS)
            yield Known(said, severity, lambda s, f=known.formula, n=factor: n(*s.shape) * f(s))  # type: ignore[misc]


def right(s: Tensor) -> Tensor:
    return KNOWN[0].formula(s)


def _with_margin(s: Tensor, margin: float) -> Tensor:
    return right(s - margin * _one_hot(s))


def _weighted(s: Tensor, weight: float) -> Tensor:
    negatives = s[:, 1:].logsumexp(1) + np.log(weight)
    return (torch.stack([s[:, 0], negatives], 1).logsumexp(1) - s[:, 0]).mean()


def _focal(s: Tensor, power: float) -> Tensor:
    return -((1 - s.softmax(1)[:, 0]) ** power * log_p(s)[:, 0]).mean()


def _smoothed(s: Tensor, share: float) -> Tensor:
    return (1 - share) * right(s) - share * log_p(s).mean()


_SIZES = np.geomspace(0.01, 20, 120)
FAMILIES = (
    Family("the labels are smoothed, by {}", _NUMBERS, np.linspace(0.005, 0.995, 40), _smoothed),
    Family("the scores are multiplied by {}", _NUMBERS, np.concatenate([-_SIZES[::-1], _SIZES]), lambda s, a: right(a * s)),
    Family("{} is taken from the positive's score", _NUMBERS, np.concatenate([-_SIZES[::-1], _SIZES]), _with_margin),
    Family("the exponentials of the negatives count {} times", _NUMBERS, np.geomspace(1e-4, 1e4, 120), _weighted),
    Family(
        "each image's loss is weighted by (1 - p) to the power {}, as in a focal loss", _ELSE, np.linspace(0.1, 6, 60), _focal
    ),
)


def _cut(eps: float) -> Known:
    words = f"the logarithm is cut off by an eps of {eps:.0e}"
    return Known(words, Severity.NONE, lambda s: -(s.softmax(1)[:, 0] + eps).log().mean())


CUTS = tuple(_cut(10.0**-k) for k in range(2, 17))


def fitted(s: Tensor, value: float) -> Iterator[Known]:
    """Formulas with a number found that gives this value for these scores; whether they hold elsewhere is to be tried."""
    factor, shift = value / float(right(s)), value - float(right(s))
    if 1e-3 < abs(factor) < 1e4:  # a constant 0 is 0 times anything
        yield Known(f"{factor:.4g} times the loss", _NUMBERS if factor > 0 else _NOTHING, lambda s: factor * right(s))
    yield Known(f"{shift:.4g} is added to the loss", _NUMBERS, lambda s: right(s) + shift)
    for family in FAMILIES:
        yield from family.solutions(s, value)
