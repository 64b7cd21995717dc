"""A student as the roster has one, and how one is found by what a platform says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

KEYS = ("id", "login", "number", "email", "lms_user_id")  # what tells a student from all others
_LONGEST = 128  # characters, of nbgrader's gradebook


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes:
        id: nbgrader's, the name of the folder in `submitted/`.
        first_name: may be empty, as all below.
        last_name: of families; for a name of one part, that.
        email: address.
        lms_user_id: the platform's own number, Canvas's `ID`.
        number: the university's, Canvas's `SIS User ID`, Moodle's `ID number`, Gradescope's `SID`.
        login: Canvas's `SIS Login ID`, Moodle's `Username`.
        section: of the course.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    number: str = ""
    login: str = ""
    section: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


FIELDS = tuple(entry.name for entry in fields(Student))


def id_problem(id: str) -> str:
    """Why nbgrader cannot have a student of this id; empty if it can."""
    if not id:
        return "is empty"
    if len(id) > _LONGEST:
        return f"has more than {_LONGEST} characters"
    if id.startswith(".") or any(char in "/\\" or not char.isprintable() for char in id) or id != id.strip():
        return "cannot be the name of a folder"
    return "holds a +, which nbgrader's exchange does not take" if "+" in id else ""


def letters(name: str) -> str:
    """The letters and digits of a name, as Canvas leaves them in its files' names."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


@dataclass
class Roster:
    """The students of a course, by id."""

    students: dict[str, Student] = field(default_factory=dict)

    @classmethod
    def of(cls, students: Iterable[Student]) -> Roster:
        """A roster of these."""
        return cls({student.id: student for student in sorted(students, key=lambda one: one.id)})

    def by(self, key: str, value: str) -> Student | None:
        """The only student with this value, whatever its case, of one of `KEYS`; None if there is none, or several."""
        wanted = value.strip().casefold()
        found = [one for one in self.students.values() if wanted and getattr(one, key).casefold() == wanted]
        return found[0] if len(found) == 1 else None

    def by_any(self, value: str) -> Student | None:
        """The student with this value of any of `KEYS`, the first key that tells."""
        return next((found for key in KEYS if (found := self.by(key, value))), None)

    def by_name(self, name: str) -> list[Student]:
        """All students of a name, in either order of its parts, whatever stands between them."""
        wanted = letters(name)
        both = ((one, letters(one.first_name), letters(one.last_name)) for one in self.students.values())
        return [one for one, first, last in both if wanted and wanted in (first + last, last + first)]
