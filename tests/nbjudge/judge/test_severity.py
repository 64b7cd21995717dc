"""One table says what a deviation costs, and one what it is called."""

from __future__ import annotations

import re

import pytest
from nbjudge.judge import severity as module
from nbjudge.judge.severity import BY_WORDS, Severity, cost

COSTS = {
    "nothing is borne out": 100,
    "cannot run here": 70,
    "nothing can learn": 50,
    "learns something else": 35,
    "other numbers": 20,
    "not general": 10,
    "style": 0,
}


def test_the_table_in_words_is_the_one_that_counts() -> None:
    told = re.findall(r"^\| ([a-z ]+?)(?: than what was asked|: [^|]*)? \| (\d+)", module.__doc__ or "", re.MULTILINE)
    assert {words: int(share) for words, share in told} == COSTS
    assert {words: cost([severity], 100) for words, severity in BY_WORDS.items()} == COSTS


@pytest.mark.parametrize("severity", Severity)
def test_words_and_severities_are_told_from_each_other(severity: Severity) -> None:
    assert BY_WORDS[severity.words] is severity
    assert bool(severity) is (severity is not Severity.NONE)


def test_several_add_up_to_no_more_than_there_is_in_hundredths_of_a_point() -> None:
    assert cost([], 10) == 0
    assert cost([Severity.NOT_GENERAL, Severity.OTHER_NUMBERS, Severity.NONE], 10) == 3
    assert cost((Severity.CANNOT_RUN, Severity.NOTHING_LEARNS), 10) == 10
    assert cost([Severity.LEARNS_ELSE], 1.11) == 0.39
