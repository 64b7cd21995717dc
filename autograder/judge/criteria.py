"""Criteria: what a question is judged by, each with points of its own.

A criterion earns points only for numbers that follow from the judge's inputs. What a student's kernel merely claims (a count,
a shape, a flag) is looked at, too, but never earns anything by itself: it could be forged without solving the question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ps8.probes import Evidence

from autograder.judge.compare import ATOL, RTOL, Case, difference


@dataclass(frozen=True)
class Outcome:
    """How far a criterion is met, in [0, 1], and if not fully, why."""

    share: float
    reason: str = ""


MET = Outcome(1.0)


@dataclass(frozen=True)
class Criterion:
    """One thing that is asked of an answer.

    Attributes:
        id: short and unique within its question; the catalogue of misconceptions names it.
        name: in a student's words.
        points: most it can earn, > 0.
        check: judges it.
    """

    id: str
    name: str
    points: float
    check: Callable[[Case], Outcome]


@dataclass(frozen=True)
class Question:
    """A question: its criteria, and how two pieces of evidence for it are put side by side.

    Attributes:
        id: the grade id of its test cell.
        title: as the lesson's heading has it.
        section: anchor of its section in the book.
        criteria: their points add up to what `course.toml` gives the question.
        canonical: evidence without what two right answers may do differently (such as random draws).
    """

    id: str
    title: str
    section: str
    criteria: tuple[Criterion, ...]
    canonical: Callable[[Evidence, int], Evidence] = lambda evidence, seed: evidence


def same(*keys: str, what: str, rtol: float = RTOL, atol: float = ATOL) -> Callable[[Case], Outcome]:
    """A check that every one of these arrays is what the reference gives."""

    def check(case: Case) -> Outcome:
        reasons = [difference(case, key, what, rtol, atol) for key in keys]
        return next((Outcome(0.0, reason) for reason in reasons if reason), MET)

    return check
