"""2.1: the features of the two views.

The probe notes what each stand-in encoder got. The judge knows the stand-in's weights, so it can tell from the numbers which
channels, in which order and on which scale, went through which encoder, and what was made of the maps that came out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Criterion, Outcome, runs, shows, unjudged
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers, weights
from ps8.questions.encoder_cmc.probe import lab_images

from autograder.questions.shared.judged import asked

VIEWS = ("l", "ab")
NAMES = {"l": "L", "ab": "ab"}
CHANNELS = {"l": (0,), "ab": (1, 2)}
Maps = np.ndarray


def _images(case: Case) -> np.ndarray:
    return lab_images(Numbers(case.seed)).numpy()


def _encoded(case: Case, x: np.ndarray) -> Maps:
    """What the stand-in encoder makes of an input, (batch, channels, 64, 64) -> (batch, 24, 4, 4)."""
    numbers = Numbers(case.seed)
    weight, bias = weights((24, x.shape[1], 16, 16), numbers), weights((24,), numbers)
    return torch.sigmoid(F.conv2d(torch.from_numpy(x).float(), weight, bias, stride=16)).numpy()


# What may be made of the maps: how to call it, and how much that is off.
FORMS: tuple[tuple[str, Severity, Callable[[Maps], np.ndarray]], ...] = (
    ("", Severity.NONE, lambda m: m.reshape(len(m), -1)),
    ("not flattened", Severity.OTHER_NUMBERS, lambda m: m),
    ("the batch is flattened, too", Severity.OTHER_NUMBERS, lambda m: m.ravel()),
    ("flattened place by place, not map by map", Severity.OTHER_NUMBERS, lambda m: m.transpose(0, 2, 3, 1).reshape(len(m), -1)),
    ("normalised to length 1", Severity.OTHER_NUMBERS, lambda m: _unit(m.reshape(len(m), -1))),
    ("averaged over the places", Severity.LEARNS_ELSE, lambda m: m.mean(axis=(2, 3))),
    ("the largest of the places", Severity.LEARNS_ELSE, lambda m: m.max(axis=(2, 3))),
    ("averaged over the maps", Severity.LEARNS_ELSE, lambda m: m.mean(axis=1).reshape(len(m), -1)),
    ("rows and columns exchanged", Severity.OTHER_NUMBERS, lambda m: m.transpose(0, 1, 3, 2).reshape(len(m), -1)),
    ("flattened with batch and maps exchanged", Severity.LEARNS_ELSE, lambda m: m.transpose(1, 0, 2, 3).reshape(len(m), -1)),
)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True)
class Found:
    """How a feature came about, as far as its numbers bear it out.

    Attributes:
        channels: of the image, in order, that went in; () if some mixture.
        scaled: whether they were scaled or shifted.
        words: what was made of the maps; empty if flattened as asked.
        severity: of that.
    """

    channels: tuple[int, ...]
    scaled: bool
    words: str
    severity: Severity


class Views:
    """How the two features came about; None for one that follows from nothing."""

    def __init__(self, case: Case) -> None:
        self.case, self.images = case, _images(case)
        self.found = {view: self._find(f"feat_{view}") for view in VIEWS}

    def _find(self, key: str) -> Found | None:
        got = self.case.got.arrays.get(key)
        if got is None or not np.isfinite(got).all() or not 3 <= got.size <= 3 * 24 * 16:
            return None
        for x, channels, scaled in self._inputs():
            maps = _encoded(self.case, x)
            for words, severity, form in FORMS:
                expected = form(maps)
                if expected.size == got.size and close(got.reshape(expected.shape), expected):
                    off = words or ("" if got.shape == expected.shape else "another shape")
                    return Found(channels, scaled, off, severity if words or not off else Severity.OTHER_NUMBERS)
        if got.shape != (3, 384):
            return None
        for x, channels, scaled in self._inputs()[::-1]:  # what the encoders noted first
            if _follows(got, _encoded(self.case, x).reshape(3, -1)):
                return Found(channels, scaled, "other numbers than its encoder gave", Severity.OTHER_NUMBERS)
        return None

    def _inputs(self) -> list[tuple[np.ndarray, tuple[int, ...], bool]]:
        """What may have gone in: the channels as they are, in every order, and what the encoders noted."""
        plain = [order for n in (1, 2, 3) for order in permutations(range(3), n)]
        inputs = [(self.images[:, list(order)], order, False) for order in plain]
        return inputs + self.noted()

    def noted(self) -> list[tuple[np.ndarray, tuple[int, ...], bool]]:
        """What the encoders noted as their inputs, as far as it is made of the judge's images."""
        inputs = []
        for k in range(8):
            noted = self.case.got.arrays.get(f"got{k}")
            if noted is not None and noted.ndim == 3:
                noted = noted[:, None]
            if (
                noted is None
                or noted.ndim != 4
                or noted.shape[2:] != (64, 64)
                or noted.shape[0] != 3
                or noted.shape[1] not in (1, 2, 3)
            ):
                continue
            fits = [self._fitted(noted[:, j]) for j in range(noted.shape[1])]
            if all(fit is not None for fit in fits):
                channels = tuple(c for fit in fits if fit is not None for c in fit[0])
                inputs.append((noted, channels, any(fit[1] for fit in fits if fit is not None)))
        return inputs

    def _fitted(self, plane: np.ndarray) -> tuple[tuple[int, ...], bool] | None:
        """The channels that a plane is a linear combination of, and whether it is more than one of them as it is."""
        if not np.isfinite(plane).all():
            return None
        columns = np.stack([*(self.images[:, c].ravel() for c in range(3)), np.ones(plane.size)], axis=1)
        factors, *_ = np.linalg.lstsq(columns, plane.ravel(), rcond=None)
        if np.abs(columns @ factors - plane.ravel()).max() > 1e-3 * max(1.0, float(np.abs(plane).max())):
            return None
        used = tuple(c for c in range(3) if abs(factors[c]) > 1e-3)
        plain = len(used) == 1 and abs(factors[used[0]] - 1) < 1e-3 and abs(factors[3]) < 1e-3
        return (used, not plain) if used else None


def _follows(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether a feature moves with what its encoder gave: scaled, shifted, bent, but hardly something else."""
    return np.ptp(got) > 1e-6 and abs(float(np.corrcoef(got.ravel(), expected.ravel())[0, 1])) > 0.8


def _feature(view: str) -> Callable[[Case], Outcome]:
    """The channels that a view's feature comes from."""

    def check(case: Case) -> Outcome:
        key, what = f"feat_{view}", f"features of {NAMES[view]}"
        reason, views = difference(case, key, what), case.once(Views)
        if not reason:
            return MET
        if key not in case.got.arrays or case.flag("refused"):
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
        came = " and ".join(str(c) for c in found.channels) or "a mixture"
        reason = f"{what}: expected from channel {' and '.join(map(str, CHANNELS[view]))}, got from {came}"
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
        return Outcome(Severity.LEARNS_ELSE, "expected two tensors of shape (batch_size, 384), got one of (batch_size, 768)")
    found = case.once(Views).found
    off = [f for view in VIEWS if (f := found[view]) is not None and f.words]
    if not off:
        return MET
    worst = max(off, key=lambda f: float(f.severity))
    shapes = [case.got.arrays[f"feat_{view}"].shape for view in VIEWS]
    return Outcome(
        worst.severity, f"{worst.words}: expected shape (3, 384) twice for a batch of 3, got {shapes[0]} and {shapes[1]}"
    )


def _one(case: Case) -> Outcome:
    """A batch of one, given what a batch of three is."""
    for view in VIEWS:
        whole, one = case.got.arrays.get(f"feat_{view}"), case.got.arrays.get(f"feat_{view}_one")
        if whole is None:
            return unjudged()
        if one is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.got.errors.get('one', 'nothing came')}")
        if whole.ndim > 1 and one.shape != (1, *whole.shape[1:]) and len(whole) == 3:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: expected shape {(1, *whole.shape[1:])}, got {one.shape}")
    return MET


def _gradient(case: Case) -> Outcome:
    """Whether both features lead back to their encoders; by how much, the features say."""
    reason = difference(case, "gradient", "the gradient", rtol=1e-2, atol=1e-3)
    if not reason:
        return MET
    found, got = case.once(Views).found, case.got.arrays.get("gradient")
    if case.flag("strangers") or case.flag("refused") or all(f is None for f in found.values()):
        return unjudged()
    expected = case.expected.arrays["gradient"]
    if got is None:
        return Outcome(Severity.NOTHING_LEARNS, f"no gradient arrives: {case.got.errors.get('gradient', 'none was there')}")
    if not np.any(got):
        return Outcome(Severity.NOTHING_LEARNS, "no gradient arrives at either encoder")
    if got.shape != expected.shape:
        return unjudged()
    first = 24 * 16 * 16 + 24  # the parameters of the encoder for one channel
    for name, part in (("one channel", slice(None, first)), ("two channels", slice(first, None))):
        if not np.any(got[part]):
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
        got, made_for = case.got.arrays.get(f"got{k}"), case.got.arrays.get(f"got{k}.made_for")
        if got is not None and made_for is not None and (got.ndim != 4 or got.shape[1] != made_for.ravel()[0]):
            return got.shape
    return ()


def _borne_out(case: Case) -> bool:
    """A feature, or what an encoder got, follows from the judge's images."""
    views = case.once(Views)
    return any(f is not None for f in views.found.values()) or len(views.noted()) > 0 or _part_of_the_images(case)


def _part_of_the_images(case: Case) -> bool:
    """Whether an encoder got a part of the judge's images, cut otherwise than by channels, and refused it."""
    got, images = case.got.arrays.get("got0"), _images(case)
    if "forward" not in case.got.errors or got is None or not images.shape[2] <= got.size <= images.size:
        return False
    return np.ptp(got) > 1e-6 and bool(np.isin(got.astype(np.float32), images.astype(np.float32)).all())


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
