"""From evidence to verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nbjudge.evidence import Evidence
from nbjudge.judge import rounding
from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.criteria import Criterion, Outcome, Question
from nbjudge.judge.mistake_matching import recognise_mistake
from nbjudge.judge.secret import seed
from nbjudge.judge.severity import cost
from nbjudge.judge.verdict import CriterionResult, Status, Verdict

BY_CHANCE = "a number is right by chance: nothing else of the answer follows from its inputs"
STUB_LEFT = "it comes to the line `raise NotImplementedError`: nothing is written yet, or the line was left beside what is"
NOT_RUN = "the answer could not be tried"
_STUB = re.compile(r"NotImplementedError( in [^:]*)?")


class CriteriaJudge:
    """Judges evidence by criteria, with the secret of the course.

    Args:
        secret: see `nbjudge.judge.secret`.
        questions: by their ids; each has a reference to compare with.
    """

    def __init__(self, secret: bytes, questions: Mapping[str, Question]) -> None:
        self.secret, self.questions = secret, questions

    def seeds(self, number: int) -> dict[str, int]:
        """For each question the seed of its inputs in a set (see `nbjudge.judge.secret.challenge_set`)."""
        return {question: seed(self.secret, question, number) for question in self.questions}

    def judge(self, question: str, evidence: Evidence | None, number: int, problem: str = "") -> Verdict:
        """Judges one question.

        Args:
            question: its id.
            evidence: what its probe recorded; None if there is none.
            number: the seed that its inputs followed from.
            problem: why there is no evidence (a time-out, a dead kernel, evidence that could not be read).
        """
        asked = self.questions[question]
        if evidence is None:
            return _lost(asked, Status.COULD_NOT_RUN, problem or NOT_RUN)
        return judge_case(asked, self.case(question, evidence, number))

    def case(self, question: str, evidence: Evidence, number: int) -> Case:
        """The evidence, cleaned, beside what the reference gives on the same inputs."""
        expected = self.questions[question].variant(number, ())
        if expected is None:
            raise LookupError(f"the reference gives nothing for {question}")
        return Case(cleaned(evidence), expected, number)


def judge_case(asked: Question, case: Case) -> Verdict:
    """The verdict on a case. Points follow from the table of severities, by the criteria or a known mistake's entry."""
    case = Case(cleaned(case.actual), case.expected, case.seed)
    computed = any(not asked.noted.search(name) for name in case.actual.arrays)
    if not computed and any(_STUB.fullmatch(error) for error in case.actual.errors.values()):
        return _lost(asked, Status.NOT_STARTED, STUB_LEFT)
    outcomes = [(criterion, criterion.check(case)) for criterion in asked.criteria]
    remarks = tuple(o.reason for _, o in outcomes if o.judged and o.reason and not o.severity)
    lost = cost([o.severity for _, o in outcomes], asked.points)
    borne_out = asked.borne_out(case)
    if not lost and borne_out:  # what could not be judged has not passed
        lines = tuple(CriterionResult(c.name, c.points, c.points) for c, _ in outcomes if c.points)
        return Verdict(asked.id, asked.points, asked.points, Status.RIGHT, lines, (), remarks + rounding.rounding_remarks(case))
    status = Status.WRONG if computed else Status.COULD_NOT_RUN
    mistakes = recognise_mistake(asked, case)
    if not borne_out:
        lost = asked.points
    if mistakes:  # by the same table; with some inputs two deviations look alike, with a name they do not
        costs = [mistake.costs for mistake in mistakes]
        lost = costs[0] if len(costs) == 1 else min(max(lost, *costs), round(sum(costs), 2), asked.points)
        lines = _named(asked, case, mistakes, lost)
        return Verdict(asked.id, asked.points, asked.points - lost, status, lines, tuple(m.id for m in mistakes), remarks)
    if not borne_out:
        return _lost(asked, status, case.error() or next((o.reason for _, o in outcomes if o.severity), BY_CHANCE))
    score = round(asked.points - lost, 2)
    return Verdict(asked.id, asked.points, score, Status.WRONG, _lines(asked, outcomes, lost), (), remarks)


def lost_points(asked: Question, case: Case) -> float:
    """What the criteria take from a case."""
    return cost([c.check(case).severity for c in asked.criteria], asked.points) if asked.borne_out(case) else asked.points


def deviations(asked: Question, case: Case) -> list[tuple[str, Outcome]]:
    """Which criteria a case does not meet, and why."""
    outcomes = [(c.id, c.check(case)) for c in asked.criteria]
    return [(name, outcome) for name, outcome in outcomes if outcome.severity]


def _lines(asked: Question, outcomes: list[tuple[Criterion, Outcome]], lost: float) -> tuple[CriterionResult, ...]:
    """A line for each criterion; what they take together is no more than there is."""
    lines, left = [], lost
    for criterion, outcome in outcomes:
        takes = min(cost([outcome.severity], asked.points), left)
        left = round(left - takes, 2)
        points = max(criterion.points, takes)
        reason = outcome.reason if outcome.severity else ""
        if outcome.judged and points:
            lines.append(CriterionResult(criterion.name, points, round(points - takes, 2), reason))
    return tuple(lines)


def _named(asked: Question, case: Case, mistakes: tuple[Misconception, ...], lost: float) -> tuple[CriterionResult, ...]:
    """A line for each known mistake; together they take what the criteria take."""
    lines, left = [], lost
    for number, mistake in enumerate(mistakes, start=1):
        takes = left if number == len(mistakes) else min(mistake.costs, left)
        left = round(left - takes, 2)
        lines.append(CriterionResult(mistake.name, takes, 0.0, mistake.explanation))
    return tuple(lines)


def _lost(asked: Question, status: Status, reason: str) -> Verdict:
    lines = tuple(CriterionResult(c.name, c.points, 0.0, reason) for c in asked.criteria if c.points)
    return Verdict(asked.id, asked.points, 0.0, status, lines)
