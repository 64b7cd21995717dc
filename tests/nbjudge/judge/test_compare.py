"""Expected against actual: what is missing first, then the shape, then the first place where values differ."""

from __future__ import annotations

import numpy as np
import pytest
from nbjudge.evidence import MAX_BYTES, MAX_TEXT, Evidence
from nbjudge.judge.compare import ATOL, ROUGH, ROUGH_SLOPE, RTOL, Case, cleaned, close, difference, number_pair


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
        ([3.0, -np.inf, np.nan], [1.0, 2.0, 4.0], "the loss: expected finite numbers, actual: 2 of 3 entries are not"),
        (np.inf, 2.0, "the loss: expected a finite number, actual inf"),
        ([-np.inf], [2.0], "the loss: expected a finite number, actual -inf"),
        ([5.0], [2.0], "the loss: expected 2, actual 5"),
        (
            [[1.0, 2.0], [3.0, 7.0]],
            [[1.0, 2.0], [3.0, 4.0]],
            "the loss: 1 of 4 entries differ; the first at [1, 1]: expected 4, actual 7",
        ),
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
    many = np.full(100, np.nan)
    assert not close(many, many) and not close(np.full(100, np.inf), np.ones(100))


@pytest.mark.parametrize("expected", [0.0, 2.0, -2.0])
def test_as_near_as_the_tolerances_say(expected: float) -> None:
    allowed = ATOL + RTOL * abs(expected)
    for sign in (1, -1):
        assert close(np.array([expected + sign * 0.999 * allowed]), np.array([expected]))
        assert not close(np.array([expected + sign * 1.001 * allowed]), np.array([expected]))
    assert close(np.array([12.0]), np.array([10.0]), rtol=0.2, atol=0) and not close(
        np.array([12.0]), np.array([10.0]), 0.1, 0.5
    )
    assert not close(np.array([[1.0]]), np.array([1.0]))
    assert close(np.array([255], np.uint8), np.array([255.0])) and not close(np.array([1], np.uint8), np.array([2], np.uint8))


HALVES = np.linspace(-2, 2, 101)[np.arange(101) != 50]  # no zero
ALTERNATING = np.tile([1.0, -1.0], 50)


def rounded(share: float) -> np.ndarray:
    """Here up and there down by a share of each entry, in no direction."""
    return HALVES * (1 + share * ALTERNATING * np.sign(HALVES) * np.where(HALVES > 0, 1, -1))


def test_half_precision_is_near_enough_and_no_single_entry_may_be_far() -> None:
    assert close(rounded(0.004), HALVES) and not close(rounded(0.004), HALVES[:, None])
    assert not close(rounded(0.02), HALVES)  # more than half precision rounds
    one_off = rounded(0.004)
    one_off[3] = HALVES[3] + 1.05 * ROUGH * np.abs(HALVES).max()
    assert not close(one_off, HALVES)
    one_off[3] = HALVES[3] + 0.95 * ROUGH * np.abs(HALVES).max()
    assert close(one_off, HALVES)


def test_a_rounding_has_no_direction() -> None:
    """What is stretched or shifted as a whole is no rounding, though each entry is within what half precision does."""
    for factor, same in ((0.9 * ROUGH_SLOPE, True), (1.1 * ROUGH_SLOPE, False)):
        for sign in (1, -1):
            assert close(HALVES * (1 + sign * factor), HALVES) is same
            level = HALVES + sign * factor * np.sqrt(np.mean(HALVES**2))
            assert close(level, HALVES) is same


def test_a_few_numbers_show_no_rounding() -> None:
    few = np.array([1.0, -1, 2, -2, 3, -3, 4, -4])
    off = few * (1 + 0.004 * np.array([1, 1, -1, -1, 1, 1, -1, -1]))
    assert close(off, few) and not close(off[:7], few[:7])


def test_zeros_stay_zeros() -> None:
    """A rounding moves hardly any of the zeros that a ReLU makes; a fifth of them is many."""
    for moved, same in ((20, True), (21, False)):
        expected = np.concatenate([np.zeros(100), 10 * HALVES])
        got = expected.copy()
        got[:moved] = 0.01 * ALTERNATING[:moved]
        assert close(got, expected) is same


def test_nothing_but_zeros_and_one_level_are_compared_without_a_warning() -> None:
    with np.errstate(all="raise"):
        assert not close(np.full(10, 1e-3), np.zeros(10))
        assert close(np.full(10, 5.0), np.full(10, 5.0)) and not close(np.full(10, 5.1), np.full(10, 5.0))
        assert close(5 + 0.01 * ALTERNATING, np.full(100, 5.0))


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (0.30461, 0.30458, "0.30461, actual 0.30458"),
        (2.0, 3.0, "2, actual 3"),
        (1.0, 1.0, "1, actual 1"),
        (1.0, 1 + 2**-52, "1, actual 1.0000000000000002"),
        (12345.1, 12345.4, "12345.1, actual 12345.4"),
    ],
)
def test_two_numbers_have_as_many_digits_as_tell_them_apart(expected: float, got: float, words: str) -> None:
    assert number_pair(expected, got) == words


def test_what_holds_no_numbers_is_left_out() -> None:
    arrays = {"words": np.array(["a"]), "complex": np.array([1j]), "ints": np.array([1]), "bools": np.array([True])}
    kept = cleaned(Evidence(arrays, {"part": "x" * 5_000})).arrays
    assert set(kept) == {"ints", "bools"}
    assert kept["ints"].dtype == np.float64 and kept["bools"].dtype == bool


def test_what_is_too_large_is_left_out_and_an_error_is_cut() -> None:
    most = np.zeros(MAX_BYTES, np.uint8)
    found = cleaned(Evidence({"most": most, "more": np.zeros(MAX_BYTES + 1, np.uint8), "none": None}, {"part": "x" * 5_000}))  # type: ignore[dict-item]
    assert set(found.arrays) == {"most"}
    assert found.errors == {"part": "x" * MAX_TEXT}
    assert cleaned(Evidence({}, {1: ValueError("no")})).errors == {"1": "no"}  # type: ignore[dict-item]


def test_a_case_works_a_thing_out_once_and_another_case_for_itself() -> None:
    calls = []

    def first(given: Case) -> float:
        calls.append(given)
        return float(given.actual.arrays["x"][0])

    one, two = case([1.0], [1.0]), case([2.0], [1.0])
    assert [one.once(first), one.once(first), two.once(first)] == [1, 1, 2]
    assert calls == [one, two]


def test_what_the_probe_noted_and_what_was_left_and_what_was_raised_first() -> None:
    arrays = {"x": np.array([0, 2]), "no": np.array(0.0), "y.left0": np.ones(1), "y.left12": np.ones(2), "y.left": np.ones(3)}
    found = Case(
        Evidence({**arrays, "yyleft1": np.ones(4), "y.left1.left2": np.ones(5)}, {"a": "first", "b": "second"}), Evidence(), 0
    )
    assert (found.flag("x"), found.flag("no"), found.flag("missing")) == (True, False, False)
    assert [array.size for array in found.left("y")] == [1, 2] and found.left("x") == []
    assert [array.size for array in found.left("y.left1")] == [5]
    assert found.error() == "first"
    assert case(1.0, 1.0).error() == ""
