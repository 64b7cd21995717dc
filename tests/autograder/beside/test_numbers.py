"""Numbers in a text."""

from __future__ import annotations

import math

import pytest

from autograder.beside.numbers import Number, accuracies_in, numbers_in, recognised

WRITTEN = {
    "0.285": (0.285, 3),
    "an accuracy of 28.5 % here": (0.285, 3),
    "28.5% of": (0.285, 3),
    r"$28.5\%$": (0.285, 3),
    "28,5 Prozent": (0.285, 3),
    "0,285": (0.285, 3),
    "29 percent.": (0.29, 2),
    "(.285)": (0.285, 3),
    "It came to 0.285.": (0.285, 3),
    "| cmc | 0.285 |": (0.285, 3),
    "**0.285**±0.01": (0.285, 3),
    "5,68": (5.68, 2),
    "10,000 images": (10_000, 0),
    "1,234.5": (1_234.5, 1),
    "11.10,": (11.1, 2),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_number_is_read_as_it_was_meant(text: str) -> None:
    (number,) = numbers_in(text)
    assert (number.value, number.digits) == (pytest.approx(WRITTEN[text][0]), WRITTEN[text][1])


@pytest.mark.parametrize("text", ["section 2.3", "Part 1.4", "±0.02", "64x64", "conv2d", "1e-3", "v2.1.0b", "x^2", "", "none"])
def test_what_is_no_number_of_a_result_is_left_out(text: str) -> None:
    assert accuracies_in(text) == [] and not [n for n in numbers_in(text) if n.digits]


def test_digits_tell_how_near_it_must_be() -> None:
    (number,) = numbers_in("0.29")
    assert number.fits(0.2856) and number.fits(0.2949) and number.fits(0.2999)  # rounded, or cut off
    assert not number.fits(0.2849) and not number.fits(0.3001)
    assert not Number("2011.10.12", math.nan, 0).fits(0.3)


def test_a_number_bears_the_names_that_it_fits() -> None:
    found, others = recognised(numbers_in("0.29, 0.31 and 0.31 again"), {"I": 0.291, "II": 0.2904, "III": 0.25})
    assert [(number.text, name) for number, name in found] == [("0.29", "I or II")]
    assert [number.text for number in others] == ["0.31"]
