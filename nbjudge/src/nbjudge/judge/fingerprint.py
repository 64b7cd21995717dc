"""What is left of evidence when two answers are put side by side: small, and blind to rounding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nbjudge.evidence import Evidence
from nbjudge.judge.compare import LEFT, cleaned
from nbjudge.judge.criteria import Question

SAMPLE = 2048  # entries kept of an array: a mistake shows in more than a few of them
RTOL = 2e-3  # other thread counts, dtypes on the way and orders of summing give differences of 1e-5 at most
ATOL = 1e-3  # times the array's largest value

_LEFT = re.compile(LEFT + "$")  # what right answers keep in variables is their own
_ERROR = re.compile(r"(?P<kind>\w+)(?: in [^:]*)?(?:: (?P<message>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Fingerprint:
    """The evidence of an answer, as far as answers with the same mistake agree in it.

    Attributes:
        arrays: name -> the array's shape and a sample of its entries.
        errors: part of the probe -> kind and message of what was raised, without the line.
    """

    arrays: Mapping[str, tuple[tuple[int, ...], np.ndarray]]
    errors: Mapping[str, str]

    def differs(self, other: Fingerprint, tolerance: float = 1.0) -> frozenset[str]:
        """The names under which the two are not the same.

        Args:
            other: what to compare with; its entries set the scale.
            tolerance: factor on what counts as rounding.
        """
        names = self.arrays.keys() | other.arrays.keys()
        parts = self.errors.keys() | other.errors.keys()
        off = {f"error {part}" for part in parts if self.errors.get(part) != other.errors.get(part)}
        off |= {
            name
            for name in names
            if name not in self.arrays
            or name not in other.arrays
            or not _same(self.arrays[name], other.arrays[name], tolerance)
        }
        return frozenset(off)


def fingerprint(asked: Question, evidence: Evidence, seed: int) -> Fingerprint:
    """The fingerprint of a question's evidence on the inputs that follow from the seed."""
    canonical = asked.canonical(cleaned(evidence), seed)
    return Fingerprint(
        {name: (array.shape, _sample(array)) for name, array in canonical.arrays.items() if not _LEFT.search(name)},
        {part: _without_line(error) for part, error in canonical.errors.items()},
    )


def _sample(array: np.ndarray) -> np.ndarray:
    flat = array.astype(np.float64).ravel()
    if flat.size > SAMPLE:
        flat = flat[np.linspace(0, flat.size - 1, SAMPLE).astype(np.int64)]
    return flat


def _without_line(error: str) -> str:
    """The kind of an error and the start of its message, which one mistake has in common however it was written."""
    found = _ERROR.match(error)
    if found is None:
        return error
    return f"{found['kind']}: {(found['message'] or '').splitlines()[0][:80]}" if found["message"] else found["kind"]


def _same(a: tuple[tuple[int, ...], np.ndarray], b: tuple[tuple[int, ...], np.ndarray], tolerance: float) -> bool:
    """Close, to within a share of the array's own size; infinite or NaN in the same places."""
    if a[0] != b[0]:
        return False
    finite = np.isfinite(a[1])
    if not np.array_equal(finite, np.isfinite(b[1])):
        return False
    left, right = a[1][finite], b[1][finite]
    scale = float(np.abs(right).max()) if right.size else 0.0
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(left - right) <= tolerance * (RTOL * np.abs(right) + ATOL * scale + 1e-9)))
