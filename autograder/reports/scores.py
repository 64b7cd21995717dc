"""The class's scores, as they stand in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nbgrader.api import Gradebook

from assignment.builder.course import load_course
from autograder.paths import ASSIGNMENT, COURSE

DB_URL = f"sqlite:///{COURSE / 'gradebook.db'}"


@dataclass(frozen=True)
class Row:
    """One student.

    Attributes:
        student: the id, as the folder of the hand-in is named.
        scores: question -> points; None while it waits for a human.
        late: points lost for being late, >= 0.
    """

    student: str
    scores: dict[str, float | None] = field(default_factory=dict)
    late: float = 0.0

    @property
    def total(self) -> float:
        """What has been graded so far, less the penalty."""
        return round(max(0.0, sum(score or 0.0 for score in self.scores.values()) - self.late), 2)

    @property
    def graded(self) -> bool:
        """Whether anything has been graded."""
        return any(score is not None for score in self.scores.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(question for question, score in self.scores.items() if score is None)


def questions() -> dict[str, float]:
    """Question -> points, in the order of `course.toml`."""
    return dict(load_course().points)


def with_ungraded(rows: Iterable[Row], handed_in: Iterable[str]) -> list[Row]:
    """The rows, and one that waits for a human in every column for each who handed something in but has no grades yet."""
    rows = list(rows)
    missing = set(handed_in) - {row.student for row in rows}
    return sorted([*rows, *(Row(name, dict.fromkeys(questions())) for name in missing)], key=lambda row: row.student)


def read_scores(db_url: str = DB_URL, assignment: str = ASSIGNMENT) -> list[Row]:
    """A row for each student who handed something in, by name."""
    rows = []
    with Gradebook(db_url) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            scores: dict[str, float | None] = dict.fromkeys(questions(), 0.0)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.name in scores:
                        scores[grade.name] = None if grade.needs_manual_grade else grade.score
            rows.append(Row(submission.student.id, scores, float(submission.late_submission_penalty or 0.0)))
    return sorted(rows, key=lambda row: row.student)
