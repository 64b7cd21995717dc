"""From evidence to verdict."""

from __future__ import annotations

from collections.abc import Mapping

from ps8.probes import Evidence

from autograder.judge import reference
from autograder.judge.compare import Case
from autograder.judge.criteria import Question
from autograder.judge.questions import QUESTIONS
from autograder.judge.secret import challenge_set, seed
from autograder.judge.verdict import Line, Status, Verdict
from autograder.misconceptions.match import recognise

NOT_RUN = "the answer could not be tried"


class Judge:
    """Judges evidence with the secret of the assignment.

    Args:
        secret: see `autograder.judge.secret`.
    """

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def seeds(self, hand_in: bytes) -> dict[str, int]:
        """For each question the seed of the inputs that this hand-in meets."""
        number = challenge_set(self.secret, hand_in)
        return {question: seed(self.secret, question, number) for question in QUESTIONS}

    def judge(self, question: str, evidence: Evidence | None, hand_in: bytes, problem: str = "") -> Verdict:
        """Judges one question.

        Args:
            question: one of `QUESTIONS`.
            evidence: what its probe recorded; None if there is none.
            hand_in: the bytes that decide the inputs, as for `seeds`.
            problem: why there is no evidence (a time-out, a dead kernel, evidence that could not be read).
        """
        asked = QUESTIONS[question]
        if evidence is None:
            return _lost(asked, Status.COULD_NOT_RUN, problem or NOT_RUN)
        return judge_case(asked, _case(asked, evidence, self.seeds(hand_in)[question]))


def _case(asked: Question, evidence: Evidence, number: int) -> Case:
    return Case(evidence, reference.evidence(asked.id, number), number)


def judge_case(asked: Question, case: Case) -> Verdict:
    """The verdict on a case: by the catalogue if the answer equals a known mistake, else criterion by criterion."""
    if not case.got.arrays or not set(case.got.arrays) - {"methods", "T", "momentum"}:
        if any(error.startswith("NotImplementedError") for error in case.got.errors.values()):
            return _lost(asked, Status.NOT_STARTED, "nothing was written here yet")
        return _lost(asked, Status.COULD_NOT_RUN, case.error() or NOT_RUN)
    lines = tuple(_line(criterion, case) for criterion in asked.criteria)
    score = round(sum(line.earned for line in lines), 2)
    points = sum(criterion.points for criterion in asked.criteria)
    if score >= points:
        return Verdict(asked.id, points, points, Status.RIGHT, lines)
    mistakes = recognise(asked, case)
    if mistakes:
        lines = tuple(Line(m.name, m.costs, 0.0, m.explanation) for m in mistakes)
        score = max(0.0, points - sum(m.costs for m in mistakes))
        return Verdict(asked.id, points, score, Status.WRONG, lines, tuple(m.id for m in mistakes))
    return Verdict(asked.id, points, score, Status.WRONG, lines)


def _line(criterion, case: Case) -> Line:  # type: ignore[no-untyped-def]
    outcome = criterion.check(case)
    share = min(1.0, max(0.0, outcome.share))
    return Line(criterion.name, criterion.points, round(criterion.points * share, 2), outcome.reason if share < 1 else "")


def _lost(asked: Question, status: Status, reason: str) -> Verdict:
    lines = tuple(Line(c.name, c.points, 0.0, reason) for c in asked.criteria)
    return Verdict(asked.id, sum(c.points for c in asked.criteria), 0.0, status, lines)


def points(questions: Mapping[str, Question] = QUESTIONS) -> dict[str, float]:
    """What each judged question can earn."""
    return {name: sum(c.points for c in question.criteria) for name, question in questions.items()}
