"""Answers are read from the text of a notebook; nothing in it is run."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.explain.hand_in import HandedIn, read


def handed(*sources: str) -> HandedIn:
    return read(new_notebook(cells=[new_code_cell(source) for source in sources]))


def test_a_name_and_a_dictionary_are_read() -> None:
    found = handed('my_name = "ada"', 'explain = {"encoder": "B", "decoder": 0.5, "cmc_score": -3, "train_ae": None}')
    assert found.name == "ada" and not found.computed
    assert found.answers == {"encoder": "B", "decoder": 0.5, "cmc_score": -3.0, "train_ae": None}


def test_what_stands_further_down_counts() -> None:
    found = handed('explain = {"encoder": "A", "decoder": "A"}', 'explain = {"encoder": "B"}', 'explain["decoder"] = "C"')
    assert found.answers == {"encoder": "B", "decoder": "C"}


@pytest.mark.parametrize(
    "answer",
    ["best()", "1 + 1", "[1]", "True", "'A' * 1", "f'{x}'", "-'A'", "b'A'", "1j", "...", "not 1", "'A'.lower()", "--1"],
)
def test_what_is_computed_is_not_read(answer: str) -> None:
    found = handed(f"explain = {{'encoder': {answer}}}")
    assert found.computed == {"encoder"} and found.answers == {"encoder": None}


def test_an_answer_written_out_again_is_read() -> None:
    assert handed('explain = {"encoder": f()}', 'explain["encoder"] = 2').computed == set()


@pytest.mark.parametrize(
    "source",
    [
        "explain = dict(encoder='A')",
        "explain.update(encoder='A')",
        "def f():\n    explain = {'encoder': 'A'}",
        "if True:\n    explain = {'encoder': 'A'}",
        "explain = {**{'encoder': 'A'}}",
        "explain = {encoder: 'A'}",
        "%%bash\nexplain = {'encoder': 'A'}",
        "explain = {'encoder': 'A'",
        "exec(\"explain = {'encoder': 'A'}\")",
        "[" * 5000,
    ],
)
def test_other_ways_give_no_answer_and_do_no_harm(source: str) -> None:
    assert handed(source).answers.get("encoder") is None


def test_long_texts_and_huge_numbers_are_bounded() -> None:
    found = handed(f"explain = {{'encoder': '{'x' * 10_000}', 'decoder': {'9' * 400}}}")
    assert "encoder" in found.computed and found.answers["decoder"] == float("inf")


def test_tests_and_texts_are_not_read() -> None:
    test = new_code_cell('explain = {"encoder": "A"}')
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "explain", "points": 1}
    assert read(new_notebook(cells=[test, new_markdown_cell('explain = {"encoder": "A"}')])).answers == {}
