"""The table of what differs, judged from the cell's text."""

from __future__ import annotations

import itertools

import pytest
from nbjudge.judge.verdict import Status
from nbjudge.pages.levels import redacted
from ps8.questions.report_differences.comparisons import PAIRS, THINGS, fault_of_cell

from autograder.paths import SOLUTION
from autograder.questions.report_differences.question import judge_differences

RIGHT = (SOLUTION / "comparisons.py").read_text()
SUBSETS = [set(some) for n in range(4) for some in itertools.combinations(THINGS, n)]


def cell(table: dict) -> str:
    return f"# {THINGS}\ndiffers = {table!r}\nprint(differs)"


def test_the_reference_is_right() -> None:
    verdict = judge_differences(RIGHT)
    assert (verdict.status, verdict.score, verdict.points) == (Status.RIGHT, 1.0, 1.0)


@pytest.mark.parametrize("pair", PAIRS)
def test_each_pair_has_one_right_answer_and_counts_a_fifth(pair: tuple[str, str]) -> None:
    scores = []
    for words in SUBSETS:
        verdict = judge_differences(f"{RIGHT}\ndiffers[{pair!r}] = {words!r}")
        scores.append(verdict.score)
        wrong = [line for line in verdict.lines if line.reason]
        assert len(wrong) == (verdict.score < 1) and all("expected " in line.reason for line in wrong)
    assert sorted(scores) == [0.8] * 7 + [1.0]


def test_order_and_kind_do_not_matter() -> None:
    namespace: dict = {}
    exec(RIGHT, namespace)
    turned = {pair[::-1]: sorted(words, reverse=True) for pair, words in namespace["differs"].items()}
    assert judge_differences(cell(turned)).status is Status.RIGHT


def test_what_is_named_everywhere_is_hardly_ever_right() -> None:
    for words in SUBSETS:
        assert judge_differences(cell(dict.fromkeys(PAIRS, words))).score <= 0.6


@pytest.mark.parametrize("stub", ["", "# words\n# YOUR CODE HERE\nraise NotImplementedError", "raise NotImplementedError()"])
def test_a_stub_is_not_started(stub: str) -> None:
    assert judge_differences(stub).status is Status.NOT_STARTED


UNREADABLE = ["differs = {", "differs = f()", "differs = 7", "differs = None", "other = {}", "\x00", "differs = " + "(" * 9_000]


@pytest.mark.parametrize("source", UNREADABLE)
def test_what_cannot_be_read_says_why(source: str) -> None:
    verdict = judge_differences(source)
    assert verdict.status is Status.COULD_NOT_RUN and verdict.score == 0
    assert verdict.lines[0].reason.startswith("`differs` could not be read") and fault_of_cell(source)


def test_one_bad_entry_costs_its_own_fifth() -> None:
    bad = ["{'colors'}", "7", "{'task', 8}", "{}", "None", "[['task']]"]
    for entry in bad:
        verdict = judge_differences(f"{RIGHT}\ndiffers['cmc', 'random_lab'] = {entry}")
        assert (verdict.status, verdict.score) == (Status.WRONG, 0.8), entry
    assert judge_differences(f"{RIGHT}\ndiffers = {{('cmc', 'random_lab'): {{'task'}}}}").score == 0.2


def test_the_check_refuses_nothing_that_the_judge_finds_right() -> None:
    assert fault_of_cell(RIGHT) == ""
    for verdict, source in ((judge_differences(s), s) for s in (f"{RIGHT}\ndiffers['x'] = 3", RIGHT)):
        assert (verdict.status is Status.RIGHT) == (fault_of_cell(source) == "")


def test_before_the_deadline_the_right_words_are_not_told() -> None:
    verdict = judge_differences(f"{RIGHT}\ndiffers['random_lab', 'random_rgb'] = {{'task'}}")
    (reason,) = [line.reason for line in verdict.lines if line.reason]
    assert reason == 'expected "colours", "features", actual "task"'
    assert redacted(reason) == 'actual "task"'
    assert redacted('expected nothing, actual "task"') == 'actual "task"'
