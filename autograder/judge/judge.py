"""From evidence to verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ps8.probes import Evidence

from autograder.judge import reference
from autograder.judge.compare import Case, cleaned
from autograder.judge.criteria import Criterion, Question
from autograder.judge.questions import QUESTIONS
from autograder.judge.secret import seed
from autograder.judge.verdict import Line, Status, Verdict
from autograder.misconceptions.catalogue import Misconception
from autograder.misconceptions.match import recognise

NOT_RUN = "the answer could not be tried"
# What a probe writes down whatever the answer does, and the choices that stand beside the code of 1.5.
_BY_THE_PROBE = re.compile(r"(^|[._])(before|counts|counts_cls|T|momentum|methods)$")
_STUB = re.compile(r"NotImplementedError( in [^:]*)?")


class Judge:
    """Judges evidence with the secret of the assignment.

    Args:
        secret: see `autograder.judge.secret`.
    """

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def seeds(self, number: int) -> dict[str, int]:
        """For each question the seed of its inputs in a set (see `autograder.judge.secret.challenge_set`)."""
        return {question: seed(self.secret, question, number) for question in QUESTIONS}

    def judge(self, question: str, evidence: Evidence | None, number: int, problem: str = "") -> Verdict:
        """Judges one question.

        Args:
            question: one of `QUESTIONS`.
            evidence: what its probe recorded; None if there is none.
            number: the seed that its inputs followed from.
            problem: why there is no evidence (a time-out, a dead kernel, evidence that could not be read).
        """
        asked = QUESTIONS[question]
        if evidence is None:
            return _lost(asked, Status.COULD_NOT_RUN, problem or NOT_RUN)
        return judge_case(asked, self.case(question, evidence, number))

    def case(self, question: str, evidence: Evidence, number: int) -> Case:
        """The evidence, cleaned, beside what the reference gives on the same inputs."""
        return Case(cleaned(evidence), reference.evidence(question, number), number)


def judge_case(asked: Question, case: Case) -> Verdict:
    """The verdict on a case: by the catalogue if the answer equals a known mistake, else criterion by criterion."""
    case = Case(cleaned(case.got), case.expected, case.seed)
    computed = any(not _BY_THE_PROBE.search(name) for name in case.got.arrays)
    if not computed and any(_STUB.fullmatch(error) for error in case.got.errors.values()):
        return _lost(asked, Status.NOT_STARTED, "nothing was written here yet")
    lines = criterion_lines(asked, case)
    score = round(sum(line.earned for line in lines), 2)
    points = sum(criterion.points for criterion in asked.criteria)
    if score >= points:
        return Verdict(asked.id, points, points, Status.RIGHT, lines)
    status = Status.WRONG if computed else Status.COULD_NOT_RUN
    mistakes = recognise(asked, case)
    if mistakes:
        costs = shared_costs(mistakes, round(points - score, 2))
        lines = tuple(Line(m.name, c, 0.0, m.explanation) for m, c in zip(mistakes, costs, strict=True))
        score = round(points - sum(costs), 2)
        return Verdict(asked.id, points, score, status, lines, tuple(m.id for m in mistakes))
    if not computed and score <= 0:
        return _lost(asked, status, case.error() or NOT_RUN)
    return Verdict(asked.id, points, score, Status.WRONG, lines)


def criterion_lines(asked: Question, case: Case) -> tuple[Line, ...]:
    """What each criterion says of a case, whether or not a known mistake explains it."""
    return tuple(_line(criterion, case) for criterion in asked.criteria)


def shared_costs(mistakes: tuple[Misconception, ...], lost: float) -> list[float]:
    """What each mistake takes: its own costs, but all together no more than the criteria would take without their names."""
    costs, left = [], lost
    for mistake in mistakes:
        costs.append(min(mistake.costs, left))
        left -= costs[-1]
    return costs


def _line(criterion: Criterion, case: Case) -> Line:
    outcome = criterion.check(case)
    share = min(1.0, max(0.0, outcome.share))
    reason = outcome.reason if share < 1 else ""
    return Line(criterion.name, criterion.points, round(criterion.points * share, 2), reason)


def _lost(asked: Question, status: Status, reason: str) -> Verdict:
    lines = tuple(Line(c.name, c.points, 0.0, reason) for c in asked.criteria)
    return Verdict(asked.id, sum(c.points for c in asked.criteria), 0.0, status, lines)


def points(questions: Mapping[str, Question] = QUESTIONS) -> dict[str, float]:
    """What each judged question can earn."""
    return {name: sum(c.points for c in question.criteria) for name, question in questions.items()}
