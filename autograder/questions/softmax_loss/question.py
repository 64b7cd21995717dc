"""2.2: the softmax loss. Its value on known scores tells which formula it came from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Criterion, Outcome, shows, unjudged
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers
from ps8.questions.softmax_loss.probe import scores_of, shapes_of

from autograder.questions.shared.judged import asked
from autograder.questions.shared.losses import pull

from .formulas import CUTS, KNOWN, Formula, Known, columns, fitted, log_p, reduced_otherwise

RTOL = 4e-3  # of a loss: half precision inside an answer rounds it by less


MAX_OWN = 2**18  # scores in a batch of the notebook's own sizes: a claim may not be larger
SAME_WAY = 0.95  # the cosine between an answer's gradient and that of the formula it is taken for


class Loss:
    """The formula behind a softmax loss, as far as its values bear it out.

    Attributes:
        scores: by part of the probe, (batch, K+1).
        known: the formula; None if it is none of them.
        shape: whether a dimension is left, or the batch's.
    """

    def __init__(self, case: Case) -> None:
        self.case, numbers = case, Numbers(case.seed)
        self.scores = {name: scores_of(numbers, name, *shape)[..., 0] for name, shape in shapes_of(numbers).items()}
        self.actual = case.actual.arrays.get("batch")
        self.shape = self.actual is not None and self.actual.ndim > 0
        self.known = self._known()

    def close(self, actual: np.ndarray | None, formula: Formula, part: str) -> bool:
        if actual is None or actual.size == 0 or not np.isfinite(actual).all():
            return False
        expected = np.array(float(formula(self.scores[part].double())))
        return all(close(np.array(v), expected, rtol=RTOL, atol=1e-4) for v in [np.asarray(actual).mean()])

    def _known(self) -> Known | None:
        actual = self.actual
        if actual is None or not np.isfinite(actual).all():
            return None
        s = self.scores["batch"].double()
        if actual.size == len(s) and len(s) > 1:
            each = (-log_p(s)[:, 0]).numpy()
            if close(actual.ravel(), each, rtol=RTOL):
                return Known("a loss for each image, not their mean", Severity.OTHER_NUMBERS, KNOWN[0].formula)
        if actual.size != 1:
            return None
        second_best = None  # it has the value, and does not explain the rest
        for known in chain(KNOWN, columns(s), reduced_otherwise()):
            if self.close_at("batch", known) and self.believed(known):
                if all(self.tried(known)):
                    return known
                second_best = second_best or known
        free = (known for known in fitted(s, float(actual.mean())) if all(self.tried(known)) and self.believed(known))
        return next(free, second_best)

    def believed(self, known: Known) -> bool:
        """Whether more than one number speaks for a formula: one may be right by chance, two numbers of a right loss hardly."""
        more = [self.close_at(part, known) for part in ("one", "large")]
        return self.descends(known.formula) or (all(more) and self.grows() if known.words else more[0])

    def grows(self) -> bool:
        """Whether large scores give a large loss: what hardly depends on them may be a constant."""
        large = self.case.actual.arrays["large"]
        return bool(np.abs(large).max() > 10 * np.abs(self.actual).max())  # type: ignore[arg-type]

    def tried(self, known: Known) -> list[bool]:
        """Whether a formula explains what else came: the loss of one image, the gradient or the loss of large scores."""
        one, gradient = (self.case.actual.arrays.get(key) for key in ("one", "gradient"))
        pulls = gradient is not None and np.any(gradient)
        explained = [self.pulls_as(known.formula, gradient) if pulls else self.close_at("large", known)]  # type: ignore[arg-type]
        if one is not None and one.size == 1 and np.isfinite(one).all():
            explained.append(self.close_at("one", known))
        return explained

    def close_at(self, part: str, known: Known) -> bool:
        return self.close(self.case.actual.arrays.get(part), known.formula, part)

    @property
    def proven(self) -> bool:
        """Whether the formula explains all the numbers: only then it is named."""
        return self.known is not None and (self.actual.size > 1 or all(self.tried(self.known)))  # type: ignore[union-attr]

    def slope(self, formula: Formula) -> np.ndarray:
        """The gradient of a formula by the scores of the batch."""
        s = self.scores["batch"].double().clone().requires_grad_()
        formula(s).sum().backward()
        assert s.grad is not None
        return s.grad.numpy()

    def pulls_as(self, formula: Formula, actual: np.ndarray) -> bool:
        expected = self.slope(formula)
        return actual.size == expected.size and close(
            actual.reshape(expected.shape), expected, rtol=1e-2, atol=1e-2 * float(np.abs(expected).max())
        )

    def descends(self, formula: Formula) -> bool:
        """Whether the answer's gradient is that of a formula, but for its scale: no constant has one, whatever its value."""
        actual = self.case.actual.arrays.get("gradient")
        if actual is None or actual.size != self.scores["batch"].numel() or not np.isfinite(actual).all():
            return False
        one, two = actual.ravel(), self.slope(formula).ravel()
        norms = float(np.linalg.norm(one) * np.linalg.norm(two))
        return norms > 0 and abs(float(one @ two)) / norms > SAME_WAY

    def cut_off(self) -> str:
        """In words, if the loss of large scores is that of a logarithm that something keeps from going further; else empty."""
        actual = self.case.actual.arrays.get("large")
        return next((f": {known.words}" for known in CUTS if self.close(actual, known.formula, "large")), "")

    def depends(self) -> bool:
        """Whether the loss has a gradient, or another value for other scores."""
        values = [self.case.actual.arrays.get(part) for part in ("batch", "one", "large")]
        means = [float(v.mean()) for v in values if v is not None and v.size and np.isfinite(v).all()]
        return bool(np.any(self.case.actual.arrays.get("gradient", np.zeros(1)))) or len(set(means)) != 1

    def is_steady(self) -> bool:
        """Whether a second call on the same scores gives the same: else it is not the scores that decide."""
        again = self.case.actual.arrays.get("again")
        return again is None or self.actual is None or close(again, self.actual, rtol=RTOL)

    def right_where_it_runs(self) -> bool:
        """Whether it raised, and is right for the notebook's own sizes: value and gradient."""
        actual, gradient = (self.case.actual.arrays.get(key) for key in ("own", "own.gradient"))
        shape = gradient.shape if gradient is not None else ()
        if actual is None or actual.size != 1 or self.actual is not None or len(shape) != 3 or not 2 < gradient.size <= MAX_OWN:  # type: ignore[union-attr]
            return False
        s = scores_of(Numbers(self.case.seed), "own", *shape[:2])[..., 0].double().requires_grad_()
        loss = -log_p(s)[:, 0].mean()
        loss.backward()
        assert s.grad is not None and gradient is not None
        most = float(s.grad.abs().max())
        return close(actual.ravel(), loss.detach().numpy().ravel(), rtol=RTOL) and close(
            gradient[..., 0], s.grad.numpy(), rtol=1e-2, atol=1e-2 * most
        )

    def borne_out(self) -> bool:
        if self.right_where_it_runs():
            return True
        return self.is_steady() and (self.known is not None or pull(self.case, "gradient") > 0.6)


def _runs(case: Case) -> Outcome:
    if "batch" in case.actual.errors:
        own = "right for the notebook's own batch_size and K, it raises for others: " * case.once(Loss).right_where_it_runs()
        return Outcome(Severity.CANNOT_RUN, f"{own}forward: {case.actual.errors['batch']}")
    if "batch" not in case.actual.arrays:
        return Outcome(Severity.CANNOT_RUN, f"no loss came: {case.error() or 'forward gives nothing'}")
    return MET


def _value(case: Case) -> Outcome:
    loss = case.once(Loss)
    if loss.actual is None:
        return unjudged()
    first = difference(case, "batch", "the loss", rtol=RTOL)
    reason = first or difference(case, "again", "the loss at the second call", rtol=RTOL) * ("again" in case.actual.arrays)
    if loss.known is None:
        if not reason:
            return MET
        flat = "" if loss.depends() else ": it does not depend on the scores"
        return Outcome(Severity.LEARNS_ELSE, f"{reason}{flat}")
    if loss.known.words:
        reason = reason or difference(case, "one", "the loss of one image", rtol=RTOL)
        words = loss.known.words if loss.proven else ""
        return Outcome(loss.known.severity, f"{reason}: {words}" if words and loss.known.severity else words or reason)
    return Outcome(Severity.OTHER_NUMBERS, reason) if reason else MET


def _gradient(case: Case) -> Outcome:
    actual, loss = case.actual.arrays.get("gradient"), case.once(Loss)
    if loss.actual is None:
        return unjudged()
    if actual is None or not np.any(actual):
        return Outcome(
            Severity.NOTHING_LEARNS,
            f"no gradient arrives at the scores: {case.actual.errors.get('again', 'is the loss cut off from them?')}",
        )
    if loss.known is None or loss.known.severity or loss.known.words:
        return MET
    reason = difference(case, "gradient", "the gradient", rtol=1e-2, atol=1e-4)
    return Outcome(Severity.OTHER_NUMBERS, reason) if reason else MET


def _part(part: str, what: str) -> Callable[[Case], Outcome]:
    """A check that the same formula holds for a batch of one, or for scores that overflow a plain exponential."""

    def check(case: Case) -> Outcome:
        loss, actual = case.once(Loss), case.actual.arrays.get(part)
        if loss.actual is None:
            return unjudged()
        reason = difference(case, part, what, rtol=RTOL)
        if not reason:
            return MET
        if actual is None or not np.isfinite(actual).all():
            return Outcome(Severity.NOT_GENERAL, reason)
        if part == "large":
            reason += loss.cut_off()
        if loss.known is None:
            return unjudged()
        if loss.shape and actual.size == 1:
            return (
                MET if part == "one" or loss.close(actual, loss.known.formula, part) else Outcome(Severity.NOT_GENERAL, reason)
            )
        if actual.size == len(loss.scores[part]) > 1:
            each = (-log_p(loss.scores[part].double())[:, 0]).numpy()
            return MET if close(actual.ravel(), each, rtol=RTOL) else Outcome(Severity.NOT_GENERAL, reason)
        return (
            MET if loss.close(actual, loss.known.formula, part) and actual.size == 1 else Outcome(Severity.NOT_GENERAL, reason)
        )

    return check


QUESTION = asked(
    "softmax_loss",
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
