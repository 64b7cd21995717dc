"""`extensions.csv` in the course directory: `student,until`, and `assignment` where there are several. Why is not said there.

A time without a zone is in the deadline's; a day alone is until its end. An empty `until` takes an extension back. Who is not
in the file keeps what nbgrader has.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone

import dateutil.parser

from nbjudge.assignment import Refusal
from nbjudge.ground.foreign_names import shown
from nbjudge.ground.spreadsheets import NoTable, SpreadsheetTable, read_table
from nbjudge.workspace import Workspace, assignments_of

FILE = "extensions.csv"
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


def extensions(workspace: Workspace, deadline: datetime | None = None) -> dict[str, timedelta | None]:
    """Student's id -> how much longer than the deadline; None where it is taken back.

    Args:
        workspace: of the assignment.
        deadline: in UTC, where the gradebook has one that the course does not say.

    Raises:
        Refusal: naming the line that cannot be understood.
    """
    path = workspace.root / FILE
    if not path.is_file():
        return {}
    due = workspace.assignment.facts().deadline or (deadline.replace(tzinfo=timezone.utc) if deadline else None)
    try:
        table = read_table(path)
    except NoTable as error:
        raise Refusal(str(error)) from None
    if table.column("student", "id") is None or table.column("until") is None:
        raise Refusal(f"{FILE} must have the columns student and until.")
    several = len(assignments_of(workspace.root)) > 1
    if several and table.column("assignment") is None:
        raise Refusal(f"{FILE} must have a column assignment: the course has several.")
    found: dict[str, timedelta | None] = {}
    for number, row in enumerate(table.rows, start=2):
        if table.cells(row, "assignment") not in ("", workspace.id):
            continue
        if due is None:
            raise Refusal(f"{FILE} cannot be heeded: {workspace.id} has no deadline.")
        student = table.cells(row, "student", "id")
        if student in found:
            raise Refusal(f"{FILE}, line {number}: {shown(student)} is there twice.")
        found[student] = _longer(table, row, due, number)
    return found


def _longer(table: SpreadsheetTable, row: list[str], due: datetime, number: int) -> timedelta | None:
    text = table.cells(row, "until")
    if not text:
        return None
    try:
        until = dateutil.parser.parse(text)
    except (ValueError, OverflowError):
        raise Refusal(f"{FILE}, line {number}: {shown(text)} is no time; write it as 2026-12-15 23:59.") from None
    if _DAY.fullmatch(text):
        until = datetime.combine(until.date(), time(23, 59, 59))
    longer: timedelta = (until if until.tzinfo else until.replace(tzinfo=due.tzinfo)) - due
    if longer <= timedelta(0):
        raise Refusal(f"{FILE}, line {number}: {shown(text)} is before the deadline, {due:%Y-%m-%d %H:%M %z}.")
    return longer
