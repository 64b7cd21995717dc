"""`results.json`, whatever is in it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.artifacts.networks import ROWS
from autograder.artifacts.plausible import epochs, plausibility_remarks
from autograder.artifacts.results import MAX_BYTES, read_results
from autograder.paths import ROOT
from solution.experiment import ROWS as EXPERIMENT

GOOD: dict[str, Any] = {
    "data": "STL-10",
    "profile": "full",
    "accuracy": {"autoencoder": 0.29, "cmc": 0.47},
    "ae_losses": [3.8, 1.1],
    "cmc_history": {"loss": [11.4, 9.0], "prob_l": [0.004, 0.02], "prob_ab": [0.004, 0.02]},
}


def read(**changes: Any) -> Any:
    return read_results(json.dumps({**GOOD, **changes}).encode())


def test_an_ordinary_file() -> None:
    results = read(seed=42)
    assert (results.data, results.profile, results.accuracy) == ("STL-10", "full", GOOD["accuracy"])
    assert (results.ae_losses, results.cmc_history, results.problems) == (GOOD["ae_losses"], GOOD["cmc_history"], [])


def test_rows_are_those_of_the_lesson_and_the_experiment() -> None:
    lesson = (ROOT / "assignment" / "lesson" / "ps8.md").read_text()
    table = lesson[lesson.index("ROWS = {") :]
    assert re.findall(r'^    "(\w+)":', table[: table.index("\n}")], re.MULTILINE) == list(ROWS)
    assert set(ROWS) < set(EXPERIMENT)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"accuracy": {"cmc": ' + b"9" * 5_000 + b"}}",
        b"[0.4]",
        b"7",
    ],
    ids=["empty", "web page", "not UTF-8", "deep list", "deep object", "long number", "a list", "a number"],
)
def test_what_is_no_results_file_gives_a_reason(data: bytes) -> None:
    results = read_results(data)
    assert results.accuracy == {}
    assert len(results.problems) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*GOOD, *ROWS, "loss", "prob_l", "x"]), inner),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_any_json_gives_results_that_can_be_used(value: Any) -> None:
    results = read_results(json.dumps(value).encode())
    assert all(row in ROWS and 0 <= accuracy <= 1 for row, accuracy in results.accuracy.items())
    for losses in (results.ae_losses, *results.cmc_history.values()):
        assert all(math.isfinite(loss) for loss in losses)
    assert plausibility_remarks(results, tested=1_000, trained=3_000) is not None
    assert epochs(results) is not None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_results(data: bytes) -> None:
    assert isinstance(read_results(data).problems, list)


def test_a_byte_order_mark_is_read_over() -> None:
    assert read_results(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).problems == []


def test_a_large_file_is_not_read() -> None:
    results = read_results(json.dumps({**GOOD, "notes": "x" * MAX_BYTES}).encode())
    assert results.accuracy == {}
    assert "MB" in results.problems[0]


@pytest.mark.parametrize("value", [1.01, -0.1, float("nan"), float("inf"), True, "0.9", None, [0.9], 10**400])
def test_an_accuracy_is_a_number_from_0_to_1(value: Any) -> None:
    results = read(accuracy={"cmc": value, "autoencoder": 0.3})
    assert results.accuracy == {"autoencoder": 0.3}
    assert len(results.problems) == 1
    assert "cmc" in results.problems[0]


def test_rows_that_nobody_asked_for_are_named_without_what_markdown_would_read() -> None:
    results = read(accuracy={"cmc": 0.4, "`<script>`": 0.9, **{f"row{i}": 0.1 for i in range(9)}})
    assert results.accuracy == {"cmc": 0.4}
    (problem,) = results.problems
    assert "<" not in problem
    assert "and 5 more" in problem


def test_losses_stop_at_the_first_that_is_no_number() -> None:
    results = read(ae_losses=[3.8, 1.1, float("nan"), float("nan")], cmc_history={"loss": [11.0, "x"], "prob_l": 3})
    assert results.ae_losses == [3.8, 1.1]
    assert results.cmc_history == {"loss": [11.0], "prob_l": [], "prob_ab": []}
    assert "epoch 2" in results.problems[0]
    assert len(results.problems) == 3


def test_an_unknown_profile_and_a_missing_name_are_said() -> None:
    results = read(data=None, profile="fast")
    assert (results.data, results.profile) == ("", "")
    assert len(results.problems) == 2
