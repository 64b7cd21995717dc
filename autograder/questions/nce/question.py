"""The optional part: the NCE loss and its normaliser. The loss is judged with the normaliser that the answer has."""

from __future__ import annotations

import numpy as np
from nbjudge.judge.compare import Case, difference
from nbjudge.judge.criteria import MET, Criterion, Outcome, unjudged
from nbjudge.judge.severity import Severity
from ps8.questions.nce.probe import B, K

from autograder.questions.shared.judged import asked
from autograder.questions.shared.steps import exactly

from .forms import ESTIMATES
from .formula import RTOL, Nce

_ELSE, _NUMBERS, _NOTHING = Severity.LEARNS_ELSE, Severity.OTHER_NUMBERS, Severity.NOTHING_LEARNS


def _runs(case: Case) -> Outcome:
    if "first.loss" in case.actual.arrays:
        return MET
    return Outcome(Severity.CANNOT_RUN, f"forward: {case.error() or 'no loss came'}")


def _value(case: Case) -> Outcome:
    nce = case.once(Nce)
    reason = difference(case, "first.loss", "the loss of the first batch", rtol=RTOL)
    if not reason and (nce.form is None or not nce.form.severity):
        return MET
    if "first.loss" not in case.actual.arrays:
        return unjudged()
    if nce.form is not None:
        return Outcome(nce.form.severity, f"{reason}: {nce.form.words}") if nce.form.severity else MET
    return Outcome(_ELSE, reason)


def _normaliser(case: Case) -> Outcome:
    nce = case.once(Nce)
    reason = difference(case, "first.Z", "Z after the first batch", rtol=RTOL)
    if not reason:
        return MET
    if "first.Z" not in case.actual.arrays:
        return unjudged() if "first.loss" not in case.actual.arrays else Outcome(_NUMBERS, reason)
    words = "averaged with the 0 that it started with" if nce.first_averaged else nce.estimate or nce.other_rows()
    return Outcome(_NUMBERS, f"{reason}: {words}" if words else reason)


def _average(case: Case) -> Outcome:
    """Z after the second batch, from the Z and the estimate that the answer has."""
    nce, d = case.once(Nce), case.once(Nce).decay
    reason = difference(case, "second.Z", "Z after the second batch", rtol=RTOL)
    first, second = nce.Z["first"], nce.Z["second"]
    if not reason or first is None:
        return MET if not reason else unjudged()
    if second is None:
        return unjudged() if "second.loss" not in case.actual.arrays else Outcome(_NUMBERS, reason)
    if nce.estimate is None and not nce.first_averaged:
        return unjudged()
    new = float(ESTIMATES[nce.estimate or ""](nce.scores["second"]))
    if nce._near(second, d * first + (1 - d) * new):
        return MET
    if nce._near(second, 0.9 * first + 0.1 * new):
        return Outcome(Severity.NOT_GENERAL, f"{reason}: decay is typed in as 0.9")
    words = {
        new: "it is measured anew from each batch",
        first: "it is set by the first batch and never again",
        (1 - d) * first + d * new: "decay is on the wrong side",
        first + new: "the estimates are added up",
    }
    said = next((text for value, text in words.items() if nce._near(second, value)), "")
    return Outcome(_NUMBERS, f"{reason}: {said}" if said else reason)


def _second(case: Case) -> Outcome:
    """The loss of the second batch, with the Z that the answer has then."""
    nce, actual = case.once(Nce), case.actual.arrays.get("second.loss")
    if actual is None:
        error = case.actual.errors.get("second")
        return Outcome(_ELSE, f"the second batch: {error}") if error and "first.loss" in case.actual.arrays else unjudged()
    if not difference(case, "second.loss", "the loss", rtol=RTOL):
        near = "the loss of the second batch is near the right one, and exactly the one with the Z of the batch before"
        return Outcome(_NUMBERS, near) if _stale(nce, actual, case.expected.arrays["second.loss"]) else MET
    if nce.form is None or actual.size != 1:
        return unjudged()
    Z, s, value = nce.Z, nce.scores["second"], float(actual.ravel()[0])
    if any(
        z is not None and z > 0 and nce._near(value, float(nce.form.formula(s, z))) for z in (Z["second"], nce.right["second"])
    ):
        return MET
    reason = difference(case, "second.loss", "the loss of the second batch", rtol=RTOL)
    if Z["first"] is not None and Z["first"] > 0 and nce._near(value, float(nce.form.formula(s, Z["first"]))):
        return Outcome(_NUMBERS, f"{reason}: it uses the Z of the batch before")
    return Outcome(_NUMBERS, reason) if Z["second"] is not None else unjudged()


def _stale(nce: Nce, actual: np.ndarray, expected: np.ndarray) -> bool:
    """Whether a loss is worked out with the Z of the batch before, where with some inputs that is near the right one."""
    first = nce.Z["first"]
    if nce.form is None or nce.form.severity or actual.size != 1 or first is None or first <= 0:
        return False
    value, late = float(actual.ravel()[0]), float(nce.form.formula(nce.scores["second"], first))
    return exactly(value, late) and not exactly(value, float(expected.ravel()[0]))


def _gradient(case: Case) -> Outcome:
    nce, actual = case.once(Nce), case.actual.arrays.get("first.gradient")
    if "first.loss" not in case.actual.arrays:
        return unjudged()
    if actual is None or not np.any(actual):
        return Outcome(
            _NOTHING, f"no gradient arrives at the scores: {case.actual.errors.get('first', 'is the loss cut off?')}"
        )
    if nce.form is None or actual.size != B * (K + 1):
        return MET
    if any(nce.pulls_as(nce.form, Z) for Z in nce.uses()):
        return MET
    if nce.form.words.startswith("a loss for each image"):
        return MET
    if nce.pulls_as(nce.form, None):
        return Outcome(_ELSE, "the gradient goes through Z, which is a measurement and not to be learned")
    return Outcome(_ELSE, "the gradient is not that of the loss with Z held fixed")


def _one(case: Case) -> Outcome:
    nce, actual = case.once(Nce), case.actual.arrays.get("one")
    if "first.loss" not in case.actual.arrays:
        return unjudged()
    reason = difference(case, "one", "the loss of one image", rtol=RTOL)
    if not reason:
        return MET
    if actual is None or not np.isfinite(actual).all():
        return Outcome(Severity.NOT_GENERAL, reason) if _first_finite(case) else unjudged()
    if nce.form is None or nce.estimate is None or nce.form.words.startswith("a loss for each"):
        return unjudged()
    s = nce.scores["one"]
    uses = (float(ESTIMATES[nce.estimate](s)), nce.right["one"])
    met = actual.size == 1 and any(nce._near(float(actual.ravel()[0]), float(nce.form.formula(s, z))) for z in uses if z > 0)
    return MET if met else Outcome(Severity.NOT_GENERAL, reason)


def _first_finite(case: Case) -> bool:
    return bool(np.isfinite(case.actual.arrays["first.loss"]).all())


def _low(case: Case) -> Outcome:
    """Scores so low that Z is below 1, where nothing else is off."""
    right = ("first.loss", "first.Z", "second.loss", "second.Z")
    if any(difference(case, key, key, rtol=RTOL) for key in right) or "low" in case.actual.errors:
        return unjudged()
    reasons = [difference(case, f"low.{key}", what, rtol=RTOL) for key, what in (("loss", "the loss"), ("Z", "Z"))]
    reason = next(filter(None, reasons), "")
    return Outcome(Severity.NOT_GENERAL, f"low scores, with an estimate of Z below 1: {reason}") if reason else MET


def _large(case: Case) -> Outcome:
    """Large scores: finite, and the right loss, or that of the same form."""
    actual, nce = case.actual.arrays.get("large"), case.once(Nce)
    if "first.loss" not in case.actual.arrays:
        return unjudged()
    reason = difference(case, "large", "the loss of large scores", rtol=RTOL)
    if not reason:
        return MET
    if actual is None or not np.isfinite(actual).all():
        return Outcome(Severity.NOT_GENERAL, reason) if _first_finite(case) else unjudged()
    right = nce.form is not None and not nce.form.words and nce.estimate == ""
    return Outcome(Severity.NOT_GENERAL, reason) if right else unjudged()


QUESTION = asked(
    "nce",
    (
        Criterion("runs", "it runs", 0, _runs),
        Criterion("value", "the loss of the first batch", 4, _value),
        Criterion("normaliser", "Z after the first batch", 1, _normaliser),
        Criterion("average", "Z after the second batch", 1, _average),
        Criterion("second", "the loss of the second batch, with the new Z", 1, _second),
        Criterion("gradient", "the gradient, with Z held fixed", 2, _gradient),
        Criterion("one", "a batch of one", 0, _one),
        Criterion("low", "an estimate of Z below 1", 0, _low),
        Criterion("large", "large scores stay finite", 1, _large),
    ),
    lambda case: case.once(Nce).borne_out(),
)
