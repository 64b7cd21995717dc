"""What a question's hidden half consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import Criterion, Question
from nbjudge.judge.figure import Figure
from nbjudge.judge.verdict import Verdict
from ps8.checks.hints import TITLES
from ps8.explain.item import Ran

from autograder.judge.compared import with_reference

Picture = Callable[[Case], Figure | None]


@dataclass(frozen=True)
class Judged:
    """The hidden half of a question. Beside it stand its known mistakes and right answers written differently.

    Attributes:
        question: its criteria; None for an answer that is data.
        pictures: of what is wrong with an answer; the first that has something to show is the question's.
        changes: what is done to an answer for each of its counted questions, by their names.
        read: judges the text of the cell of an answer that is data.
    """

    question: Question | None = None
    pictures: tuple[Picture, ...] = ()
    changes: Mapping[str, Callable[..., Ran]] = field(default_factory=dict)
    read: Callable[[str], Verdict] | None = None


def asked(
    name: str,
    criteria: tuple[Criterion, ...],
    borne_out: Callable[[Case], bool],
    canonical: Callable[[Evidence, int], Evidence] = lambda evidence, seed: evidence,
) -> Question:
    """A question with the title that students know it by, from its public half, and what its answers are compared with."""
    return with_reference(Question(name, TITLES.get(name, name), criteria, borne_out, canonical))
