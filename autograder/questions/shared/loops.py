"""1.4, 1.5 and 2.3: a training loop, and what is asked of it beside its steps. How they are measured: `steps`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from .steps import (
    DOWN,
    EXACT_LOSS_RTOL,
    FOLLOWS,
    IN_EVAL,
    LOSS_RTOL,
    ROUGH_LOSS_RTOL,
    Moves,
    Reported,
    count,
    exactly,
    moves,
    reported,
    simple_factor,
)

WHOLE = (("after", "before", "slopes"),)  # of a model that learns as a whole: see `Loop.parts`


@dataclass(frozen=True)
class Loop:
    """One way in which a training function is run, and where its evidence is.

    Attributes:
        run: prefix of its runs, such as `frozen.`.
        parts: of the parameters that should learn: the name in the evidence, after and before, and of the slopes.
        loss: the evidence of the loss.
        factors: sizes that a sum or a mean too many would bring in.
        counts: names of the watches.
        question, module, rate: that asks for it; of the reference, that holds it; and what the rate is called there.
        said: words to put before a reason.
        known: other losses of the first batch that are often taken, in words.
    """

    run: str
    parts: tuple[tuple[str, str, str], ...]
    loss: str
    factors: tuple[float, ...]
    counts: tuple[str, ...]
    question: str
    module: str
    rate: str
    said: str = ""
    known: Callable[[int], dict[str, float]] = lambda seed: {}

    def key(self, run: str) -> str:
        return f"{self.run}{run}"

    def moves(self, case: Case, run: str) -> list[Moves]:
        run = self.key(run)
        return [moves(case, f"{run}.{before}", f"{run}.{after}", f"{run}.{slopes}") for after, before, slopes in self.parts]

    def loss_of(self, case: Case, run: str) -> Reported:
        exact = all(m.right and not m.rough for m in self.moves(case, run))
        return reported(case, f"{self.key(run)}.{self.loss}", f"{self.said}the loss", EXACT_LOSS_RTOL if exact else LOSS_RTOL)

    def raised(self, case: Case) -> str:
        """What both runs raised; empty if one of them went through."""
        errors = [case.actual.errors.get(self.key(run)) for run in ("one", "many")]
        return errors[0] or "" if all(errors) else ""

    def left_loss(self, case: Case) -> bool:
        """Whether the right loss of the first batch was there when something was raised: to more digits than luck has."""
        expected = case.expected.arrays[f"{self.key('one')}.{self.loss}"].ravel()[0]
        left = [array.ravel()[0] for array in case.left(self.key("one")) if array.size == 1]
        return any(exactly(float(value), expected) for value in left)

    def stepped(self, case: Case) -> bool:
        """Whether the first step was right where something else was returned than asked for."""
        key, (after, before, slopes) = self.key("one"), self.parts[-1]
        moved = moves(case, f"{key}.{before}", f"{key}.{after}", f"{key}.{slopes}", actual=f"{key}.stepped")
        return moved.right

    def strange(self, case: Case) -> bool:
        """Whether what is trained was called on other numbers than the batch's images."""
        return any(case.flag(f"{self.key(run)}.strange") for run in ("one", "many"))

    def known_loss(self, case: Case) -> str:
        """In words, which of the known other losses is reported of the first batch; empty if none."""
        actual = case.actual.arrays.get(f"{self.key('one')}.{self.loss}")
        if actual is None or actual.size != 1 or not np.isfinite(actual).all():
            return ""
        value = float(actual.ravel()[0])
        for times, said in ((1, ""), (2, "2 times "), (0.5, "half of ")):
            for words, other in self.known(case.seed).items():
                if abs(value - times * other) <= 1e-3 * abs(times * other):
                    return f"{said}{words}"
        return ""

    def borne_out(self, case: Case) -> bool:
        """Whether a loss is that of the batch, or follows from it, to more digits than luck has; or steps go the right way.

        A loss off by a simple factor, or with its sign turned, or of another known kind, follows from the batch, too. So do
        steps that go just the wrong way.
        """
        return self._loss_follows(case) or self.left_loss(case) or self.stepped(case) or self._steps_follow(case)

    def _loss_follows(self, case: Case) -> bool:
        key = f"{self.key('one')}.{self.loss}"
        actual, right = case.actual.arrays.get(key), float(case.expected.arrays[key].ravel()[0])
        if actual is None or actual.size == 0:
            return False
        factors = (1.0, *self.factors, *(1 / factor for factor in self.factors))
        known = (times * value for value in self.known(case.seed).values() for times in (1, 2, 0.5))
        values = (*(factor * right for factor in factors), *known)
        return any(exactly(abs(float(actual.ravel()[0])), abs(value)) for value in values)

    def _steps_follow(self, case: Case) -> bool:
        moved = [m for run in ("one", "many") for m in self.moves(case, run)]
        return any(min(abs(m.cosine), abs(m.signs)) > FOLLOWS for m in moved)


def runs(loop: Loop, severity: Severity = Severity.CANNOT_RUN) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        raised = loop.raised(case)
        if raised:
            return Outcome(severity, f"{loop.said}{raised}")
        later = case.actual.errors.get(loop.key("many"))
        return Outcome(severity, f"{loop.said}two epochs of three batches: {later}") if later else MET

    return check


def loss(loop: Loop) -> Callable[[Case], Outcome]:
    """What is reported of the first batch. With another gradient it is judged there, and paid for once."""

    def check(case: Case) -> Outcome:
        reading = loop.loss_of(case, "one")
        if reading.right or loop.strange(case):
            return MET if reading.right else unjudged(reading.reason)
        if not reading.there:
            return unjudged() if loop.raised(case) else Outcome(Severity.OTHER_NUMBERS, reading.reason)
        if abs(reading.factor + 1) < LOSS_RTOL:
            return (
                unjudged(reading.reason)
                if turned(loop, case)
                else Outcome(Severity.OTHER_NUMBERS, f"{reading.reason}: the sign is turned")
            )
        words = simple_factor(reading.factor, loop.factors)
        if words:
            return Outcome(Severity.OTHER_NUMBERS, f"{reading.reason}, {words}")
        if all(m.right for run in ("one", "many") for m in loop.moves(case, run)):
            return Outcome(Severity.OTHER_NUMBERS, reading.reason)
        known = loop.known_loss(case)
        if known.startswith(("2 times ", "half of ")):
            return Outcome(Severity.OTHER_NUMBERS, f"{reading.reason}: {known}")
        return unjudged(reading.reason)  # another loss: its steps say how much that is

    return check


def turned(loop: Loop, case: Case) -> bool:
    return any(m.there and m.cosine < -DOWN for m in loop.moves(case, "one"))


def epochs(loop: Loop, *more: str) -> Callable[[Case], Outcome]:
    """What is reported of two epochs, where the steps themselves are right: a number each, of all their batches."""

    def check(case: Case) -> Outcome:
        key = f"{loop.key('many')}.{loop.loss}"
        actual = case.actual.arrays.get(key)
        if actual is not None and actual.size != 2:
            return Outcome(Severity.OTHER_NUMBERS, f"{loop.said}expected a number for each of 2 epochs, actual {actual.size}")
        later = loop.moves(case, "many")
        if loop.strange(case) or not loop.loss_of(case, "one").right or not all(m.right for m in later):
            return unjudged()
        rtol = ROUGH_LOSS_RTOL if any(m.rough for m in later) else LOSS_RTOL
        for name in (loop.loss, *more):
            reading = reported(case, f"{loop.key('many')}.{name}", f"{loop.said}`{name}` of two epochs", rtol)
            if not reading.right:
                return Outcome(Severity.OTHER_NUMBERS, reading.reason)
        return MET

    return check


def kept(*loops: Loop) -> Callable[[Case], Outcome]:
    """Plain numbers, the model in training mode, the images as they were. The probe counted these: they may cost."""

    def check(case: Case) -> Outcome:
        for loop in loops:
            for run in ("one", "many"):
                key = loop.key(run)
                if any(count(case, key, name, IN_EVAL) for name in loop.counts):
                    when = "" if run == "one" else " after the first epoch"
                    return Outcome(
                        Severity.NOT_GENERAL, f"{loop.said}the model is in evaluation mode while it is trained{when}"
                    )
                if case.flag(f"{key}.graph"):
                    return Outcome(
                        Severity.NOT_GENERAL, f"{loop.said}the losses hold on to every batch's graph: add up plain numbers"
                    )
                if case.flag(f"{key}.input_changed"):
                    return Outcome(Severity.NOT_GENERAL, f"{loop.said}the batch's images are changed in place")
        return MET

    return check
