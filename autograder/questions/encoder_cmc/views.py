"""2.1: how the features of the two views came about, told from their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.compare import Case, close
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers, weights
from ps8.questions.encoder_cmc.probe import lab_images

VIEWS = ("l", "ab")
NAMES = {"l": "L", "ab": "ab"}
CHANNELS = {"l": (0,), "ab": (1, 2)}
Maps = np.ndarray


def images_of(case: Case) -> np.ndarray:
    return lab_images(Numbers(case.seed)).numpy()


def encoded(case: Case, x: np.ndarray) -> Maps:
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
    units: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return units


@dataclass(frozen=True)
class ViewFeature:
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
        self.case, self.images = case, images_of(case)
        self.found = {view: self._find(f"feat_{view}") for view in VIEWS}

    def _find(self, key: str) -> ViewFeature | None:
        actual = self.case.actual.arrays.get(key)
        if actual is None or not np.isfinite(actual).all() or not 3 <= actual.size <= 3 * 24 * 16:
            return None
        for x, channels, scaled in self._inputs():
            maps = encoded(self.case, x)
            for words, severity, form in FORMS:
                expected = form(maps)
                if expected.size == actual.size and close(actual.reshape(expected.shape), expected):
                    off = words or ("" if actual.shape == expected.shape else "another shape")
                    return ViewFeature(channels, scaled, off, severity if words or not off else Severity.OTHER_NUMBERS)
        if actual.shape != (3, 384):
            return None
        for x, channels, scaled in self._inputs()[::-1]:  # what the encoders noted first
            if follows(actual, encoded(self.case, x).reshape(3, -1)):
                return ViewFeature(channels, scaled, "other numbers than its encoder gave", Severity.OTHER_NUMBERS)
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
            noted = self.case.actual.arrays.get(f"got{k}")
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


def follows(actual: np.ndarray, expected: np.ndarray) -> bool:
    """Whether a feature moves with what its encoder gave: scaled, shifted, bent, but hardly something else."""
    return np.ptp(actual) > 1e-6 and abs(float(np.corrcoef(actual.ravel(), expected.ravel())[0, 1])) > 0.8
