"""Each question's figures: how hard it was, how well it tells students apart, how its answers stand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nbjudge.reports.details import Details
from nbjudge.reports.scores import Sheet, StudentScores

NOT_STARTED = "not started"
FEWEST = 3  # students, for a correlation
FEW = f"undefined: fewer than {FEWEST} students"
ALIKE = "undefined: all have the same points here"
REST_ALIKE = "undefined: all have the same points in all else"


@dataclass(frozen=True)
class ItemStatistics:
    """A question's figures.

    Attributes:
        graded: students over whom the next two are taken, see `who_answered`.
        difficulty: mean share of the points, in [0, 1]: 1 is easy. None if nobody's is graded, or it is worth nothing.
        discrimination: correlation of its points with those of all other questions, in [-1, 1]; None if it is undefined.
        undefined: why it is; empty if it is not.
        statuses: how many students stand how.
        unnamed: how many wrong answers equal no known mistake.
    """

    id: str
    title: str
    points: float
    graded: int
    difficulty: float | None
    discrimination: float | None
    undefined: str
    statuses: dict[str, int]
    unnamed: int = 0


def items(rows: Sequence[StudentScores], details: Sequence[Details], sheet: Sheet) -> list[ItemStatistics]:
    """The figures of each question, in the lesson's order."""
    bonus = sheet.bonus
    detail_of = {detail.student: detail for detail in details}
    taking_part = [row for row in rows if takes_part(row, detail_of.get(row.student), bonus)]
    counted = [q for q in sheet.points if taking_part and all(row.scores.get(q) is not None for row in taking_part)]
    made = []
    for question, points in sheet.points.items():
        answered = [row for row in taking_part if has_answered(row, detail_of.get(row.student), question, bonus)]
        scores = [row.scores[question] or 0.0 for row in answered]
        rest = [sum(row.scores[q] or 0.0 for q in counted if q != question) for row in answered]
        discrimination, undefined = correlation(scores, rest)
        made.append(
            ItemStatistics(
                question,
                sheet.title(question),
                points,
                len(answered),
                statistics.fmean(scores) / points if scores and points else None,
                discrimination,
                undefined,
                dict(Counter(d.status[question] for d in details if question in d.status)),
                sum(question in d.unnamed for d in details),
            )
        )
    return made


def takes_part(row: StudentScores, detail: Details | None, bonus: Collection[str] = ()) -> bool:
    """Whether a submission says anything about the questions: it was read and graded, and something was written in it.

    One that is blank has no points anywhere, and one that could not be read lacks them wherever a file was broken. Both would
    make all questions seem to agree with each other.
    """
    if not row.graded:
        return False
    if detail is None:
        return True
    statuses = set(detail.status.values())
    blank = statuses == {NOT_STARTED} and not any(row.scores.values()) and not row.waiting
    return not blank and not any(question not in bonus for question in detail.unread)


def has_answered(row: StudentScores, detail: Details | None, question: str, bonus: Collection[str]) -> bool:
    """Whether one who takes part counts for a question: it is graded, and if it is optional it was begun."""
    if row.scores.get(question) is None:
        return False
    if detail is None:
        return True
    optional = question in bonus and detail.status.get(question) == NOT_STARTED
    return not optional and question not in detail.unread


def correlation(x: Sequence[float], y: Sequence[float]) -> tuple[float | None, str]:
    """Pearson's correlation; None where it is undefined, and why it is."""
    if len(x) < FEWEST:
        return None, FEW
    if len(set(x)) < 2:
        return None, ALIKE
    if len(set(y)) < 2:
        return None, REST_ALIKE
    return round(statistics.correlation(x, y), 2), ""
