"""Beside the fourth box: what was bet before anything was measured, and what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from ps8.literals import NotLiteral, read_literal

from autograder.beside.boxes import BET, ROWS, ReviewedReport, rows_named

NAME = "my_bet"
LOST = 0.05  # a bet that is further off is lost
MOST = 4  # pairs in the wrong order that are told
APART = 0.02  # rows that are nearer than that have no order


def bets_of(cells: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Row -> what was bet on it, as the last cell that sets the bets says it; nothing is run."""
    for cell in reversed(cells):
        if cell["cell_type"] == "code" and NAME in cell["source"]:
            try:
                found = read_literal(cell["source"], NAME)
            except NotLiteral:
                continue
            if isinstance(found, dict):
                return {row: bet for row in ROWS if (bet := _share(found.get(row))) is not None}
    return {}


def _share(bet: object) -> float | None:
    """A bet as a share; one of 28 is taken for 28 percent."""
    if isinstance(bet, bool) or not isinstance(bet, int | float) or not 0 <= bet <= 100:
        return None
    return float(bet) if bet <= 1 else bet / 100


def about_bet(submission: ReviewedReport) -> list[str]:
    """Each bet beside what came, and which of the lost ones the text names."""
    if not submission.bets:
        return [f"- No bets can be read from the cell of `{NAME}`."]
    actual = {row: value for row in submission.bets if (value := submission.accuracy(row)) is not None}
    lines = ["| | bet | actual | off by |", "| --- | ---: | ---: | ---: |"]
    for row, bet in submission.bets.items():
        off = "-" if row not in actual else f"{actual[row] - bet:+.3f}"
        off = f"**{off}**" if row in lost(submission) else off
        lines.append(f"| {ROWS[row][0]} | {bet:.2f} | {f'{actual[row]:.3f}' if row in actual else '-'} | {off} |")
    return [*lines, "", *(f"- {sentence}" for sentence in _said(submission, actual))]


def _said(submission: ReviewedReport, actual: Mapping[str, float]) -> list[str]:
    named, said = rows_named(submission.texts.get(BET, "")), []
    if not actual:
        return ["There is no accuracy to compare the bets with."]
    missed = lost(submission)
    if missed:
        said.append(f"Lost, off by more than {LOST:g}: {', '.join(ROWS[row][0] for row in missed)}.")
    for low, high in turned(submission)[:MOST]:
        said.append(f"{ROWS[low][0]} was bet below {ROWS[high][0]}, and came out above it.")
    if not said:
        said.append(f"No bet was off by more than {LOST:g}, and none had two rows in the wrong order.")
    about = [row for row in named if row in missed or any(row in pair for pair in turned(submission))]
    named_ones = ", ".join(ROWS[row][0] for row in named) or "no row of the table"
    return [*said, f"The text names {named_ones}{'' if about or not missed else ': none of those whose bet was lost'}."]


def lost(submission: ReviewedReport) -> list[str]:
    """The rows whose bets were lost."""
    actual = {row: submission.accuracy(row) for row in submission.bets}
    bets = submission.bets.items()
    return [row for row, bet in bets if (value := actual[row]) is not None and abs(value - bet) > LOST + 1e-9]


def turned(submission: ReviewedReport) -> list[tuple[str, str]]:
    """Pairs of rows whose order came out the other way round: the one that was bet lower first."""
    found = []
    for a, b in combinations(submission.bets, 2):
        low, high = (a, b) if submission.bets[a] < submission.bets[b] else (b, a)
        one, other = submission.accuracy(low), submission.accuracy(high)
        if one is not None and other is not None and submission.bets[low] < submission.bets[high] and one > other + APART:
            found.append((low, high))
    return found
