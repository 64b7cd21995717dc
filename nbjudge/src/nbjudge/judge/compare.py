"""Comparing arrays, and saying where they differ: what is missing first, then the shape, then the values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from nbjudge.evidence import MAX_BYTES, MAX_TEXT, Evidence

RTOL = 1e-3  # answers written differently round differently; a wrong one is further off than that
ATOL = 1e-4
# Half precision inside an answer (bfloat16 keeps 8 bits) rounds by up to this share of an array's size, here up and there down.
ROUGH, ROUGH_SLOPE = 3e-2, 5e-3
LEFT = r"\.left\d+"  # behind the name of a part: what a probe kept of the variables there
Found = TypeVar("Found")


@dataclass(frozen=True)
class Case:
    """One answer before the judge.

    Attributes:
        actual: the evidence of the student's answer.
        expected: that of the reference on the same inputs.
        seed: what the inputs follow from.
    """

    actual: Evidence
    expected: Evidence
    seed: int
    _known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, work_out: Callable[[Case], Found]) -> Found:
        """What a function makes of this case, worked out when it is first asked for."""
        if work_out not in self._known:
            self._known[work_out] = work_out(self)
        return self._known[work_out]  # type: ignore[no-any-return]

    def flag(self, key: str) -> bool:
        """Whether the probe noted something other than zero under this name."""
        return bool(np.any(self.actual.arrays.get(key, np.array(0))))

    def left(self, part: str) -> list[np.ndarray]:
        """What the code had worked out when it raised in a part of the probe."""
        return [array for name, array in self.actual.arrays.items() if re.fullmatch(re.escape(part) + LEFT, name)]

    def error(self) -> str:
        """What the student's code raised first, or nothing."""
        return next(iter(self.actual.errors.values()), "")


def cleaned(evidence: Evidence) -> Evidence:
    """Evidence as the criteria may rely on it: under each name an array of float64, or of booleans.

    Evidence comes from a student's kernel, so it may hold anything. What holds no numbers is left out.
    """
    arrays = {}
    for name, array in evidence.arrays.items():
        if isinstance(array, np.ndarray) and array.dtype.kind in "fiub" and array.nbytes <= MAX_BYTES:
            arrays[name] = array if array.dtype.kind == "b" else array.astype(np.float64)
    return Evidence(arrays, {str(part): str(error)[:MAX_TEXT] for part, error in evidence.errors.items()})


def close(actual: np.ndarray, expected: np.ndarray, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Whether two arrays have one shape and nearly one value: entry by entry, or as half precision would round them.

    NaN equals nothing, not even NaN.
    """
    if actual.shape != expected.shape:
        return False
    with np.errstate(all="ignore"):
        actual, expected = actual.astype(np.float64), expected.astype(np.float64)
        off = np.abs(actual - expected)
        return bool(np.all(off <= atol + rtol * np.abs(expected))) or _rounded(actual, expected, off)


def _rounded(actual: np.ndarray, expected: np.ndarray, off: np.ndarray) -> bool:
    """Whether an array differs from another as rounding would have it: a little, in no direction, and zeros stay zeros."""
    if actual.size < 8 or not np.all(off <= ROUGH * np.abs(expected).max()):
        return False
    zeros = expected == 0  # as many as a ReLU makes; rounding moves only those that were nearly above it
    if zeros.any() and np.mean(actual[zeros] != 0) > 0.2:
        return False
    centred, size = expected - expected.mean(), float((expected**2).mean())
    slope = float((centred * (actual - expected)).mean()) / max(float((centred**2).mean()), 1e-30)
    shift = float((actual - expected).mean()) / max(size**0.5, 1e-30)
    return float((off**2).mean()) <= ROUGH_SLOPE**2 * 4 * size and abs(slope) <= ROUGH_SLOPE and abs(shift) <= ROUGH_SLOPE


def difference(case: Case, key: str, what: str, rtol: float = RTOL, atol: float = ATOL) -> str:
    """Why evidence `key` is not what was expected, in words; empty if it is.

    Args:
        case: the answer.
        key: name in the evidence; an expected array must be there.
        what: how to call it to a student, such as "the scores of L".
        rtol: allowed error relative to the expected value.
        atol: allowed error besides.
    """
    if key not in case.actual.arrays:
        error = case.error()
        return f"{what}: not computed" + (f", because of {error}" if error else "")
    actual, expected = case.actual.arrays[key], case.expected.arrays[key]
    if actual.shape != expected.shape:
        return f"{what}: expected shape {expected.shape}, actual {actual.shape}"
    if close(actual, expected, rtol, atol):
        return ""
    if not np.isfinite(actual).all():
        if actual.size == 1:
            return f"{what}: expected a finite number, actual {actual.ravel()[0]:g}"
        return f"{what}: expected finite numbers, actual: {_count(~np.isfinite(actual))} are not"
    if expected.ndim == 0:
        return f"{what}: expected {number_pair(float(expected), float(actual))}"
    off = np.abs(actual.astype(np.float64) - expected.astype(np.float64)) > atol + rtol * np.abs(expected)
    where = tuple(int(i) for i in np.argwhere(off)[0])
    if off.size == 1:
        return f"{what}: expected {number_pair(expected[where], actual[where])}"
    return f"{what}: {_count(off)} differ; the first at {list(where)}: expected {number_pair(expected[where], actual[where])}"


def number_pair(expected: float, actual: float) -> str:
    """Two numbers with as many digits as it takes to tell them apart: `0.30461, actual 0.30458`."""
    texts = [(f"{expected:.{digits}g}", f"{actual:.{digits}g}") for digits in range(4, 18)]
    return ", actual ".join(next((pair for pair in texts if pair[0] != pair[1]), texts[-1]))


def _count(mask: np.ndarray) -> str:
    return f"{int(mask.sum())} of {mask.size} entries" if mask.size != 1 else "it"
