"""Criteria: what a question is judged by. Each says how far an answer deviates, with all else repaired.

A criterion believes only numbers that follow from the judge's inputs. What a student's kernel merely claims (a count, a flag)
is looked at, too: it may cost, and bears nothing out by itself, as it could be forged without solving the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nbjudge.evidence import Evidence
from nbjudge.judge.catalogue import Edit, Misconception
from nbjudge.judge.compare import ATOL, LEFT, RTOL, Case, difference
from nbjudge.judge.severity import Severity


@dataclass(frozen=True)
class Outcome:
    """What a criterion found.

    Attributes:
        severity: of the deviation; `NONE` if there is none.
        reason: what was found, expected against actual. Empty if the criterion is met.
        judged: False if it could not be judged, because of what another criterion says.
    """

    severity: Severity = Severity.NONE
    reason: str = ""
    judged: bool = True


MET = Outcome()


def unjudged(reason: str = "") -> Outcome:
    """Nothing to judge here; another criterion says why."""
    return Outcome(reason=reason, judged=False)


@dataclass(frozen=True)
class Criterion:
    """One thing that is asked of an answer.

    Attributes:
        id: short and unique within its question.
        name: in a student's words.
        points: its share of the question as long as it is met, >= 0; a deviation may cost less or more, by its severity.
        check: judges it.
    """

    id: str
    name: str
    points: float
    check: Callable[[Case], Outcome]


def _no_reference(seed: int, edits: tuple[Edit, ...]) -> Evidence | None:
    raise LookupError("this question has no reference to compare with")


@dataclass(frozen=True)
class Question:
    """A question: its criteria, and how two pieces of evidence for it are put side by side.

    Attributes:
        id: the grade id of its test cell.
        title: what students know it by.
        criteria: their points are shares; `points` says of how many.
        borne_out: whether anything of an answer follows from the judge's inputs. If nothing does, nothing is earned.
        canonical: evidence without what two right answers may do differently (such as random draws).
        variant: the evidence of the reference on the inputs of a seed, with edits made to its text; None if they do not fit.
        mistakes: those that are known, in the catalogue's order.
        noted: names in the evidence of what the probe writes down whatever the answer does.
    """

    id: str
    title: str
    criteria: tuple[Criterion, ...]
    borne_out: Callable[[Case], bool]
    canonical: Callable[[Evidence, int], Evidence] = lambda evidence, seed: evidence
    variant: Callable[[int, tuple[Edit, ...]], Evidence | None] = _no_reference
    mistakes: Callable[[], Sequence[Misconception]] = tuple
    noted: re.Pattern[str] = re.compile(LEFT + "$")

    @property
    def points(self) -> float:
        return sum(criterion.points for criterion in self.criteria)


def same(
    *keys: str,
    what: str,
    severity: Severity = Severity.OTHER_NUMBERS,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Callable[[Case], Outcome]:
    """A check that every one of these arrays is what the reference gives."""

    def check(case: Case) -> Outcome:
        reasons = [difference(case, key, what, rtol, atol) for key in keys]
        return next((Outcome(severity, reason) for reason in reasons if reason), MET)

    return check


def runs(parts: dict[str, str], severity: Severity = Severity.CANNOT_RUN) -> Callable[[Case], Outcome]:
    """A check that nothing was raised in these parts of the probe; `parts` says to each what was tried there."""

    def check(case: Case) -> Outcome:
        raised = [f"{tried}: {case.actual.errors[part]}" for part, tried in parts.items() if part in case.actual.errors]
        return Outcome(severity, raised[0]) if raised else MET

    return check


def shows(key: str, severity: Severity, reason: str) -> Callable[[Case], Outcome]:
    """A check of what the probe noted beside the numbers: other than zero, it costs."""

    def check(case: Case) -> Outcome:
        return Outcome(severity, reason) if case.flag(key) else MET

    return check
