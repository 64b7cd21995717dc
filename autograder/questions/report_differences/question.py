"""An answer that is data: read from its cell's text, in this process, and compared with the reference's. Nothing is run."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from ps8.literals import NotLiteral, read_literal
from ps8.questions.report_differences.comparisons import NAME, PAIRS, QUESTION, BadForm, entry, is_stub, table_of

from autograder.paths import SOLUTION

POINTS = 1.0  # of the judge's; a test cell's are what course.toml says
ROWS = {
    "random_rgb": "III (random, RGB)",
    "autoencoder": "I (autoencoder)",
    "supervised": "II (supervised)",
    "random_lab": "random Lab",
    "cmc": "CMC",
}


def judge_differences(source: str) -> Verdict:
    """The verdict on the table of what differs; each pair counts alike.

    Args:
        source: the text of the answer's cell.
    """
    if is_stub(source):
        return _all_lost(Status.NOT_STARTED, "nothing was written here yet")
    try:
        table = table_of(read_literal(source, NAME))
    except (NotLiteral, BadForm) as why:
        return _all_lost(Status.COULD_NOT_RUN, f"`{NAME}` could not be read from the cell's text: {why}")
    lines = [_line(table, pair) for pair in PAIRS]
    earned = sum(line.earned for line in lines)
    status = Status.RIGHT if all(line.earned for line in lines) else Status.WRONG
    return Verdict(QUESTION, POINTS, min(POINTS, round(earned, 2)), status, tuple(lines))


def _line(table: Mapping[Any, Any], pair: tuple[str, str]) -> CriterionResult:
    name, each, right = f"{ROWS[pair[0]]} against {ROWS[pair[1]]}", POINTS / len(PAIRS), _reference()[pair]
    try:
        actual = entry(table, pair)
    except BadForm as bad:
        return CriterionResult(name, each, 0.0, f"`{NAME}` {bad}")
    return (
        CriterionResult(name, each, each)
        if actual == right
        else CriterionResult(name, each, 0.0, f"expected {_words(right)}, actual {_words(actual)}")
    )


def _words(things: frozenset[str]) -> str:
    return ", ".join(f'"{thing}"' for thing in sorted(things)) or "nothing"


def _all_lost(status: Status, reason: str) -> Verdict:
    lines = [CriterionResult(f"{ROWS[a]} against {ROWS[b]}", POINTS / len(PAIRS), 0.0, reason) for a, b in PAIRS]
    return Verdict(QUESTION, POINTS, 0.0, status, tuple(lines))


@functools.cache
def _reference() -> Mapping[tuple[str, str], frozenset[str]]:
    """The right answer, read from the reference as a student's is from a cell."""
    table = table_of(read_literal((SOLUTION / "comparisons.py").read_text(), NAME))
    return {pair: entry(table, pair) for pair in PAIRS}
