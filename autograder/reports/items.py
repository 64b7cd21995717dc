"""Each question's figures: how hard it was, how well it tells students apart, how its answers stand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.judge.questions import QUESTIONS
from autograder.reports.details import Details
from autograder.reports.scores import Row, questions


@dataclass(frozen=True)
class Item:
    """A question's figures.

    Attributes:
        difficulty: mean share of the points, in [0, 1]: 1 is easy. None if nobody's is graded.
        discrimination: correlation of its points with those of all other questions, in [-1, 1]; None if it cannot be told.
        statuses: how many students stand how.
        unnamed: how many wrong answers equal no known mistake.
    """

    id: str
    title: str
    points: float
    graded: int
    difficulty: float | None
    discrimination: float | None
    statuses: dict[str, int]
    unnamed: int = 0


def items(rows: Sequence[Row], details: Sequence[Details]) -> list[Item]:
    """The figures of each question, in the lesson's order."""
    made = []
    counted = [q for q in questions() if rows and all(row.scores.get(q) is not None for row in rows if row.graded)]
    for question, points in questions().items():
        graded = [row for row in rows if row.scores.get(question) is not None]
        scores = [row.scores[question] or 0.0 for row in graded]
        rest = [sum(row.scores[q] or 0.0 for q in counted if q != question) for row in graded]
        made.append(
            Item(
                question,
                title_of(question),
                points,
                len(graded),
                statistics.fmean(scores) / points if scores else None,
                correlation(scores, rest),
                dict(Counter(d.status[question] for d in details if question in d.status)),
                sum(question in d.unnamed for d in details),
            )
        )
    return made


def title_of(question: str) -> str:
    """The question as its section is called."""
    return QUESTIONS[question].title if question in QUESTIONS else question.replace("_", " ").capitalize()


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Pearson's correlation, None where one side does not vary."""
    if len(x) < 3 or len(set(x)) < 2 or len(set(y)) < 2:
        return None
    return round(statistics.correlation(x, y), 2)
