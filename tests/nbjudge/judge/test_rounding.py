"""A right answer in half precision is told so; one that rounds as single precision does is told nothing."""

from __future__ import annotations

import numpy as np
import pytest
from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case
from nbjudge.judge.rounding import ROUNDED, rounding_remarks

FULL = np.random.default_rng(0).normal(size=200)
HALF = FULL.astype(np.float16).astype(np.float64) * (1 + 0.004 * np.tile([1, -1], 100))


def said(got: dict[str, object], expected: dict[str, object]) -> tuple[str, ...]:
    def kept(those: dict[str, object]) -> dict[str, np.ndarray]:
        return {name: np.asarray(value) for name, value in those.items()}

    return rounding_remarks(Case(Evidence(kept(got)), Evidence(kept(expected)), 0))


def test_half_precision_is_remarked_wherever_it_shows() -> None:
    assert said({"a": HALF}, {"a": FULL}) == (ROUNDED,)
    assert said({"a": FULL, "b": HALF}, {"a": FULL, "b": FULL}) == (ROUNDED,)


@pytest.mark.parametrize(
    "got",
    [FULL, FULL.astype(np.float32), FULL * 1.0005, HALF[:100], HALF + 1, np.where(FULL > 2, np.nan, HALF), (FULL > 0)],
    ids=["same", "single", "near", "shape", "wrong", "nan", "bools"],
)
def test_nothing_else_is(got: np.ndarray) -> None:
    assert said({"a": got}, {"a": FULL}) == ()
    assert said({"a": got, "b": HALF}, {"a": FULL, "b": FULL}) == (ROUNDED,)  # and none hides another


def test_what_is_missing_or_not_asked_for_is_none() -> None:
    assert said({}, {"a": FULL}) == said({"b": HALF}, {"a": FULL}) == ()
