"""The class's scores, as they stand in nbgrader's gradebook."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import nbgrader.api
from nbgrader.api import Gradebook, SubmittedAssignment

from nbjudge.assignment import Assignment
from nbjudge.grade.failures import reason
from nbjudge.grade.preconditions import points
from nbjudge.workspace import Workspace


@dataclass(frozen=True)
class StudentScores:
    """One student.

    Attributes:
        student: the id, as the folder of the submission is named.
        scores: question -> points; None while it waits for a human.
        late: points lost for being late, >= 0.
        problem: why there are no scores though the gradebook has the student; empty if there are.
        uncounted: points on top of the total that are more than the course counts, >= 0.
    """

    student: str
    scores: dict[str, float | None] = field(default_factory=dict)
    late: float = 0.0
    problem: str = ""
    uncounted: float = 0.0

    @property
    def total(self) -> float:
        """What has been graded so far, less the penalty, and less what of a bonus does not count."""
        earned = sum(score or 0.0 for score in self.scores.values())
        return round(max(0.0, earned - self.late - self.uncounted), 2)

    @property
    def graded(self) -> bool:
        """Whether anything has been graded."""
        return any(score is not None for score in self.scores.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(question for question, score in self.scores.items() if score is None)


@dataclass(frozen=True)
class Sheet:
    """What the tables of a class are about.

    Attributes:
        assignment: which it is.
        points: question -> most it can earn, in order.
        bonus: those on top of the total.
        read: those whose answer is read and not run, and has one right form.
    """

    assignment: Assignment
    points: Mapping[str, float]
    bonus: Collection[str] = ()
    read: Collection[str] = ()

    @classmethod
    def of(cls, workspace: Workspace) -> Sheet:
        """That of an assignment.

        Raises:
            NotBuilt: if the source had to be asked for the points and cannot be read.
        """
        assignment = workspace.assignment
        judge = assignment.judge(bytes(32))
        read = {question for question, seed in judge.seeds(0).items() if seed is None} if judge else set[str]()
        return cls(assignment, points(workspace), assignment.facts().bonus, read)

    @property
    def id(self) -> str:
        return self.assignment.id

    @property
    def total(self) -> float:
        """All points but the bonus."""
        return sum(points for question, points in self.points.items() if question not in self.bonus)

    def title(self, question: str) -> str:
        """What a question is called."""
        return self.assignment.title(question)

    def blank(self) -> dict[str, float | None]:
        """Scores of which none is known."""
        return dict.fromkeys(self.points)


def with_ungraded(rows: Iterable[StudentScores], handed_in: Iterable[str], sheet: Sheet) -> list[StudentScores]:
    """The rows, and one that waits for a human in every column for each who handed something in but has no grades yet."""
    rows = list(rows)
    missing = set(handed_in) - {row.student for row in rows}
    return sorted([*rows, *(StudentScores(name, sheet.blank()) for name in missing)], key=lambda row: row.student)


def read_scores(workspace: Workspace, sheet: Sheet) -> list[StudentScores]:
    """A row for each student who handed something in, by name. One that is damaged is a row with a problem."""
    rows = []
    of_all = dict.fromkeys(sheet.points, 0.0)
    with Gradebook(workspace.database) as gradebook:
        submissions = gradebook.db.query(SubmittedAssignment.id, SubmittedAssignment.student_id)
        submissions = submissions.join(nbgrader.api.Assignment, SubmittedAssignment.assignment_id == nbgrader.api.Assignment.id)
        for number, name in submissions.filter(nbgrader.api.Assignment.name == workspace.id).all():
            student = str(name or "(no student)")
            try:
                rows.append(_row(student, gradebook.db.get(SubmittedAssignment, number), of_all, sheet))
            except Exception as error:  # whatever SQLAlchemy and nbgrader make of a row that none of them wrote so
                gradebook.db.rollback()
                problem = f"The gradebook's entry is damaged ({reason(error)}): grade with --again, or restore gradebook.db."
                rows.append(StudentScores(student, sheet.blank(), problem=problem))
    return sorted(rows, key=lambda row: row.student)


def _row(student: str, submission: SubmittedAssignment, of_all: dict[str, float], sheet: Sheet) -> StudentScores:
    scores: dict[str, float | None] = dict(of_all)
    for notebook in submission.notebooks:
        _number(notebook.late_submission_penalty or 0.0)
        wanted = len(notebook.notebook.grade_cells) + len(notebook.notebook.task_cells)
        if len(notebook.grades) != wanted:
            raise ValueError(f"it has {len(notebook.grades)} of {wanted} grades for {notebook.name}")
        for grade in notebook.grades:
            if grade.cell is None:
                raise ValueError("a grade belongs to no question")
            for value in (grade.auto_score, grade.manual_score, grade.extra_credit):
                _number(value or 0.0)  # what is no number the database adds up as 0
            if grade.name in scores:
                scores[grade.name] = None if grade.needs_manual_grade else _number(grade.score)
    bonus, most = sum(scores.get(question) or 0.0 for question in sheet.bonus), sheet.assignment.bonus_cap()
    uncounted = 0.0 if most is None else max(0.0, bonus - most)
    return StudentScores(student, scores, _number(submission.late_submission_penalty or 0.0), uncounted=uncounted)


def _number(value: object) -> float:
    """A number of points as the gradebook should have it."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number of points")
    return float(value)
