"""1.4, 1.5 and 2.3: whether every step goes the way it should, and if not, what it does instead."""

from __future__ import annotations

from collections.abc import Callable

from nbjudge.judge.catalogue import Edit
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from . import paces
from .loops import Loop
from .steps import DOWN, STEPS, Moves, count, simple_factor

TURNED = 0.8  # cosine of moves the other way round, where the model got other numbers, whose gradient is another anyway


def step(
    loop: Loop,
    half: Severity = Severity.LEARNS_ELSE,
    nothing: Severity = Severity.NOTHING_LEARNS,
    given: tuple[Edit, ...] = (),
) -> Callable[[Case], Outcome]:
    """The first step, and the steps after it.

    Args:
        loop: which.
        half: what it is if a part does not move.
        nothing: what it is if nothing moves, or all of it the wrong way.
        given: the edits of the reference that the case was put beside, if it was one with edits.
    """

    def check(case: Case) -> Outcome:
        first, later = loop.moves(case, "one"), loop.moves(case, "many")
        reading = loop.loss_of(case, "one")
        if not any(m.there for m in (*first, *later)):
            return unjudged()
        strange = loop.strange(case)
        if all(m.right for m in first) and not strange:
            return MET if all(m.right for m in later) else _later(loop, case, later, given)
        if all(m.none for m in first if m.there):
            return _nothing(loop, case, later, nothing)
        if any(m.cosine < -(TURNED if strange else DOWN) for m in first):
            return Outcome(nothing, f"{loop.said}the first step goes up the loss, not down")
        if strange:
            what = "encoder" if loop.run else "model"
            return Outcome(Severity.LEARNS_ELSE, f"{loop.said}the {what} gets other numbers than the batch's images")
        stuck = [part for m, (part, *_) in zip(first, loop.parts, strict=True) if m.none]
        if stuck and len(stuck) < len(first):
            return Outcome(half, f"{loop.said}{_called(stuck[0])} does not move")
        if all(m.right or m.decay_only for m in first) and all(m.right or m.decay_only for m in later):
            if reading.there and not reading.right:
                return Outcome(Severity.LEARNS_ELSE, f"{reading.reason}: {_other_loss(loop, case)}")
            return Outcome(Severity.OTHER_NUMBERS, f"{loop.said}{_decay(first)}")
        sizes = [m.size for m in first if m.size > 0]
        if len(sizes) == len(first) and not close_to_one(sizes[0]):
            reason = f"{loop.said}the first step goes the right way, and {sizes[0]:.3g} times as far as it should"
            if paces.explain(loop, case, sizes[0], given):
                return Outcome(Severity.OTHER_NUMBERS if reading.right else Severity.LEARNS_ELSE, reason)
            return Outcome(Severity.LEARNS_ELSE, f"{reason}; those after it are off by more than that")
        if not reading.right and reading.there:
            return Outcome(Severity.LEARNS_ELSE, f"{reading.reason}: {_other_loss(loop, case)}")
        return Outcome(Severity.LEARNS_ELSE, f"{loop.said}the first step changes the parameters otherwise than it should")

    return check


def _other_loss(loop: Loop, case: Case) -> str:
    """In words, which other loss is reported, as far as it is a known one."""
    return loop.known_loss(case) or "the steps follow another loss, too"


def close_to_one(size: float) -> bool:
    return abs(size - 1) < 0.02


def _called(part: str) -> str:
    return {"encoder": "the encoder", "classifier": "the classifier"}.get(part, "the model")


def _length(later: list[Moves]) -> str:
    """In words, if all moves are longer or shorter in one ratio."""
    sizes = [m.size for m in later if m.size > 0]
    one = len(sizes) == len(later) and not close_to_one(sizes[0])
    return f": together they go {sizes[0]:.3g} times as far as they should" if one else ""


def _decay(moves: list[Moves]) -> str:
    """What becomes of the parameters that no image moves, but only a weight decay."""
    asked, reading = (max(getattr(m, name) for m in moves) for name in ("idle_asked", "idle"))
    if not asked:
        return f"parameters that no image moves do move, by up to {reading:.2g} at the first step: a weight decay was added"
    what = "parameters that only the weight decay moves"
    if abs(reading / asked - 1) < 0.05:
        return f"{what} move otherwise than they should"
    return f"{what}: expected a move of up to {asked:.2g} at the first step, actual {reading:.2g}"


def _nothing(loop: Loop, case: Case, later: list[Moves], nothing: Severity) -> Outcome:
    """No step at the first batch: never, or only afterwards."""
    if not any(m.there for m in later):
        return unjudged()  # it raised there, and that is paid for
    if all(m.none for m in later if m.there):
        steps = any(count(case, loop.key("many"), name, STEPS) for name in loop.counts)
        why = "the optimizer's steps see no gradient" if steps else "no step is taken"
        return Outcome(nothing, f"{loop.said}nothing changes, {why}")
    if any(m.cosine < -DOWN for m in later):
        return Outcome(nothing, f"{loop.said}the first batch changes nothing, later ones go up the loss, not down")
    return Outcome(Severity.LEARNS_ELSE, f"{loop.said}the first batch changes nothing, later ones do")


def _later(loop: Loop, case: Case, later: list[Moves], given: tuple[Edit, ...]) -> Outcome:
    """The first step is right, those after it are not."""
    if not any(m.there for m in later):
        return unjudged()  # it raised, which is said there
    actual = case.actual.arrays.get(f"{loop.key('many')}.{loop.loss}")
    if actual is not None and actual.size != 2:
        return unjudged()  # the epochs are not those asked for
    if all(m.right or m.decay_only for m in later):
        return Outcome(Severity.OTHER_NUMBERS, f"{loop.said}the weight decay is not the one asked for")
    steps = max((count(case, loop.key("many"), name, STEPS) for name in loop.counts), default=0)
    few = f": {steps:g} steps are taken in 6 batches" * (steps not in (0, 6))  # as the probe counted: said, not paid for
    reason = f"{loop.said}the first step is right, those after it are not{few or _length(later)}"
    reading = loop.loss_of(case, "one")
    if simple_factor(reading.factor, loop.factors) and paces.explain_scale(loop, case, reading.factor, given):
        return unjudged(reason)  # a loss on another scale, as of a sum over a last batch that is smaller: paid for there
    return Outcome(Severity.LEARNS_ELSE, f"{reading.reason}: {_other_loss(loop, case)}" if reading.reason else reason)
