"""A judge for any course, in a few lines: expressions are evaluated in the student's kernel, their values are compared outside.

    PS1 = ByValues("ps1", {"correct_squares": {"squares(3)": [1, 4, 9], "squares(1)": [1]}})

A class of exceptions in the place of a value says what is to be raised, by the name of that very class. Each expression of a
question counts alike. What the student's process prints, asserts or replaces decides nothing: only the
values come out of it, as plain data, and the expected ones never go in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbjudge.assignment import Answer, Assignment
from nbjudge.judge.figure import Figure
from nbjudge.judge.verdict import CriterionResult, Status, Verdict

if TYPE_CHECKING:
    from nbjudge.jail.policy import JailSettings, Limits

Expected = Mapping[str, Any]  # expression -> its value, as JSON holds it, or the class of what it raises
RTOL, ATOL = 1e-6, 1e-9
LONGEST = 200  # characters of a value in a reason
_STUB = "NotImplementedError"


class ByValues(Assignment):
    """An assignment whose tests are judged by values.

    Args:
        id: nbgrader's name of it.
        questions: name of a test cell -> expressions over the student's names, each with the value that is right. Tests that
            are not named are decided by their own assertions.
        limits: see `Assignment`.
    """

    def __init__(self, id: str, questions: Mapping[str, Expected], limits: Limits | None = None) -> None:
        super().__init__(id, limits)
        self.questions = {name: dict(expected) for name, expected in questions.items()}

    def said(self) -> str:
        return json.dumps(self.questions, default=repr)

    def jail(self) -> JailSettings:
        from nbjudge.jail.policy import JailSettings

        return JailSettings(asks={name: tuple(expected) for name, expected in self.questions.items()}).with_choices(None)

    def judge(self, secret: bytes) -> ValueJudge:
        return ValueJudge(secret, self.questions)


class ValueJudge:
    """Compares values.

    Args:
        secret: of the course; nothing is drawn from it here.
        questions: see `ByValues`.
    """

    def __init__(self, secret: bytes, questions: Mapping[str, Expected]) -> None:
        self.secret, self.questions = secret, questions

    def seeds(self, number: int) -> dict[str, int | None]:
        return dict.fromkeys(self.questions, 0)

    def figure(self, question: str, answer: Answer) -> Figure | None:
        return None

    def verdict(self, question: str, answer: Answer) -> Verdict:
        expected = self.questions[question]
        values, errors, problem = _read(answer, len(expected))
        lines = tuple(
            _line(expression, right, values[k], errors.get(str(k), problem))
            for k, (expression, right) in enumerate(expected.items())
        )
        earned = sum(line.earned for line in lines)
        if earned == len(lines):
            status = Status.RIGHT
        elif all(_STUB in line.reason for line in lines):
            status = Status.NOT_STARTED
        else:
            status = Status.COULD_NOT_RUN if problem else Status.WRONG
        return Verdict(question, float(len(lines)), earned, status, lines)


def _read(answer: Answer, count: int) -> tuple[list[Any], dict[str, str], str]:
    """The values, why some have none, and why all have none."""
    nothing: list[Any] = [None] * count
    if answer.evidence is None:
        return nothing, {}, answer.problem or "the answer could not be tried"
    try:
        told = json.loads(answer.evidence)
        values, errors = told["values"], told["errors"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return nothing, {}, "what came of it cannot be read"
    whole = isinstance(values, list) and len(values) == count and isinstance(errors, dict)
    if not whole or not all(isinstance(why, str) for why in errors.values()):
        return nothing, {}, "what came of it is not what was asked for"
    return values, errors, ""


def _line(expression: str, expected: Any, actual: Any, error: str) -> CriterionResult:
    raises = isinstance(expected, type) and issubclass(expected, BaseException)
    if error.partition(":")[0] == expected.__name__ if raises else not error and same_value(expected, actual):
        return CriterionResult(f"`{expression}`", 1.0, 1.0)
    if raises:
        raised = f"expected {expected.__name__} to be raised"
        return CriterionResult(f"`{expression}`", 1.0, 0.0, f"{raised}, actual {error or _short(actual)}")
    return CriterionResult(f"`{expression}`", 1.0, 0.0, error or f"expected {_short(expected)}, actual {_short(actual)}")


def same_value(expected: Any, actual: Any) -> bool:
    """Whether two plain values are the same; numbers up to rounding, and True is not 1."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return math.isclose(expected, actual, rel_tol=RTOL, abs_tol=ATOL)
    if isinstance(expected, list | tuple) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(same_value, expected, actual))
    if isinstance(expected, Mapping) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(same_value(expected[name], actual[name]) for name in expected)
    return type(expected) is type(actual) and bool(expected == actual)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
