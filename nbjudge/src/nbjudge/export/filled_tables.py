"""A platform's own table with one column filled in: Canvas's gradebook, Moodle's grading worksheet.

Only what tells the students, and the one column, goes back: any other column would set other grades and comments to what they
were when the table was exported. Where a total is not known the cell stays as it is, so that a platform sees no change there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nbjudge.collect.sheets import PARTICIPANT, student_of
from nbjudge.export.grades import Grade, number
from nbjudge.ground.foreign_names import shown
from nbjudge.ground.spreadsheets import SpreadsheetTable, as_csv, plain_header, safe
from nbjudge.reports.scores import Sheet
from nbjudge.roster.formats import is_canvas_gradebook
from nbjudge.roster.roster_entry import Roster, Student

_CANVAS = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
_MOODLE = ("Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)")
_VERBATIM = ("ID", "Identifier", "Maximum Grade", "Last modified (grade)")  # by these a platform finds a row, and its changes
_QUOTED = re.compile(r'="[^"]*"')  # so Canvas writes a name that begins with =
_NUMBERED = re.compile(r"(?P<title>.*?) ?\((?P<id>\d+)\)")


class NoColumn(ValueError):
    """A table with no column to be filled. The text says what it has."""


@dataclass
class Filled:
    """A table, filled.

    Attributes:
        text: of the file.
        encoding: of the file.
        column: that was filled.
        written: how many cells.
        notes: what is to be said of it, a sentence each.
    """

    text: str
    encoding: str
    column: str
    written: int = 0
    notes: list[str] = field(default_factory=list)


def canvas(
    table: SpreadsheetTable, grades: Sequence[Grade], sheet: Sheet, totals: Mapping[str, float], column: str = ""
) -> Filled:
    """Canvas's gradebook (Grades, Export), to be taken back by Grades, Import; after `lib/gradebook_importer.rb`.

    Args:
        table: the export.
        grades: of everybody.
        sheet: what they are about.
        totals: student's id -> what is to be written.
        column: the title to be filled, with or without its number; by default the one that is called as the assignment is.

    Raises:
        NoColumn: if the table is none of Canvas's, or it cannot be told which column is meant.
    """
    if not is_canvas_gradebook(table):
        raise NoColumn(
            f"{table.name} is not Canvas's gradebook: it must begin with the columns Student and ID, and have Section."
        )
    place = _canvas_column(table, sheet, column)
    roster = Roster.of(grade.student for grade in grades)
    kept = [index for name in _CANVAS if (index := table.column(name)) is not None]
    filled = Filled("", table.encoding, table.header[place])
    rows, met = [], set[str]()
    for row in table.rows:
        if "Points Possible" in row[0]:
            filled.notes += _other_maximum(row[place], sheet, "Canvas")
            rows.append([*(row[index] for index in kept), row[place]])
            continue
        student = _of_canvas(table, row, roster) if any(row[index].strip() for index in kept) else None
        if student is None and any(row[index].strip() for index in kept) and row[0] != "Student, Test":
            filled.notes.append(f"{shown(row[0])} is not on the roster: left as it is.")
        cell = row[place]
        if student is not None:
            met.add(student.id)
            if student.id in totals:
                cell, filled.written = number(totals[student.id]), filled.written + 1
        rows.append([*_safe(table, row, kept), cell])
    filled.notes += _not_met(totals, met, table.name)
    filled.text = as_csv([[*(table.header[index] for index in kept), table.header[place]], *rows], table.delimiter)
    return filled


def moodle(table: SpreadsheetTable, grades: Sequence[Grade], sheet: Sheet, totals: Mapping[str, float]) -> Filled:
    """Moodle's grading worksheet, to be taken back by Upload grading worksheet; after `mod/assign/feedback/offline`.

    Raises:
        NoColumn: if the table is none.
    """
    missing = [name for name in ("Identifier", "Grade", "Last modified (grade)") if table.column(name) is None]
    if missing:
        raise NoColumn(
            f"{table.name} is not Moodle's grading worksheet: it has no column {', '.join(missing)}. Switch on `Offline "
            "grading worksheet` in the assignment's settings, and download it in English."
        )
    roster = Roster.of(grade.student for grade in grades)
    kept = [index for name in _MOODLE if (index := table.column(name)) is not None]
    place, most = table.column("Grade"), table.column("Maximum Grade")
    filled = Filled("", table.encoding, "Grade")
    rows, met = [], set[str]()
    for row in table.rows:
        student = student_of(table, row, roster)
        row = list(row)
        if student is None:
            filled.notes.append(
                f"{shown(table.cells(row, 'Full name') or table.cells(row, PARTICIPANT))} is not on the roster."
            )
        else:
            met.add(student.id)
            if student.id in totals and place is not None:
                row[place], filled.written = number(totals[student.id]), filled.written + 1
        rows.append(_safe(table, row, kept))
    if most is not None and table.rows:
        filled.notes += _other_maximum(table.rows[0][most], sheet, "Moodle")
    filled.notes += _not_met(totals, met, table.name)
    filled.text = as_csv([[table.header[index] for index in kept], *rows], table.delimiter)
    return filled


def _safe(table: SpreadsheetTable, row: Sequence[str], kept: Sequence[int]) -> list[str]:
    """The kept cells: no name that a student has chosen is a formula where the file is opened on its way."""
    verbatim = {plain_header(name) for name in (*_VERBATIM, "Grade")}
    return [
        row[index] if plain_header(table.header[index]) in verbatim or _QUOTED.fullmatch(row[index]) else safe(row[index])
        for index in kept
    ]


def _of_canvas(table: SpreadsheetTable, row: list[str], roster: Roster) -> Student | None:
    """The student of a row: in this table the column ID has Canvas's number."""
    keys = (("lms_user_id", "ID"), ("number", "SIS User ID"), ("login", "SIS Login ID"))
    for key, title in keys:
        if found := roster.by(key, table.cells(row, title)):
            return found
    logins = (roster.by("id", table.cells(row, title)) for title in ("SIS Login ID", "SIS User ID"))
    return next((found for found in logins if found), None)


def _canvas_column(table: SpreadsheetTable, sheet: Sheet, column: str) -> int:
    first = max(index for name in _CANVAS if (index := table.column(name)) is not None) + 1
    titles = {
        index: table.header[index] for index in range(first, len(table.header)) if _NUMBERED.fullmatch(table.header[index])
    }
    facts = sheet.assignment.facts()
    wanted = [column] if column else [sheet.id, facts.title, f"{sheet.id} {facts.title}"]
    found = [
        index
        for index, title in titles.items()
        if title in wanted or plain_header(_NUMBERED.sub(r"\g<title>", title)) in map(plain_header, wanted)
    ]
    if len(found) == 1:
        return found[0]
    there = ", ".join(shown(title) for title in titles.values()) or "no assignment"
    asked = f"column {shown(column)}" if column else f"column {sheet.id} or {facts.title}"
    raise NoColumn(f"{table.name} has {'several columns' if found else 'no'} {asked}: choose with --column one of {there}.")


def _other_maximum(text: str, sheet: Sheet, platform: str) -> list[str]:
    try:
        most = float(text.replace(",", "."))
    except ValueError:
        return []
    if most == sheet.total:
        return []
    return [
        f"{platform} counts of {most:g} points and the course of {sheet.total:g}: set {platform}'s to {sheet.total:g} first."
    ]


def _not_met(totals: Mapping[str, float], met: set[str], file: str) -> list[str]:
    return [f"{shown(id)} has {number(totals[id])} points and no row in {file}." for id in sorted(totals.keys() - met)]
