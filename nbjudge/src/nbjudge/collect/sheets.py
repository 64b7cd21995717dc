"""Tables beside a download: when a submission was made, who Moodle's participant 123 is, and who is in a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

import dateutil.parser

from nbjudge.ground.spreadsheets import NoTable, SpreadsheetTable, read_table
from nbjudge.roster.roster_entry import Roster, Student

PARTICIPANT = "identifier"  # of Moodle's grading worksheet: `Participant 123`
_TIMES = ("Last modified (submission)", "submitted_at", "submission time", "time", "timestamp", "when")
_IDS = {
    "id": ("id", "student"),
    "login": ("login", "login_id", "username", "SIS Login ID"),
    "number": ("number", "user_id", "id number", "sid", "SIS User ID"),
    "email": ("email", "email address"),
    "lms_user_id": ("lms_user_id", "canvas_user_id"),
}


class NoSheet(ValueError):
    """A table that does not say what it is asked for. The text says why."""


@dataclass
class Worksheet:
    """What a table about an assignment says.

    Attributes:
        times: student's id -> when the submission was made.
        participants: Moodle's number -> the student's id.
        unread: times that were not understood, as they stand.
    """

    times: dict[str, datetime] = field(default_factory=dict)
    participants: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def read_worksheet(path: Path, roster: Roster, zone: tzinfo) -> Worksheet:
    """Reads Moodle's grading worksheet, or a table with a column that tells a student and one named `time`.

    Args:
        path: of the file.
        roster: of the course.
        zone: of times that have none.

    Raises:
        NoSheet: if it is neither.
    """
    table = _table(path)
    place = table.column(*_TIMES)
    if place is None and table.column(PARTICIPANT) is None:
        raise NoSheet(f"{table.name} has neither a column time nor Moodle's Identifier.")
    sheet = Worksheet()
    for row in table.rows:
        student = student_of(table, row, roster)
        if student is None:
            continue
        if number := table.cells(row, PARTICIPANT).rpartition(" ")[2]:
            sheet.participants[number] = student.id
        if place is not None and (text := row[place].strip()) not in ("", "-"):
            try:
                when = dateutil.parser.parse(text)
            except (ValueError, OverflowError):
                sheet.unread.append(text)
                continue
            sheet.times[student.id] = when if when.tzinfo else when.replace(tzinfo=zone)
    return sheet


def read_groups(path: Path, roster: Roster) -> Mapping[str, list[str]]:
    """Reads who is in which group, as in Canvas's export of a group set (`canvas_user_id, …, group_name`).

    Returns:
        Student's id -> the ids of all in the same group.

    Raises:
        NoSheet: if the table has no groups.
    """
    table = _table(path)
    if table.column("group_name", "group") is None:
        raise NoSheet(f"{table.name} has no column group_name.")
    groups: dict[str, list[str]] = {}
    for row in table.rows:
        student, name = student_of(table, row, roster), table.cells(row, "group_name", "group")
        if student and name:
            groups.setdefault(name, []).append(student.id)
    return {id: members for members in groups.values() for id in members}


def student_of(table: SpreadsheetTable, row: list[str], roster: Roster) -> Student | None:
    """The student whom a row is about, by whatever tells; by the name, where no other has it."""
    for key, titles in _IDS.items():
        if (text := table.cells(row, *titles)) and (student := roster.by(key, text) or roster.by_any(text)):
            return student
    name = (
        table.cells(row, "full name", "name") or f"{table.cells(row, 'first name')} {table.cells(row, 'last name', 'surname')}"
    )
    found = roster.by_name(name)
    return found[0] if len(found) == 1 else None


def _table(path: Path) -> SpreadsheetTable:
    try:
        return read_table(path)
    except NoTable as error:
        raise NoSheet(str(error)) from None
