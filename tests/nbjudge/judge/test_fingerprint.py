"""Two pieces of evidence are the same up to rounding, and where they are not, the names say it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from nbjudge.evidence import Evidence
from nbjudge.judge.criteria import Question
from nbjudge.judge.fingerprint import ATOL, RTOL, SAMPLE, Fingerprint, fingerprint


def of(arrays: dict[str, object], **errors: str) -> Fingerprint:
    question = Question("q", "Q", (), borne_out=bool)
    return fingerprint(question, Evidence({name: np.asarray(value) for name, value in arrays.items()}, errors), 0)


def test_what_differs_is_named() -> None:
    one = of({"a": [1.0], "b": [2.0], "c": [3.0]}, part="ValueError: no", other="TypeError")
    two = of({"a": [1.0], "b": [2.5], "d": [3.0]}, part="ValueError: yes", more="TypeError")
    names = {"b", "c", "d", "error part", "error other", "error more"}
    assert one.differs(two) == two.differs(one) == names
    assert one.differs(one) == frozenset()


def test_shapes_count_and_kinds_of_numbers_do_not() -> None:
    assert of({"a": [[1.0, 2.0]]}).differs(of({"a": [1.0, 2.0]})) == {"a"}
    assert not of({"a": [1, 2]}).differs(of({"a": [1.0, 2.0]}))
    assert not of({"a": [True]}).differs(of({"a": [1.0]}))
    assert not of({"a": np.zeros(0)}).differs(of({"a": np.zeros(0)}))


@pytest.mark.parametrize("value", [1.0, 50.0, -50.0])
def test_rounding_is_a_share_of_the_entry_and_of_the_largest(value: float) -> None:
    kept = np.array([value, 100.0])
    allowed = RTOL * abs(value) + ATOL * 100
    for factor, same in ((0.99, True), (1.01, False)):
        for moved in (value + factor * allowed, value - factor * allowed):
            assert (not of({"a": [moved, 100.0]}).differs(of({"a": kept}))) is same
    twice = of({"a": [value + 1.9 * allowed, 100.0]})
    assert twice.differs(of({"a": kept})) and not twice.differs(of({"a": kept}), tolerance=2)


def test_zeros_are_the_same_as_nearly_zeros_only() -> None:
    assert not of({"a": [1e-10, 0]}).differs(of({"a": [0.0, 0.0]}))
    assert of({"a": [1e-8, 0]}).differs(of({"a": [0.0, 0.0]}))


def test_what_is_not_finite_is_the_same_in_the_same_places() -> None:
    odd = of({"a": [1.0, np.nan, np.inf]})
    assert not odd.differs(of({"a": [1.0, np.inf, np.nan]}))
    assert odd.differs(of({"a": [np.nan, 1.0, np.inf]}))
    assert odd.differs(of({"a": [2.0, np.nan, np.inf]}))
    assert not of({"a": [np.nan]}).differs(of({"a": [np.nan]}))


def test_of_a_large_array_a_sample_from_the_first_to_the_last_is_kept() -> None:
    large = np.arange(10.0 * SAMPLE)
    shape, kept = of({"a": large.reshape(10, -1)}).arrays["a"]
    assert shape == (10, SAMPLE) and kept.size == SAMPLE
    assert (kept[0], kept[-1]) == (0, large[-1]) and np.all(np.diff(kept) >= 10)
    assert of({"a": large[:SAMPLE]}).arrays["a"][1].tolist() == large[:SAMPLE].tolist()


@pytest.mark.parametrize(
    ("raised", "kept"),
    [
        ("ValueError in line, line 3: no\nwhy", "ValueError: no"),
        ("ValueError: " + "x" * 200, "ValueError: " + "x" * 80),
        ("ValueError in <lambda>, line 9", "ValueError"),
        ("ValueError", "ValueError"),
        ("KeyError: 'a: b'", "KeyError: 'a: b'"),
        ("!?", "!?"),
        ("", ""),
    ],
)
def test_an_error_is_known_by_its_kind_and_the_start_of_what_it_says(raised: str, kept: str) -> None:
    assert of({}, part=raised).errors == {"part": kept}


def test_variables_that_were_left_and_what_holds_no_numbers_are_not_looked_at() -> None:
    found = of({"a": [1.0], "a.left0": [1.0], "a.left": [1.0], "words": ["x"]})
    assert set(found.arrays) == {"a", "a.left"}


def test_a_question_says_what_two_right_answers_may_do_differently() -> None:
    question = Question("q", "Q", (), borne_out=bool, canonical=lambda found, seed: dataclasses.replace(found, arrays={}))
    assert fingerprint(question, Evidence({"a": np.ones(2)}, {"p": "E"}), 0) == Fingerprint({}, {"p": "E"})
