"""The grades as plain CSV and JSON: everybody has a row, and what is not known is empty, never 0."""

from __future__ import annotations

import json
from collections.abc import Sequence

from nbjudge.export.grades import Grade, bonus_of, number, penalty_of
from nbjudge.grade.student_names import shown_student
from nbjudge.ground.spreadsheets import as_csv, safe
from nbjudge.reports.scores import Sheet

_PERSON = ("number", "login", "email", "section")


def csv_of(grades: Sequence[Grade], sheet: Sheet) -> str:
    """A row a student: who it is, each question, what is on top and what was lost, the total and how it stands."""
    header = ["id", "last_name", "first_name", *_PERSON, *sheet.points, "bonus", "late_penalty", "total", "max", "state"]
    rows = []
    for grade in grades:
        student, row = grade.student, grade.row
        person = [
            shown_student(student.id),
            student.last_name,
            student.first_name,
            *(getattr(student, name) for name in _PERSON),
        ]
        scores = [number(row.scores.get(question) if row else None) for question in sheet.points]
        more = [number(bonus_of(row, sheet)), number(penalty_of(row))]
        whole = [number(grade.points()), number(sheet.total), grade.state.value]
        rows.append([*map(safe, person), *scores, *more, *whole])
    return as_csv([header, *rows])


def json_of(grades: Sequence[Grade], sheet: Sheet) -> str:
    """The same as data; `null` is what is not known."""
    students = []
    for grade in grades:
        student, row = grade.student, grade.row
        students.append(
            {
                "id": student.id,
                **{name: getattr(student, name) for name in ("first_name", "last_name", *_PERSON, "lms_user_id")},
                "state": grade.state.value,
                "total": grade.points(),
                "total_so_far": grade.points(so_far=True),
                "bonus": bonus_of(row, sheet),
                "late_penalty": penalty_of(row),
                "questions": {question: row.scores.get(question) if row else None for question in sheet.points},
            }
        )
    facts = sheet.assignment.facts()
    points = {question: {"max": most, "bonus": question in sheet.bonus} for question, most in sheet.points.items()}
    told = {"assignment": sheet.id, "title": facts.title, "max": sheet.total, "questions": points, "students": students}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
