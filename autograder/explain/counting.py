"""The points for counted questions: on top of the total, or within the questions that they are about."""

from __future__ import annotations

import contextlib
import functools
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from nbformat import NotebookNode
from nbjudge.ground.foreign_names import shown
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from ps8.checks.hints import TITLES
from ps8.explain.graded import normalised, posed_for, unanswered
from ps8.explain.item import Posed, key_of
from ps8.runtime import one_thread

from assignment.builder.counted import BONUS, EXPLAIN, OFF, WITHIN, counted
from assignment.builder.course_config import Course
from autograder.explain.handed_in_answers import HandedIn, read_answers
from autograder.judge import reference
from autograder.questions import CHANGES

SEEDS = (9_001, 9_002)  # of the inputs that a change is tried on; what comes does not depend on them
ABOUT = "a question about your own code"
NOT_RIGHT_ITSELF = "counts only where the function itself is right"
NO_NAME = "no name was written as my_name, so it cannot be told which questions were answered"
OTHER_NAME = "the questions answered are those of {typed}; this was handed in as {name}: write that name as my_name"


class NoKey(RuntimeError):
    """The reference gives no clear answer to a counted question: a fault of the course, not of a student."""


@functools.lru_cache(maxsize=4096)
def key_for(question: str, name: str) -> tuple[Posed, str | float]:
    """What a student is asked about a question, and what comes when the change is made to the reference.

    Raises:
        NoKey: if nothing clear comes.
    """
    posed = posed_for(name)[question]
    with one_thread(), reference.grading(), warnings.catch_warnings(), torch.random.fork_rng(devices=[]), _silent():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        ran = key_of(posed, CHANGES[posed.statement.id], reference.namespace(), SEEDS)
    if ran is None:
        raise NoKey(f"the reference gives no clear answer to {posed.statement.id} with {dict(posed.values)}")
    return posed, ran.key


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@dataclass(frozen=True)
class Counting:
    """The counted questions of one submission.

    Attributes:
        course: says how they count.
        name: of the submission, as nbgrader has it; not what the student typed.
        handed: what the student answered.
    """

    course: Course
    name: str
    handed: HandedIn

    @classmethod
    def of(cls, course: Course, name: str, notebook: NotebookNode) -> Counting | None:
        """Those of a notebook; None in a course that counts none."""
        return None if course.explain_graded == OFF else cls(course, name, read_answers(notebook))

    def verdict(self, verdict: Verdict, points: float, before: Sequence[Verdict]) -> Verdict:
        """A verdict as it is with the counted questions.

        Args:
            verdict: on a test cell.
            points: of that cell.
            before: on the test cells above it.
        """
        if verdict.question == EXPLAIN:
            return self.bonus(before) or verdict
        return self.applied(verdict, points)

    def applied(self, verdict: Verdict, points: float) -> Verdict:
        """A verdict with its counted question in it, where these count within the questions that they are about.

        Args:
            verdict: on the function itself.
            points: of its test cell.
        """
        if self.course.explain_graded != WITHIN or verdict.question not in counted(self.course.points):
            return verdict
        each = float(self.course.explain_points)
        function = verdict.worth(points - each)  # a right one stays right, whatever becomes of the question about it
        item = self.line(verdict.question, verdict.status is Status.RIGHT, each)
        score = min(round(function.score + item.earned, 2), points)
        return replace(function, points=points, score=score, lines=(*function.lines, item))

    def bonus(self, verdicts: Iterable[Verdict]) -> Verdict | None:
        """The verdict on the cell of the counted questions, where they are a bonus.

        Args:
            verdicts: on the functions themselves.
        """
        if self.course.explain_graded != BONUS:
            return None
        right = {verdict.question for verdict in verdicts if verdict.status is Status.RIGHT}
        each = float(self.course.explain_points)
        lines = tuple(
            replace(self.line(question, question in right, each), name=f"{TITLES[question]}: {ABOUT}")
            for question in counted(self.course.points)
        )
        points, score = sum(line.points for line in lines), sum(line.earned for line in lines)
        blank = all(unanswered(answer) for answer in self.handed.answers.values()) and not self.handed.problem
        status = Status.NOT_STARTED if blank else Status.RIGHT if score == points else Status.WRONG
        return Verdict(EXPLAIN, points, score, status, lines)

    def line(self, question: str, right: bool, worth: float) -> CriterionResult:
        """What the answer to one counted question earns, and if nothing, why.

        Args:
            question: whose function it is about.
            right: whether that function is right. A wrong one does other things than the reference.
            worth: the points for the answer.
        """
        reason = self.reason(question) if right else NOT_RIGHT_ITSELF
        return CriterionResult(ABOUT, worth, 0.0 if reason else worth, reason)

    def reason(self, question: str) -> str:
        """Why the answer to a counted question is not right; empty if it is."""
        answer = self.handed.answers.get(question)
        if self.handed.problem:
            return self.handed.problem
        if unanswered(answer):
            return "not answered"
        if not normalised(self.handed.name):
            return NO_NAME
        if normalised(self.handed.name) != normalised(self.name):
            return OTHER_NAME.format(typed=shown(self.handed.name), name=shown(self.name))
        posed, key = key_for(question, self.name)
        try:
            read = posed.read(answer)  # type: ignore[arg-type]
        except ValueError as error:
            return str(error)
        if posed.right(read, key):
            return ""
        wanted = next((letter for letter, effect in posed.letters.items() if effect == key), None)
        return f"your answer: expected {wanted or f'{key:.4g}'}, actual {read if isinstance(read, str) else f'{read:.4g}'}"
