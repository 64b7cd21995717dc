"""2.1: the features of the two views.

The probe notes what each stand-in encoder got. The judge knows the stand-in's weights, so it can tell from the numbers which
channels, in which order and on which scale, went through which encoder, and what was made of the maps that came out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nbjudge.judge.compare import Case, difference
from nbjudge.judge.criteria import MET, Criterion, Outcome, runs, shows, unjudged
from nbjudge.judge.severity import Severity

from autograder.questions.shared.judged import asked

from .views import CHANNELS, NAMES, VIEWS, Views, images_of


def _feature(view: str) -> Callable[[Case], Outcome]:
    """The channels that a view's feature comes from."""

    def check(case: Case) -> Outcome:
        key, what = f"feat_{view}", f"features of {NAMES[view]}"
        reason, views = difference(case, key, what), case.once(Views)
        if not reason:
            return MET
        if key not in case.actual.arrays or case.flag("refused"):
            return unjudged(reason)
        found, other = views.found[view], views.found["ab" if view == "l" else "l"]
        if found is None:
            return Outcome(Severity.LEARNS_ELSE, reason)
        if found.channels == CHANNELS[view]:
            if not found.scaled:
                return MET
            if view == "ab" and other is not None and other.scaled:
                return unjudged(reason)
            return Outcome(Severity.OTHER_NUMBERS, f"{what}: their channels were scaled or shifted before they went in")
        actual = " and ".join(str(c) for c in found.channels) or "a mixture"
        reason = f"{what}: expected from channel {' and '.join(map(str, CHANNELS[view]))}, actual from {actual}"
        if view == "ab" and other is not None and other.channels != CHANNELS["l"] and case.once(_channels_wrong) > 1:
            return unjudged(reason)  # one mistake moved both: paid for once
        if sorted(found.channels) == sorted(CHANNELS[view]):
            return Outcome(Severity.OTHER_NUMBERS, reason)
        return Outcome(Severity.LEARNS_ELSE, reason)

    return check


def _channels_wrong(case: Case) -> int:
    found = case.once(Views).found
    return sum(found[view] is not None and found[view].channels != CHANNELS[view] for view in VIEWS)  # type: ignore[union-attr]


def _flat(case: Case) -> Outcome:
    """What was made of the maps of either view; the same mistake in both is paid for once."""
    if case.flag("joined"):
        return Outcome(Severity.LEARNS_ELSE, "expected two tensors of shape (batch_size, 384), actual one of (batch_size, 768)")
    found = case.once(Views).found
    off = [f for view in VIEWS if (f := found[view]) is not None and f.words]
    if not off:
        return MET
    worst = max(off, key=lambda f: float(f.severity))
    shapes = [case.actual.arrays[f"feat_{view}"].shape for view in VIEWS]
    return Outcome(
        worst.severity, f"{worst.words}: expected shape (3, 384) twice for a batch of 3, actual {shapes[0]} and {shapes[1]}"
    )


def _one(case: Case) -> Outcome:
    """A batch of one, given what a batch of three is."""
    for view in VIEWS:
        whole, one = case.actual.arrays.get(f"feat_{view}"), case.actual.arrays.get(f"feat_{view}_one")
        if whole is None:
            return unjudged()
        if one is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.actual.errors.get('one', 'nothing came')}")
        if whole.ndim > 1 and one.shape != (1, *whole.shape[1:]) and len(whole) == 3:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: expected shape {(1, *whole.shape[1:])}, actual {one.shape}")
    return MET


def _gradient(case: Case) -> Outcome:
    """Whether both features lead back to their encoders; by how much, the features say."""
    reason = difference(case, "gradient", "the gradient", rtol=1e-2, atol=1e-3)
    if not reason:
        return MET
    found, actual = case.once(Views).found, case.actual.arrays.get("gradient")
    if case.flag("strangers") or case.flag("refused") or all(f is None for f in found.values()):
        return unjudged()
    expected = case.expected.arrays["gradient"]
    if actual is None:
        return Outcome(Severity.NOTHING_LEARNS, f"no gradient arrives: {case.actual.errors.get('gradient', 'none was there')}")
    if not np.any(actual):
        return Outcome(Severity.NOTHING_LEARNS, "no gradient arrives at either encoder")
    if actual.shape != expected.shape:
        return unjudged()
    first = 24 * 16 * 16 + 24  # the parameters of the encoder for one channel
    for name, part in (("one channel", slice(None, first)), ("two channels", slice(first, None))):
        if not np.any(actual[part]):
            if case.once(_channels_wrong):
                return unjudged()
            return Outcome(Severity.NOTHING_LEARNS, f"no gradient arrives at the encoder for {name}: it never learns")
    right = not any(f is None or f.words or f.scaled for f in found.values()) and not case.once(_channels_wrong)
    return Outcome(Severity.LEARNS_ELSE, "not all of the gradient arrives: is it cut off somewhere?") if right else MET


_RAISED = runs({"forward": "forward"})


def _runs(case: Case) -> Outcome:
    if case.flag("refused"):
        return Outcome(
            Severity.CANNOT_RUN,
            f"an encoder gets shape {_refused(case)}: it needs (batch_size, its channels, 64, 64)",
        )
    return _RAISED(case)


def _refused(case: Case) -> tuple[int, ...]:
    for k in range(8):
        actual, made_for = case.actual.arrays.get(f"got{k}"), case.actual.arrays.get(f"got{k}.made_for")
        if actual is not None and made_for is not None and (actual.ndim != 4 or actual.shape[1] != made_for.ravel()[0]):
            return actual.shape
    return ()


def _borne_out(case: Case) -> bool:
    """A feature, or what an encoder got, follows from the judge's images."""
    views = case.once(Views)
    return any(f is not None for f in views.found.values()) or len(views.noted()) > 0 or _part_of_the_images(case)


def _part_of_the_images(case: Case) -> bool:
    """Whether an encoder got a part of the judge's images, cut otherwise than by channels, and refused it."""
    actual, images = case.actual.arrays.get("got0"), images_of(case)
    if "forward" not in case.actual.errors or actual is None or not images.shape[2] <= actual.size <= images.size:
        return False
    return np.ptp(actual) > 1e-6 and bool(np.isin(actual.astype(np.float32), images.astype(np.float32)).all())


QUESTION = asked(
    "encoder_cmc",
    (
        Criterion("runs", "it runs", 0, _runs),
        Criterion("l", "the features of L, returned first", 3, _feature("l")),
        Criterion("ab", "the features of ab, returned second", 3, _feature("ab")),
        Criterion("flat", "both of shape (batch_size, 384)", 2, _flat),
        Criterion("one", "a batch of one", 0, _one),
        Criterion("gradient", "both let the gradient through to their encoder", 2, _gradient),
        Criterion(
            "own",
            "the encoders that the constructor made",
            0,
            shows("strangers", Severity.NOTHING_LEARNS, "an encoder is made anew at each call, which no optimizer ever sees"),
        ),
        Criterion(
            "input",
            "the input stays as it is",
            0,
            shows("input_changed", Severity.NOT_GENERAL, "it changes its input in place: the next call sees other images"),
        ),
    ),
    _borne_out,
)
