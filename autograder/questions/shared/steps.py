"""1.4, 1.5 and 2.3: what a training loop did to the parameters of a stand-in, against what it should have done.

Adam's step hardly depends on how large a gradient is, only on its sign and how it changes, so three things are told apart:
what is reported, which way the first step goes, and what becomes of the steps after it. Where the reference's own gradient is
next to nothing, rounding decides the way, and nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case, close, difference

STRICT = 2e-5  # Adam moves a parameter by 3e-4 to 1e-3 a step, whatever the gradient; right answers agree to 1e-7
DECIDED = 0.02  # of the largest gradient: above it, rounding does not turn a sign
ROUGH = 2e-4  # what half precision inside a step may make of six of them, where the sign is decided
SHRUNK = 0.012  # rounding goes both ways: moves that are all shorter, or all longer, by more than this are others
LOSS_RTOL = 6e-3  # of a loss in half precision
EXACT_LOSS_RTOL = 1.5e-3  # where the steps are not in half precision: TF32 makes half of that
BY_LUCK = 1e-5  # a number that is nearer is right to more digits than luck has
ROUGH_LOSS_RTOL = 6e-2  # of a later epoch's loss, after steps in half precision
FAR = 50  # times as far as asked: beyond it, a parameter was not moved by steps
DOWN = 0.4  # cosine of two sets of moves that go the same way: by chance it is an eighth for some sixty parameters
FOLLOWS = 0.5  # cosine that bears out by itself that steps follow from the batch: four times what chance has, and more
IN_EVAL, STEPS = 3, 4  # places in the counts of `ps8.probes.tools.Watch`


@dataclass(frozen=True)
class Moves:
    """The moves of one set of parameters in one run.

    Attributes:
        there: whether the answer left parameters of the right shape.
        right: they are what they should be.
        none: nothing moved, although something should.
        cosine: with what they should be, among parameters with a gradient; 0 if one of the two is nothing.
        signs: the cosine of the ways alone, each parameter counting as much.
        decay_only: right but for the parameters that only a weight decay moves.
        size: how far the decided ones moved, over how far they should; 0 if not in one ratio.
        changed: whether anything moved at all, be it by a bit.
        rough: whether they are right only as half precision makes them.
        idle, idle_asked: how far those without a gradient moved at most, and should have.
    """

    there: bool
    right: bool = False
    none: bool = False
    cosine: float = 0.0
    signs: float = 0.0
    decay_only: bool = False
    size: float = 0.0
    changed: bool = False
    rough: bool = False
    idle: float = 0.0
    idle_asked: float = 0.0


def moves(case: Case, before: str, after: str, slopes: str, actual: str = "") -> Moves:
    """Compares the moves from `before` to `after`, or to `actual`, with the reference's, whose gradients are in `slopes`."""
    came_to, start = case.actual.arrays.get(actual or after), case.expected.arrays[before]
    if came_to is None or came_to.shape != start.shape or not np.isfinite(came_to).all():
        return Moves(False)
    moved_by, wanted = came_to - start, case.expected.arrays[after] - start
    slope = case.expected.arrays[slopes]
    alive, decided = slope > 0, slope > DECIDED
    off = np.abs(moved_by - wanted)
    slope_of = (
        float((moved_by * wanted)[decided].sum() / max(float((wanted[decided] ** 2).sum()), 1e-30)) if decided.any() else 1.0
    )
    rough = bool(
        abs(slope_of - 1) <= SHRUNK
        and (off[decided] <= ROUGH).all()
        and (off[alive] <= 2 * np.abs(wanted).max() + ROUGH).all()
        and (off[~alive] <= 2e-6).all()
    )
    exact = bool((off <= STRICT).all() and (off[~alive] <= 2e-6).all())
    moved = bool(np.abs(moved_by).max(initial=0) > 1e-7)
    sizes = moved_by[decided] / wanted[decided] if decided.any() and (wanted[decided] != 0).all() else np.zeros(1)
    one = bool(np.ptp(sizes) < 0.1 * np.abs(sizes).mean()) if sizes.size else False
    return Moves(
        there=True,
        right=exact or rough,
        none=not moved and bool(np.abs(wanted).max(initial=0) > 1e-6),
        cosine=_cosine(moved_by[alive], wanted[alive]),
        signs=_cosine(np.sign(moved_by[alive]), np.sign(wanted[alive])),
        decay_only=bool(decided.any() and (off[decided] <= ROUGH).all() and not (off[~alive] <= 2e-6).all()),
        size=float(sizes.mean()) if one else 0.0,
        changed=bool(np.any(moved_by)),
        rough=rough and not exact,
        idle=float(np.abs(moved_by[~alive]).max(initial=0)),
        idle_asked=float(np.abs(wanted[~alive]).max(initial=0)),
    )


def _cosine(one: np.ndarray, two: np.ndarray) -> float:
    size = float(np.sqrt((one**2).sum() * (two**2).sum()))
    if one.size and np.abs(one).max() > FAR * np.abs(two).max():
        return 0.0  # no step of an optimizer goes so far
    return float((one * two).sum() / size) if size > 1e-12 else 0.0


@dataclass(frozen=True)
class Reported:
    """A reported list of numbers against the reference's.

    Attributes:
        there: whether it is there.
        right: it is what it should be.
        factor: of its first number, if it is a plain multiple; 0 otherwise.
        reason: the difference in words; empty if right.
    """

    there: bool
    right: bool
    factor: float
    reason: str


def reported(case: Case, key: str, what: str, rtol: float = LOSS_RTOL) -> Reported:
    """Compares what is reported under `key`."""
    actual, expected = case.actual.arrays.get(key), case.expected.arrays[key]
    reason = difference(case, key, what, rtol=rtol, atol=1e-5)
    if actual is None or actual.size == 0 or not np.isfinite(actual).all():
        return Reported(False, False, 0.0, reason)
    factor = float(actual.ravel()[0] / expected.ravel()[0]) if expected.ravel()[0] else 0.0
    return Reported(True, not reason, factor, reason)


def exactly(actual: float, expected: float) -> bool:
    """Whether a number is so near that it was worked out, and not guessed: half precision does not come so near."""
    return expected != 0 and abs(actual - expected) <= BY_LUCK * abs(expected)


def simple_factor(factor: float, sizes: tuple[float, ...]) -> str:
    """In words, if a loss is off by a factor that a sum, a mean or a half explains; empty otherwise."""
    for size in sizes:
        for value, words in ((size, f"{size:g} times"), (1 / size, f"1/{size:g} of")):
            if close(np.array(factor), np.array(value), rtol=LOSS_RTOL, atol=0):
                return f"{words} what was asked for"
    return ""


def count(case: Case, run: str, name: str, place: int) -> float:
    """A count of the probe's watch; see `ps8.probes.tools.Watch.counts`."""
    counts = case.actual.arrays.get(f"{run}.{name}", np.zeros(0)).ravel()
    return float(counts[place]) if len(counts) > place else 0.0


def moves_for_numbers(evidence: Evidence, seed: int) -> Evidence:
    """The evidence with the moves of the parameters in place of the parameters, which hardly differ from the first ones.

    How often what ran tells wrong answers apart that leave the same numbers; where numbers changed, they say it better.
    """
    arrays = {key: array for key, array in evidence.arrays.items() if not key.endswith("slopes")}
    for after, before in _after_and_before(arrays):
        arrays[after] = arrays[after] - arrays[before]
        slopes = evidence.arrays.get(before.replace("before", "slopes"))
        if slopes is not None and slopes.shape == arrays[after].shape:  # a decay by a share is smaller than rounding elsewhere
            arrays[f"{after}.idle"] = np.array(bool(np.any(arrays[after][slopes == 0])))
    for key in [key for key in arrays if key.endswith(("counts", "counts_cls"))]:
        run, counts = key.rsplit(".", 1)[0], arrays.pop(key).ravel()
        if len(counts) < 6:
            continue
        arrays[f"{key}.in_eval"] = np.array(float(counts[IN_EVAL] > 0))
        outcome = [name for name in ("after", "classifier", "encoder") if f"{run}.{name}" in arrays]
        if not any(np.any(arrays[f"{run}.{name}"]) for name in outcome):
            arrays[key] = (counts > 0).astype(np.float64)
    return replace(evidence, arrays=arrays)


def _after_and_before(arrays: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    names = {"after": "before", "encoder": "encoder_before", "classifier": "classifier_before"}
    pairs = [(key, f"{key.rsplit('.', 1)[0]}.{names.get(key.rsplit('.', 1)[-1], '')}") for key in arrays]
    return [(a, b) for a, b in pairs if b in arrays and arrays[a].shape == arrays[b].shape]
