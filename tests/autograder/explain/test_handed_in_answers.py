"""Answers are read from the text of a notebook; nothing in it is run."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.explain.handed_in_answers import HandedIn, read_answers


def handed(*sources: str) -> HandedIn:
    return read_answers(new_notebook(cells=[new_code_cell(source) for source in sources]))


def test_a_name_and_a_dictionary_are_read() -> None:
    found = handed(
        "import torch", 'my_name = "ada"', 'explain = {"encoder": "B", "decoder": 1 / 2, "cmc_score": -3, "train_ae": None}'
    )
    assert found.name == "ada" and not found.problem
    assert found.answers == {"encoder": "B", "decoder": 0.5, "cmc_score": -3, "train_ae": None}


def test_what_stands_further_down_counts() -> None:
    found = handed('explain = {"encoder": "A", "decoder": "A"}', 'explain = {"encoder": "B"}', 'explain["decoder"] = "C"')
    assert found.answers == {"encoder": "B", "decoder": "C"}


def test_another_cell_that_is_broken_or_only_looks_does_no_harm() -> None:
    found = handed("def f(:", 'explain = {"encoder": "A"}', "print(explain)\nps8.explain('encoder')", "%%bash\nls")
    assert found.answers == {"encoder": "A"} and not found.problem


@pytest.mark.parametrize("answer", ["best()", "[1][0]", "f'{x}'", "'A'.lower()", "open('/etc/passwd').read()"])
def test_what_is_computed_is_not_read_and_that_is_said(answer: str) -> None:
    found = handed(f"explain = {{'encoder': {answer}}}")
    assert found.answers == {} and "explain: line 1" in found.problem


@pytest.mark.parametrize(
    "source",
    [
        "explain = {'encoder': 'A'}\nexplain.update(encoder='B')",
        "explain = {**{'encoder': 'A'}}",
        "explain = 3",
        "explain = {'encoder': 'A'",
        "explain = " + "[" * 5000,
        "def f():\n    explain = {'encoder': 'A'}",
        "exec(\"explain = {'encoder': 'A'}\")",
        "",
    ],
)
def test_other_ways_give_no_answer_and_a_reason(source: str) -> None:
    found = handed(source)
    assert found.answers == {} and found.problem


def test_tests_given_cells_and_texts_are_not_read() -> None:
    test, given = new_code_cell('explain = {"encoder": "A"}'), new_code_cell('my_name = "eve"')
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "explain", "points": 1}
    given.metadata["nbgrader"] = {"grade": False, "solution": False, "locked": True, "grade_id": "given"}
    found = read_answers(new_notebook(cells=[test, given, new_markdown_cell('explain = {"encoder": "A"}')]))
    assert (found.name, found.answers) == ("", {})
