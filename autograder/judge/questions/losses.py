"""2.2: the softmax loss. Its value on known scores tells which formula it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from ps8.probes.tools import Numbers
from torch import Tensor

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Criterion, Outcome, Question, shows, unjudged
from autograder.judge.severity import Severity

RTOL = 4e-3  # of a loss: half precision inside an answer rounds it by less
Formula = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Known:
    """A formula that a loss may have come from: in words, how much it is off, and itself."""

    words: str
    severity: Severity
    formula: Formula


def _log_p(s: Tensor, dim: int = 1) -> Tensor:
    return s.log_softmax(dim)


def _one_hot(s: Tensor) -> Tensor:
    target = torch.zeros_like(s)
    target[:, 0] = 1
    return target


_ELSE, _NUMBERS, _NOTHING = Severity.LEARNS_ELSE, Severity.OTHER_NUMBERS, Severity.NOTHING_LEARNS
KNOWN = (
    Known("", Severity.NONE, lambda s: -_log_p(s)[:, 0].mean()),
    Known("the sum over the batch, not its mean", _NUMBERS, lambda s: -_log_p(s)[:, 0].sum()),
    Known("the mean over the columns, too", _NUMBERS, lambda s: -_log_p(s)[:, 0].mean() / s.shape[1]),
    Known("the minus is missing", _NOTHING, lambda s: _log_p(s)[:, 0].mean()),
    Known("row i is asked for column i", _NOTHING, lambda s: F.cross_entropy(s, torch.arange(len(s)) % s.shape[1])),
    Known("a softmax comes before the cross entropy", _ELSE, lambda s: -_log_p(s.softmax(1))[:, 0].mean()),
    Known(
        "a logarithm of the softmax comes before the cross entropy's own",
        Severity.NONE,
        lambda s: -_log_p(_log_p(s))[:, 0].mean(),
    ),
    Known("a sigmoid comes before the cross entropy", _ELSE, lambda s: -_log_p(s.sigmoid())[:, 0].mean()),
    Known("the softmax runs over the batch", _ELSE, lambda s: -_log_p(s, 0)[:, 0].mean()),
    Known("the logarithm is missing", _ELSE, lambda s: -s.softmax(1)[:, 0].mean()),
    Known("the logarithm is missing", _ELSE, lambda s: (1 - s.softmax(1)[:, 0]).mean()),
    Known("the probability itself, with its sign", _NOTHING, lambda s: s.softmax(1)[:, 0].mean()),
    Known("the mean is taken before the logarithm", _NUMBERS, lambda s: -s.softmax(1)[:, 0].mean().log()),
    Known("the positive is missing below the fraction", _ELSE, lambda s: (s[:, 1:].logsumexp(1) - s[:, 0]).mean()),
    Known("the exponentials are averaged, not added up", _NUMBERS, lambda s: -_log_p(s)[:, 0].mean() - np.log(s.shape[1])),
    Known("the negatives are missing", _NOTHING, lambda s: -s[:, 0].mean()),
    Known("the negatives are missing", _NOTHING, lambda s: -F.logsigmoid(s[:, 0]).mean()),
    Known("a yes or no for each column, averaged", _NOTHING, lambda s: F.binary_cross_entropy_with_logits(s, _one_hot(s))),
    Known(
        "a yes or no for each column, added up",
        _ELSE,
        lambda s: F.binary_cross_entropy_with_logits(s, _one_hot(s), reduction="sum") / len(s),
    ),
    Known("only the first image of the batch", _ELSE, lambda s: -_log_p(s)[0, 0]),
    Known("only the last image of the batch", _ELSE, lambda s: -_log_p(s)[-1, 0]),
    Known("the largest of the batch, not its mean", _NUMBERS, lambda s: (-_log_p(s)[:, 0]).max()),
    Known("the mean over all columns, as if each were the right one", _NOTHING, lambda s: -_log_p(s).mean()),
    Known("the squared error of the softmax", _ELSE, lambda s: ((s.softmax(1) - _one_hot(s)) ** 2).mean()),
    Known("the squared error of the scores", _ELSE, lambda s: ((s - _one_hot(s)) ** 2).mean()),
    Known("a margin between the positive and the others", _ELSE, lambda s: F.multi_margin_loss(s, torch.zeros(len(s)).long())),
    Known("logarithm to the base 2", _NUMBERS, lambda s: -_log_p(s)[:, 0].mean() / np.log(2)),
)


SAME_WAY = 0.95  # the cosine between an answer's gradient and that of the formula it is taken for


def agreement(got: np.ndarray, expected: np.ndarray) -> float:
    """The correlation of two gradients by the scores, (batch, K+1, 1), at the negatives: the positive's sign is no merit."""
    one, two = got[:, 1:].ravel(), expected[:, 1:].ravel()
    return float(np.corrcoef(one, two)[0, 1]) if np.ptp(one) > 0 and np.ptp(two) > 0 else 0.0


def pull(case: Case, key: str) -> float:
    """How far a gradient goes with that of a right loss at the negatives, as their scores decide; 0 if none came."""
    got, expected = case.got.arrays.get(key), case.expected.arrays[key]
    if got is None or got.shape != expected.shape or not np.isfinite(got).all() or not np.any(got):
        return 0.0
    return agreement(got, expected)


class Loss:
    """The formula behind a softmax loss, as far as its values bear it out.

    Attributes:
        scores: by part of the probe, (batch, K+1).
        known: the formula; None if it is none of them.
        shape: whether a dimension is left, or the batch's.
    """

    def __init__(self, case: Case) -> None:
        self.case, numbers = case, Numbers(case.seed)
        B, width = 4 + int(numbers.integers("B", 5)), 9 + int(numbers.integers("K+1", 8))
        shapes = {"batch": (B, width), "one": (1, width - 1), "large": (3, width + 1)}
        self.scores = {
            name: numbers.normal(name, *shape, 1)[..., 0] * (400 if name == "large" else 2) for name, shape in shapes.items()
        }
        self.got = case.got.arrays.get("batch")
        self.shape = self.got is not None and self.got.ndim > 0
        self.known = self._known()

    def close(self, got: np.ndarray | None, formula: Formula, part: str) -> bool:
        if got is None or got.size == 0 or not np.isfinite(got).all():
            return False
        expected = np.array(float(formula(self.scores[part].double())))
        return all(close(np.array(v), expected, rtol=RTOL, atol=1e-4) for v in [np.asarray(got).mean()])

    def _known(self) -> Known | None:
        got = self.got
        if got is None or not np.isfinite(got).all():
            return None
        s = self.scores["batch"].double()
        if got.size == len(s) and len(s) > 1:
            each = (-_log_p(s)[:, 0]).numpy()
            if close(got.ravel(), each, rtol=RTOL):
                return Known("a loss for each image, not their mean", _NUMBERS, KNOWN[0].formula)
        fits = [known for known in KNOWN if got.size == 1 and self.close(got, known.formula, "batch")]
        fits.sort(key=lambda known: not self.close(self.case.got.arrays.get("one"), known.formula, "one"))
        if fits and (self.close(self.case.got.arrays.get("one"), fits[0].formula, "one") or self.descends(fits[0].formula)):
            return fits[0]  # a number may be that of a formula by chance; two numbers, or a gradient, hardly
        for column in range(1, s.shape[1]):
            if got.size == 1 and self.close(got, lambda s, c=column: -_log_p(s)[:, c].mean(), "batch"):  # type: ignore[misc]
                place = column if column < s.shape[1] - 1 else -1
                words = "the last column" if place < 0 else f"column {column}"
                found = Known(f"{words} is taken for the positive", _NOTHING, lambda s, c=place: -_log_p(s)[:, c].mean())  # type: ignore[misc]
                if self.descends(found.formula):
                    return found
        fitted = self._fitted(float(got.mean())) if got.size == 1 else None
        return fitted or next((known for known in fits if self.descends(known.formula)), None)

    def descends(self, formula: Formula) -> bool:
        """Whether the answer's gradient is that of a formula, but for its scale: no constant has one, whatever its value."""
        got, s = self.case.got.arrays.get("gradient"), self.scores["batch"].double().clone().requires_grad_()
        if got is None or got.size != s.numel() or not np.isfinite(got).all():
            return False
        formula(s).sum().backward()
        assert s.grad is not None
        one, two = got.ravel(), s.grad.numpy().ravel()
        norms = float(np.linalg.norm(one) * np.linalg.norm(two))
        return norms > 0 and abs(float(one @ two)) / norms > SAME_WAY

    def _fitted(self, value: float) -> Known | None:
        """One free number, found from the batch and tried on the batch of one: smoothing, a factor, a shift."""
        s, right = self.scores["batch"].double(), KNOWN[0].formula
        spread = float(-_log_p(s).mean()) - float(right(s))
        smooth = (value - float(right(s))) / spread if spread else 0.0
        factor = value / float(right(s))
        tries = [
            Known(
                f"the labels are smoothed, by {smooth:.3g}",
                _NUMBERS,
                lambda s: (1 - smooth) * right(s) - smooth * _log_p(s).mean(),
            ),
            Known(f"{factor:.4g} times the loss", _NUMBERS if factor > 0 else _NOTHING, lambda s: factor * right(s)),
            Known(
                f"the loss and {value - float(right(s)):.4g}",
                _NUMBERS,
                lambda s: right(s) + (value - float(right(self.scores["batch"].double()))),
            ),
        ]
        for scale in self._scales(value):
            words = f"the scores are multiplied by {scale:.4g}"
            tries.append(Known(words, _NUMBERS if scale > 0 else _NOTHING, lambda s, a=scale: right(a * s)))  # type: ignore[misc]
        one = self.case.got.arrays.get("one")
        if not 1e-3 < abs(factor) < 1e4:  # a constant 0 is 0 times anything
            return None
        return next((known for known in tries if self.close(one, known.formula, "one") and self.descends(known.formula)), None)

    def _scales(self, value: float) -> list[float]:
        """The factors on the scores with which the loss has this value."""
        s, right = self.scores["batch"].double(), KNOWN[0].formula
        grid = np.concatenate([-np.geomspace(20, 0.01, 120), np.geomspace(0.01, 20, 120)])
        off = np.array([float(right(a * s)) - value for a in grid])
        found = []
        for k in np.flatnonzero(np.sign(off[:-1]) != np.sign(off[1:])):
            low, high = grid[k], grid[k + 1]
            for _ in range(40):
                middle = (low + high) / 2
                low, high = (middle, high) if np.sign(float(right(middle * s)) - value) == np.sign(off[k]) else (low, middle)
            found.append(float(low))
        return found

    def is_steady(self) -> bool:
        """Whether a second call on the same scores gives the same: else it is not the scores that decide."""
        again = self.case.got.arrays.get("again")
        return again is None or self.got is None or close(again, self.got, rtol=RTOL)

    def borne_out(self) -> bool:
        return self.is_steady() and (self.known is not None or pull(self.case, "gradient") > 0.6)


def _runs(case: Case) -> Outcome:
    if "batch" in case.got.errors:
        return Outcome(Severity.CANNOT_RUN, f"forward: {case.got.errors['batch']}")
    if "batch" not in case.got.arrays:
        return Outcome(Severity.CANNOT_RUN, f"no loss came: {case.error() or 'forward gives nothing'}")
    return MET


def _value(case: Case) -> Outcome:
    loss = case.once(Loss)
    reason = difference(case, "batch", "the loss", rtol=RTOL) or difference(
        case, "again", "the loss at the second call", rtol=RTOL
    )
    if not reason or loss.got is None:
        return MET if not reason or "again" in case.got.errors else unjudged(reason)
    if loss.known is None:
        return Outcome(_ELSE, reason)
    if loss.known.words:
        return Outcome(loss.known.severity, f"{reason}: {loss.known.words}" if loss.known.severity else loss.known.words)
    if loss.shape:
        return Outcome(_NUMBERS, reason)
    return (
        Outcome(_NUMBERS, reason)
        if not difference(case, "batch", "the loss", rtol=RTOL) and "again" in case.got.arrays
        else MET
    )


def _gradient(case: Case) -> Outcome:
    got, loss = case.got.arrays.get("gradient"), case.once(Loss)
    if loss.got is None:
        return unjudged()
    if got is None or not np.any(got):
        return Outcome(
            _NOTHING, f"no gradient arrives at the scores: {case.got.errors.get('again', 'is the loss cut off from them?')}"
        )
    if loss.known is None or loss.known.severity or loss.known.words:
        return MET
    reason = difference(case, "gradient", "the gradient", rtol=1e-2, atol=1e-4)
    return Outcome(_NUMBERS, reason) if reason else MET


def _part(part: str, what: str) -> Callable[[Case], Outcome]:
    """A check that the same formula holds for a batch of one, or for scores that overflow a plain exponential."""

    def check(case: Case) -> Outcome:
        loss, got = case.once(Loss), case.got.arrays.get(part)
        if loss.got is None:
            return unjudged()
        reason = difference(case, part, what, rtol=RTOL)
        if not reason:
            return MET
        if got is None or not np.isfinite(got).all():
            return Outcome(Severity.NOT_GENERAL, reason)
        if loss.known is None:
            return unjudged()
        if loss.shape and got.size == 1:
            return MET if part == "one" or loss.close(got, loss.known.formula, part) else Outcome(Severity.NOT_GENERAL, reason)
        if got.size == len(loss.scores[part]) > 1:
            each = (-_log_p(loss.scores[part].double())[:, 0]).numpy()
            return MET if close(got.ravel(), each, rtol=RTOL) else Outcome(Severity.NOT_GENERAL, reason)
        return MET if loss.close(got, loss.known.formula, part) and got.size == 1 else Outcome(Severity.NOT_GENERAL, reason)

    return check


SOFTMAX_LOSS = Question(
    "softmax_loss",
    "2.2 Softmax loss",
    "softmax-loss",
    (
        Criterion("runs", "it runs", 0, _runs),
        Criterion("value", "the cross entropy with the positive at column 0, as a scalar, the mean over the batch", 5, _value),
        Criterion("gradient", "its gradient", 3, _gradient),
        Criterion("one", "a batch of one", 1, _part("one", "the loss of one image")),
        Criterion("large", "large scores do not overflow", 1, _part("large", "the loss of large scores")),
        Criterion(
            "input",
            "the scores stay as they are",
            0,
            shows(
                "input_changed",
                Severity.NOT_GENERAL,
                "it changes the scores in place: what is reported of them afterwards is wrong",
            ),
        ),
    ),
    lambda case: case.once(Loss).borne_out(),
)
