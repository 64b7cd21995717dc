"""What the judging of both losses needs: where a function meets a value, and how far two gradients go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from nbjudge.judge.compare import Case


def crossings(of: Callable[[float], float], grid: np.ndarray) -> Iterator[float]:
    """Where a function of one number changes its sign, between neighbours of a grid."""
    values = np.array([of(float(a)) for a in grid])
    for k in np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:])):
        low, high = float(grid[k]), float(grid[k + 1])
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if np.sign(of(middle)) == np.sign(values[k]) else (low, middle)
        yield low


def agreement(actual: np.ndarray, expected: np.ndarray) -> float:
    """The correlation of two gradients by the scores, (batch, K+1, 1), at the negatives: the positive's sign is no merit."""
    one, two = actual[:, 1:].ravel(), expected[:, 1:].ravel()
    return float(np.corrcoef(one, two)[0, 1]) if np.ptp(one) > 0 and np.ptp(two) > 0 else 0.0


def pull(case: Case, key: str) -> float:
    """How far a gradient goes with that of a right loss at the negatives, as their scores decide; 0 if none came."""
    actual, expected = case.actual.arrays.get(key), case.expected.arrays[key]
    if actual is None or actual.shape != expected.shape or not np.isfinite(actual).all() or not np.any(actual):
        return 0.0
    return agreement(actual, expected)
