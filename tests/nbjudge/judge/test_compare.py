"""Expected against actual: what is missing first, then the shape, then the first place where values differ."""

from __future__ import annotations

import numpy as np
import pytest
from nbjudge.judge.compare import Case, cleaned, close, difference
from ps8.probes import Evidence


def case(actual: object, expected: object, **errors: str) -> Case:
    arrays = {} if actual is None else {"x": np.asarray(actual)}
    return Case(Evidence(arrays, errors), Evidence({"x": np.asarray(expected)}), 0)


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        ([1.0, 2.0], [1.0, 2.0], ""),
        ([1.0, 2.00001], [1.0, 2.0], ""),
        ([[5.0, 6.0]], [1.0, 2.0], "the loss: expected shape (2,), actual (1, 2)"),
        ([1.0, 3.0, 5.0], [1.0, 2.0, 4.0], "the loss: 2 of 3 entries differ; the first at [1]: expected 2, actual 3"),
        (3.0, 2.0, "the loss: expected 2, actual 3"),
        ([1.0, np.nan], [1.0, 2.0], "the loss: expected finite numbers, actual: 1 of 2 entries are not"),
        (np.inf, 2.0, "the loss: expected a finite number, actual inf"),
        (None, 2.0, "the loss: not computed"),
    ],
)
def test_a_difference_in_words(actual: object, expected: object, said: str) -> None:
    assert difference(case(actual, expected), "x", "the loss") == said


def test_what_was_raised_is_the_reason() -> None:
    said = difference(case(None, 2.0, forward="ValueError in forward, line 3: no"), "x", "the loss")
    assert said == "the loss: not computed, because of ValueError in forward, line 3: no"


def test_not_a_number_equals_nothing() -> None:
    nan = np.array([np.nan])
    assert not close(nan, nan)
    assert not close(np.array([np.inf]), np.array([1.0]))


def test_what_holds_no_numbers_is_left_out() -> None:
    arrays = {"words": np.array(["a"]), "complex": np.array([1j]), "ints": np.array([1]), "bools": np.array([True])}
    kept = cleaned(Evidence(arrays, {"part": "x" * 5_000})).arrays
    assert set(kept) == {"ints", "bools"}
    assert kept["ints"].dtype == np.float64 and kept["bools"].dtype == bool
