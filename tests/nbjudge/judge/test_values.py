"""A judge of plain values: an expression counts if its value is the right one, whatever the kernel says besides."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from nbjudge.assignment import Answer
from nbjudge.judge.values import LONGEST, ByValues, ValueJudge, same_value
from nbjudge.judge.verdict import CriterionResult, Status

QUESTIONS = {"squares": {"squares(3)": [1, 4, 9], "squares(0)": [], "name": "x"}, "other": {"pi": 3.14159}}


def answer(values: object = ([1, 4, 9], [], "x"), errors: object = None, **more: Any) -> Answer:
    return Answer("", 0, json.dumps({"values": values, "errors": errors or {}}).encode(), **more)


def verdict(given: Answer):
    return ValueJudge(b"", QUESTIONS).verdict("squares", given)


def test_right_values_earn_a_point_each() -> None:
    found = verdict(answer())
    assert (found.question, found.score, found.points, found.status) == ("squares", 3, 3, Status.RIGHT)
    assert found.lines[0] == CriterionResult("`squares(3)`", 1, 1) and not any(line.reason for line in found.lines)


def test_a_wrong_value_costs_its_own_point_and_says_what_came() -> None:
    found = verdict(answer([[1, 4, 9], [0], "y"]))
    assert (found.score, found.status) == (1, Status.WRONG)
    assert found.lines[1:] == (
        CriterionResult("`squares(0)`", 1, 0, "expected [], actual [0]"),
        CriterionResult("`name`", 1, 0, "expected 'x', actual 'y'"),
    )


def test_what_was_raised_is_the_reason_even_where_a_value_came() -> None:
    found = verdict(answer([[1, 4, 9], [], "x"], {"1": "ZeroDivisionError"}))
    assert [line.reason for line in found.lines] == ["", "ZeroDivisionError", ""]
    assert found.score == 2


def test_a_stub_is_not_started_and_half_a_stub_was() -> None:
    stub = {str(k): "NotImplementedError in squares" for k in range(3)}
    assert verdict(answer([None] * 3, stub)).status is Status.NOT_STARTED
    del stub["2"]
    assert verdict(answer([None, None, "x"], stub)).status is Status.WRONG


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Answer("", 0, None, "its kernel died"), "its kernel died"),
        (Answer("", 0, None), "the answer could not be tried"),
        (Answer("", 0, b"{"), "what came of it cannot be read"),
        (Answer("", 0, b"[1]"), "what came of it cannot be read"),
        (Answer("", 0, b'{"values": []}'), "what came of it cannot be read"),
        (Answer("", 0, b'{"errors": {}}'), "what came of it cannot be read"),
        (Answer("", 0, b"[" * 200_000), "what came of it cannot be read"),
        (answer([[1, 4, 9], []]), "what came of it is not what was asked for"),
        (answer({"0": 1, "1": 2, "2": 3}), "what came of it is not what was asked for"),
        (answer(errors=["no"]), "what came of it is not what was asked for"),
        (answer(errors={"0": 3}), "what came of it is not what was asked for"),
    ],
)
def test_what_cannot_be_judged_earns_nothing_and_says_why(given: Answer, said: str) -> None:
    found = verdict(given)
    assert (found.score, found.points, found.status) == (0, 3, Status.COULD_NOT_RUN)
    assert {line.reason for line in found.lines} == {said}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [(1, 1), (1, 1.0), (1.0, 1 + 1e-7), (0, 1e-10), (True, True), ((1, 2), [1, 2]), ({"a": [1]}, {"a": [1.0]}), (None, None)],
)
def test_the_same_up_to_rounding(expected: object, actual: object) -> None:
    assert same_value(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        *[(1, True), (True, 1), (False, 0), (1, "1"), (1.0, 1 + 1e-5), (0, 1e-8), (math.nan, math.nan), (1, None), ("a", "b")],
        *[([1, 2], [2, 1]), ([1], [1, 1]), ([1, 1], [1]), ([], {}), ({}, []), ({"a": 1}, {"a": 2}), ({"a": 1}, {"b": 1})],
        *[({"a": 1}, {"a": 1, "b": 1}), ([1], "1"), ("a", ["a"]), ([1], [True])],
    ],
)
def test_not_the_same(expected: object, actual: object) -> None:
    assert not same_value(expected, actual)


@pytest.mark.parametrize(("length", "whole"), [(LONGEST - 2, True), (LONGEST - 1, False)])
def test_a_long_value_is_shortened(length: int, whole: bool) -> None:
    reason = verdict(answer(["x" * length, [], "x"])).lines[0].reason
    shown = reason.removeprefix("expected [1, 4, 9], actual ")
    assert len(shown) <= LONGEST and shown == (repr("x" * length) if whole else "'" + "x" * (LONGEST - 2) + "…")


def test_an_assignment_says_what_is_asked_and_never_what_is_right() -> None:
    assignment = ByValues("ps1", QUESTIONS)
    settings = assignment.jail()
    assert settings.asks == {"squares": ("squares(3)", "squares(0)", "name"), "other": ("pi",)}
    assert "3.14159" not in repr(settings)
    assert json.loads(assignment.said()) == QUESTIONS
    assert ByValues("ps1", {**QUESTIONS, "other": {"pi": 3}}).said() != assignment.said()
    assert '"q": {"x": "{1}"}' in ByValues("ps1", {"q": {"x": {1}}}).said()  # no JSON: said all the same


def test_its_judge_knows_every_question_and_draws_nothing(tmp_path) -> None:
    judge = ByValues("ps1", QUESTIONS).judge(b"secret")
    assert judge.secret == b"secret"
    assert judge.seeds(3) == {"squares": 0, "other": 0}
    assert judge.figure("squares", answer()) is None
    assert judge.verdict("other", Answer("", 0, b'{"values": [3.14159], "errors": {}}')).score == 1


@pytest.mark.parametrize(
    ("value", "error", "earned", "said"),
    [
        (None, "ValueError: n must be at least 1", 1, ""),
        (None, "ValueError", 1, ""),
        ([], "", 0, "expected ValueError to be raised, actual []"),
        (None, "ValueErrors: x", 0, "expected ValueError to be raised, actual ValueErrors: x"),
        (None, "TypeError: ValueError", 0, "expected ValueError to be raised, actual TypeError: ValueError"),
    ],
)
def test_what_is_to_be_raised(value: object, error: str, earned: int, said: str) -> None:
    judge = ValueJudge(b"", {"squares": {"squares(0)": ValueError}})
    found = judge.verdict("squares", answer([value], {"0": error} if error else {}))
    assert found.score == earned and (found.status is Status.RIGHT) == (earned == 1)
    assert found.lines[0].reason == said
