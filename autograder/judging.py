"""The judge of PS8: its questions by criteria, its tables by their text."""

from __future__ import annotations

from collections.abc import Mapping

from nbjudge.assignment import Answer
from nbjudge.evidence import BadEvidence, Evidence
from nbjudge.gather.evidence_file import parse_evidence
from nbjudge.judge.figure import Figure
from nbjudge.judge.judge import CriteriaJudge
from nbjudge.judge.verdict import Verdict
from ps8.runtime import one_thread

from autograder.figures.selection import figure
from autograder.questions import QUESTIONS, READERS


class PS8Judge:
    """Decides on the answers of PS8.

    Args:
        secret: see `nbjudge.judge.secret`.
    """

    def __init__(self, secret: bytes) -> None:
        self.secret, self.by_criteria = secret, CriteriaJudge(secret, QUESTIONS)

    def seeds(self, number: int) -> Mapping[str, int | None]:
        return {**self.by_criteria.seeds(number), **dict.fromkeys(READERS)}

    def verdict(self, question: str, answer: Answer) -> Verdict:
        if question in READERS:
            return READERS[question](answer.text)
        evidence, problem = read_evidence(answer)
        with one_thread():
            return self.by_criteria.judge(question, evidence, answer.seed or 0, problem)

    def figure(self, question: str, answer: Answer) -> Figure | None:
        evidence, _ = read_evidence(answer)
        if question in READERS or evidence is None:
            return None
        with one_thread():
            return figure(question, self.by_criteria.case(question, evidence, answer.seed or 0))


def read_evidence(answer: Answer) -> tuple[Evidence | None, str]:
    """An answer's evidence, or None and why there is none."""
    if answer.evidence is None:
        return None, answer.problem
    try:
        return parse_evidence(answer.evidence), ""
    except BadEvidence as error:
        return None, str(error)
