"""The check of the table before the comparisons: the form, and no word on what is right."""

from __future__ import annotations

import itertools
import random

import pytest
from ps8.checks import CheckFailed, NotStarted, check, hint
from ps8.questions.report_differences.comparisons import PAIRS, THINGS

QUESTION = "report_differences"
ANY = {pair: {"task"} for pair in PAIRS}
SUBSETS = [set(some) for n in range(4) for some in itertools.combinations(THINGS, n)]


def test_every_table_of_the_form_passes_alike(capsys) -> None:
    """Right or wrong: what is said is the same, or the check could be asked for the answer."""
    said = set()
    draw = random.Random(0)
    for _ in range(200):
        check(QUESTION, {"differs": {pair: draw.choice(SUBSETS) for pair in PAIRS}})
        said.add(capsys.readouterr().out)
    (only,) = said
    assert "the form is as asked for" in only and "the grader says it" in " ".join(only.split())


def test_rows_may_be_named_in_either_order_and_lists_serve() -> None:
    check(QUESTION, {"differs": {pair[::-1]: ["task", "colours"] for pair in PAIRS}})
    check(QUESTION, {"differs": dict.fromkeys(PAIRS, "task") | {("cmc", "supervised"): 7}})


FAULTS = {
    "no dictionary": [],
    "nothing yet": None,
    'no entry for the pair ("cmc", "autoencoder")': {pair: {"task"} for pair in PAIRS[:-1]},
    "'colors': did you mean 'colours'?": {**ANY, ("cmc", "random_lab"): {"colors"}},
    "the word 'loss': it may be": {**ANY, ("cmc", "random_lab"): {"loss"}},
    "no set": {**ANY, ("cmc", "random_lab"): 3},
    "a value of the type int": {**ANY, ("cmc", "random_lab"): [3]},
    "twice, with two answers": {**ANY, ("random_lab", "cmc"): {"colours"}},
}


@pytest.mark.parametrize("wrong", FAULTS)
def test_what_is_off_in_the_form_is_said(wrong: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        check(QUESTION, {"differs": FAULTS[wrong]})
    told = " ".join(str(failed.value).split())
    assert wrong in told and "section 'What differs' of the notebook" in told


def test_a_cell_that_the_grader_cannot_read_is_refused() -> None:
    computed = "differs = {pair: {'task'} for pair in PAIRS}"
    with pytest.raises(CheckFailed, match="cannot be read"):
        check(QUESTION, {"differs": ANY, "In": ["", "x = 1", computed, "ps8.check('report_differences')"]})
    check(QUESTION, {"differs": ANY, "In": ["", computed, f"differs = {ANY}", "differs == 3"]})


def test_an_empty_cell_is_not_started_and_has_a_hint(capsys) -> None:
    with pytest.raises(NotStarted):
        check(QUESTION, {})
    hint(QUESTION)
    assert "section 1.5" in capsys.readouterr().out
