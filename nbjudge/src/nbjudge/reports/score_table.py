"""The class's scores for the terminal and for a spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from nbjudge.grade.student_names import shown_student
from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.spreadsheets import safe
from nbjudge.reports.scores import Sheet, StudentScores

WAITING = "-"
NARROW = 8  # letters of a question's name that stand in one line
LONGEST = 40  # columns of a name in the terminal


def _number(score: float | None) -> str:
    return WAITING if score is None else f"{score:g}"


def _width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def table_text(rows: Sequence[StudentScores], sheet: Sheet) -> str:
    """A table with a row a student and a column a question; `-` waits for a human. A bonus comes on top of the total.

    Its head has two lines, lest a long name make a column wide: `report` over `comparisons`.
    """
    points = sheet.points
    parts = [name.rpartition("_")[::2] if len(name) > NARROW else ("", name) for name in points]
    above, header = ["", *(first for first, _ in parts), ""], ["student", *(last for _, last in parts), "total"]
    table = [
        [shown_student(row.student, LONGEST), *(_number(row.scores.get(q)) for q in points), f"{row.total:g}"] for row in rows
    ]
    best = ["of", *(f"{p:g}" for p in points.values()), f"{sheet.total:g}"]
    columns = list(zip(above, header, best, *table, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    lines = [
        "  ".join([_padded(line[0], widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in (above, header, best, *table)
    ]
    return "\n".join([lines[0].rstrip(), *lines[1:3], "-" * len(lines[1]), *lines[3:]])


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def write_csv(rows: Sequence[StudentScores], path: Path, sheet: Sheet) -> None:
    """Writes grades.csv: a row a student, a column a question, in one step. An empty field waits for a human."""
    points = sheet.points
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["student", *points, "late_penalty", "total", "max"])
    for row in rows:
        scores = ["" if (score := row.scores.get(q)) is None else f"{score:g}" for q in points]
        total = f"{row.total:g}" if row.graded or not row.problem else ""
        writer.writerow([safe(shown_student(row.student)), *scores, f"{row.late:g}", total, f"{sheet.total:g}"])
    write_whole(path, file.getvalue())
