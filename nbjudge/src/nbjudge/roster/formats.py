"""Reads who is in a course from what platforms export.

Canvas: the gradebook's export, after `lib/gradebook_exporter.rb` of canvas-lms: `Student,ID,SIS User ID,SIS Login ID,Section`,
a row of `Points Possible`, at times one of `Manual Posting`, and at the end a test student. Moodle: the grades' export, the
list of participants, or an assignment's grading worksheet (`mod/assign/feedback/offline`). Gradescope: its roster. Else any
table with a column `id`, such as nbgrader's own (`id,first_name,last_name,email`). Titles of columns are the English ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbjudge.ground.foreign_names import shown
from nbjudge.ground.spreadsheets import NoTable, SpreadsheetTable, plain_header, read_table
from nbjudge.roster.roster_entry import KEYS, Roster, Student, id_problem

CANVAS, PLAIN = "Canvas", "a table"
_TITLES = {
    "login": ("login", "SIS Login ID", "username", "user name", "netid"),
    "number": ("number", "SIS User ID", "SIS ID", "ID number", "SID", "student number", "student id", "matriculation number"),
    "email": ("email", "email address", "e-mail"),
    "lms_user_id": ("lms_user_id", "canvas_user_id", "canvas id"),
    "first_name": ("first_name", "given name", "FirstName"),
    "last_name": ("last_name", "surname", "family name", "LastName"),
    "section": ("section", "sections", "groups"),
}
_NAMES = ("full name", "name", "student name", "student")
_ID = ("id", "student_id", "studentid", "student")


class NoRoster(ValueError):
    """A table from which no roster comes. The text says why, and what to do."""


@dataclass
class RosterRead:
    """What a file says.

    Attributes:
        roster: the students.
        kind: of file.
        id_column: what the ids are, one of `KEYS`, or the title of a column.
        left_out: rows that are no student's, each with the reason.
    """

    roster: Roster
    kind: str
    id_column: str
    left_out: list[str] = field(default_factory=list)


def is_canvas_gradebook(table: SpreadsheetTable) -> bool:
    """Whether a table is Canvas's gradebook, by what Canvas itself asks of its header when it is imported."""
    titles = [plain_header(title) for title in table.header]
    named = titles[:2] == ["student", "id"] or titles[:3] == ["lastname", "firstname", "id"]
    return named and "section" in titles


def read_roster(path: Path, id_column: str = "") -> RosterRead:
    """Reads a roster.

    Args:
        path: of the file.
        id_column: the title of the column that holds the ids; by default the first of `KEYS` that all students have and no two
            share.

    Raises:
        NoRoster: if none comes of it.
    """
    try:
        table = read_table(path)
    except NoTable as error:
        raise NoRoster(str(error)) from None
    kind = CANVAS if is_canvas_gradebook(table) else PLAIN
    if id_column and table.column(id_column) is None:
        raise NoRoster(f"{table.name} has no column {id_column}: it has {', '.join(filter(None, table.header[:12]))}.")
    read = RosterRead(Roster(), kind, id_column)
    found = list(_students(table, kind, read))
    if not found:
        raise NoRoster(f"{table.name} holds no student: it has the columns {', '.join(filter(None, table.header[:12]))}.")
    if id_column:
        named = [replace(student, id=table.cells(row, id_column)) for student, row in found]
    else:
        students = [student for student, _ in found]
        read.id_column = _telling(students, table)
        named = [replace(student, id=getattr(student, read.id_column)) for student in students]
    read.roster = Roster.of(_once(named, table.name))
    return read


def _students(table: SpreadsheetTable, kind: str, read: RosterRead) -> Iterator[tuple[Student, list[str]]]:
    for row in table.rows:
        first = row[0].strip()
        if kind == CANVAS and ("Points Possible" in first or not first or first == "Student, Test"):
            if first == "Student, Test":
                read.left_out.append("Canvas's test student")
            continue
        student = _canvas(table, row) if kind == CANVAS else _plain(table, row)
        if any(getattr(student, key) for key in (*KEYS, "last_name")):
            yield student, row


def _canvas(table: SpreadsheetTable, row: list[str]) -> Student:
    if table.column("LastName") is not None:
        last, first = table.cells(row, "LastName"), table.cells(row, "FirstName")
    else:
        last, _, first = (part.strip() for part in table.cells(row, "Student").partition(","))
    return Student(
        "",
        first,
        last,
        lms_user_id=table.cells(row, "ID"),
        number=table.cells(row, "SIS User ID"),
        login=table.cells(row, "SIS Login ID"),
        section=table.cells(row, "Section"),
    )


def _plain(table: SpreadsheetTable, row: list[str]) -> Student:
    facts = {name: table.cells(row, *titles) for name, titles in _TITLES.items()}
    id = table.cells(row, *_ID)
    if not facts["last_name"] and (name := table.cells(row, *_NAMES)) and name != id:
        last, comma, first = (part.strip() for part in name.partition(","))
        if not comma:
            first, _, last = name.rpartition(" ")
        facts |= {"first_name": first.strip(), "last_name": last}
    return Student(id, **facts)


def _telling(students: list[Student], table: SpreadsheetTable) -> str:
    """The first of `KEYS` that all have, and no two share."""
    for key in KEYS:
        values = [getattr(student, key).casefold() for student in students]
        same = {(getattr(student, key).casefold(), student.name) for student in students}
        if all(values) and len(set(values)) == len(same) and not any(id_problem(getattr(one, key)) for one in students):
            return key
    raise NoRoster(
        f"No column of {table.name} can name the students' folders: in each one somebody's is missing, or two have the same, "
        f"or it cannot be a folder's name. Fill one, and choose it with --id COLUMN."
    )


def _once(students: list[Student], file: str) -> Iterator[Student]:
    """Each student once: who is in two sections has two rows."""
    seen: dict[str, Student] = {}
    for student in students:
        if why := id_problem(student.id):
            raise NoRoster(f"{file}: the id {shown(student.id) or '(empty)'} of {shown(student.name) or 'a row'} {why}.")
        known = seen.get(student.id.casefold())
        if known is None:
            seen[student.id.casefold()] = student
        elif replace(known, section="") == replace(student, section=""):
            sections = dict.fromkeys(filter(None, (*known.section.split(" and "), student.section)))
            seen[student.id.casefold()] = replace(known, section=" and ".join(sections))
        else:
            raise NoRoster(f"{file}: {shown(known.name)} and {shown(student.name)} have the same id {shown(student.id)}.")
    yield from seen.values()
