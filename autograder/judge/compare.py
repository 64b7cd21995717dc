"""Comparing arrays, and saying where they differ: what is missing first, then the shape, then the values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ps8.probes import Evidence
from ps8.probes.evidence import MAX_BYTES, MAX_TEXT

RTOL = 1e-3  # answers written differently round differently; a wrong one is further off than that
ATOL = 1e-4


@dataclass(frozen=True)
class Case:
    """One answer before the judge.

    Attributes:
        got: the evidence of the student's answer.
        expected: that of the reference on the same inputs.
        seed: what the inputs follow from.
    """

    got: Evidence
    expected: Evidence
    seed: int

    def error(self) -> str:
        """What the student's code raised first, or nothing."""
        return next(iter(self.got.errors.values()), "")


def cleaned(evidence: Evidence) -> Evidence:
    """Evidence as the criteria may rely on it: under each name an array of float64, or of booleans.

    Evidence comes from a student's kernel, so it may hold anything. What holds no numbers is left out.
    """
    arrays = {}
    for name, array in evidence.arrays.items():
        if isinstance(array, np.ndarray) and array.dtype.kind in "fiub" and array.nbytes <= MAX_BYTES:
            arrays[name] = array if array.dtype.kind == "b" else array.astype(np.float64)
    return Evidence(arrays, {str(part): str(error)[:MAX_TEXT] for part, error in evidence.errors.items()})


def close(got: np.ndarray, expected: np.ndarray, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Whether two arrays have one shape and, entry by entry, nearly one value. NaN equals nothing, not even NaN."""
    if got.shape != expected.shape:
        return False
    with np.errstate(all="ignore"):
        off = np.abs(got.astype(np.float64) - expected.astype(np.float64))
        return bool(np.all(off <= atol + rtol * np.abs(expected)))


def difference(case: Case, key: str, what: str, rtol: float = RTOL, atol: float = ATOL) -> str:
    """Why evidence `key` is not what was expected, in words; empty if it is.

    Args:
        case: the answer.
        key: name in the evidence; an expected array must be there.
        what: how to call it to a student, such as "the scores of L".
        rtol: allowed error relative to the expected value.
        atol: allowed error besides.
    """
    if key not in case.got.arrays:
        error = case.error()
        return f"{what}: not computed" + (f", because of {error}" if error else "")
    got, expected = case.got.arrays[key], case.expected.arrays[key]
    if got.shape != expected.shape:
        return f"{what}: expected shape {expected.shape}, got {got.shape}"
    if close(got, expected, rtol, atol):
        return ""
    if not np.isfinite(got).all():
        return f"{what}: expected finite numbers, got {_count(~np.isfinite(got))} that are not"
    if expected.ndim == 0:
        return f"{what}: expected {float(expected):.4g}, got {float(got):.4g}"
    off = np.abs(got.astype(np.float64) - expected.astype(np.float64)) > atol + rtol * np.abs(expected)
    where = tuple(int(i) for i in np.argwhere(off)[0])
    return f"{what}: {_count(off)} differ; the first at {list(where)}: expected {expected[where]:.4g}, got {got[where]:.4g}"


def _count(mask: np.ndarray) -> str:
    return f"{int(mask.sum())} of {mask.size} entries" if mask.size != 1 else "it"
