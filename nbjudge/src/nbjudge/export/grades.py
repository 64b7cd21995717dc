"""A grade for everybody on the roster: graded, waiting for a person, not graded yet, or nothing submitted."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from nbjudge.grade.student_names import shown_student
from nbjudge.ground.listing import listed
from nbjudge.reports.scores import Sheet, StudentScores
from nbjudge.roster.roster_entry import Roster, Student

NAMED = 12  # students in a sentence


class GradeState(str, enum.Enum):
    """How a student's grade stands."""

    GRADED = "graded"
    WAITING = "waits for grading by hand"
    UNGRADED = "not graded yet"
    NOTHING = "nothing submitted"


@dataclass(frozen=True)
class Grade:
    """One student's.

    Attributes:
        student: as on the roster; with the id alone, who is not on it.
        row: the scores; none, if nothing was submitted.
        enrolled: whether the student is on the roster.
    """

    student: Student
    row: StudentScores | None = None
    enrolled: bool = True

    @property
    def state(self) -> GradeState:
        """How it stands."""
        if self.row is None:
            return GradeState.NOTHING
        if not self.row.graded or self.row.problem:
            return GradeState.UNGRADED
        return GradeState.WAITING if self.row.waiting else GradeState.GRADED

    def points(self, so_far: bool = False) -> float | None:
        """The total; None where it is not known, or, unless it is asked for what is graded so far, not whole."""
        if self.row is None or self.state is GradeState.UNGRADED or (self.state is GradeState.WAITING and not so_far):
            return None
        return self.row.total


def grades_of(rows: Sequence[StudentScores], roster: Roster) -> list[Grade]:
    """Everybody on the roster, by id, and then who is not on it and has submitted something; without a roster, those."""
    by_id = {row.student: row for row in rows}
    enrolled = [Grade(student, by_id.get(id)) for id, student in roster.students.items()]
    others = (row for id, row in by_id.items() if id not in roster.students)
    return [*enrolled, *(Grade(Student(row.student), row, not roster.students) for row in others)]


def bonus_of(row: StudentScores | None, sheet: Sheet) -> float | None:
    """The points that come on top of the total; None if nothing is graded."""
    return sum(row.scores.get(question) or 0.0 for question in sheet.bonus) if row and row.graded else None


def penalty_of(row: StudentScores | None) -> float | None:
    """The points lost for being late; None if nothing is graded."""
    return row.late if row and row.graded else None


def number(points: float | None) -> str:
    """Points as a table has them; empty where there are none."""
    return "" if points is None else f"{points:g}"


def waiting(grades: Sequence[Grade]) -> list[str]:
    """What is to be said of those whose total is not whole, or not there, a line for each state."""
    told = []
    for state in (GradeState.WAITING, GradeState.UNGRADED, GradeState.NOTHING):
        ids = [shown_student(grade.student.id, 60) for grade in grades if grade.state is state]
        if ids:
            told.append(f"{state.value} ({len(ids)}): {listed(ids, NAMED)}")
    if strangers := [shown_student(grade.student.id, 60) for grade in grades if not grade.enrolled]:
        told.append(f"not on the roster ({len(strangers)}): {listed(strangers, NAMED)}")
    return told
