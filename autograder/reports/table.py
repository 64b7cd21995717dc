"""The class's scores for the terminal and for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from assignment.builder.course import load_course
from autograder.ground.characters import visible
from autograder.ground.files import write_whole
from autograder.ground.names import shown
from autograder.reports.scores import Row, questions

WAITING = "-"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _number(score: float | None) -> str:
    return WAITING if score is None else f"{score:g}"


def as_text(rows: Sequence[Row]) -> str:
    """A table with a row a student and a column a question; `-` waits for a human. A bonus comes on top of the total."""
    points = questions()
    header = ["student", *points, "total"]
    table = [[shown(row.student), *(_number(row.scores.get(q)) for q in points), f"{row.total:g}"] for row in rows]
    best = ["of", *(f"{p:g}" for p in points.values()), f"{load_course().total:g}"]
    columns = list(zip(header, best, *table, strict=True))
    widths = [max(map(len, column)) for column in columns]
    lines = [
        "  ".join(text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(line, widths, strict=True)))
        for line in (header, best, *table)
    ]
    return "\n".join([lines[0], lines[1], "-" * len(lines[0]), *lines[2:]])


def safe(name: str) -> str:
    """A name as it is, so that other lists of the class find it, but for what cannot be seen; no spreadsheet's formula."""
    text = name if visible(name) == name and "\n" not in name else shown(name, longest=0)
    return "'" + text if text.startswith(_FORMULA) else text


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Writes grades.csv: a row a student, a column a question, in one step. An empty field waits for a human."""
    points = questions()
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["student", *points, "late_penalty", "total", "max"])
    for row in rows:
        scores = ["" if row.scores[q] is None else f"{row.scores[q]:g}" for q in points]
        writer.writerow([safe(row.student), *scores, f"{row.late:g}", f"{row.total:g}", f"{load_course().total:g}"])
    write_whole(path, file.getvalue())
