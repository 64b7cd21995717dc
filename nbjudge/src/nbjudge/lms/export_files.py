"""Writes what `nbjudge export` is asked for, and says where."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbjudge.export import feedback_zip, filled_tables, gradescope_results, plain_grades
from nbjudge.export.grades import Grade, GradeState
from nbjudge.grade.student_names import shown_student
from nbjudge.ground import foreign_names
from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.spreadsheets import NoTable, read_table
from nbjudge.pages.levels import level
from nbjudge.reports.scores import Sheet
from nbjudge.workspace import Workspace


def export(
    here: Workspace, sheet: Sheet, grades: Sequence[Grade], names: Sequence[str], options: argparse.Namespace
) -> list[str]:
    """Writes an export.

    Args:
        here: the assignment.
        sheet: what the grades are about.
        grades: of everybody.
        names: the format, and the platform's table if it takes one.
        options: of the command.

    Returns:
        What is to be said, a line each.

    Raises:
        NoTable: if a table is missing or cannot be read.
        NoColumn: if it has no column to be filled.
    """
    kind = names[0]
    if kind in ("canvas", "moodle"):
        if len(names) < 2:
            raise NoTable(
                f"`nbjudge export {kind}` fills in a table of {kind.capitalize()}'s: export it there, and name the file."
            )
        return list(_filled(here, sheet, grades, Path(names[1]), kind, options))
    if kind.endswith("-feedback"):
        return list(_feedback(here, grades, kind.removesuffix("-feedback"), options))
    if kind == "gradescope":
        return list(_gradescope(here, sheet, grades, options))
    target = options.to or here.root / f"grades-{here.id}.{kind}"
    text = (plain_grades.csv_of if kind == "csv" else plain_grades.json_of)(grades, sheet)
    write_whole(target, text)
    return [f"{target} is written: {len(grades)} students."]


def totals(grades: Sequence[Grade], so_far: bool, zeros: bool) -> dict[str, float]:
    """Student's id -> what a platform is told; nobody of whom it is not known."""
    found = {}
    for grade in grades:
        points = 0.0 if zeros and grade.state is GradeState.NOTHING else grade.points(so_far)
        if points is not None:
            found[grade.student.id] = points
    return found


def _filled(
    here: Workspace, sheet: Sheet, grades: Sequence[Grade], path: Path, kind: str, options: argparse.Namespace
) -> Iterator[str]:
    table, points = read_table(path), totals(grades, options.so_far, options.zeros)
    if kind == "canvas":
        done = filled_tables.canvas(table, grades, sheet, points, options.column)
    else:
        done = filled_tables.moodle(table, grades, sheet, points)
    target = options.to or here.root / f"{here.id}-{kind}.csv"
    write_whole(target, done.text.encode(done.encoding, "replace"))
    column = foreign_names.shown(done.column, 0)
    yield f"{target} is written: {done.written} grades in {column}; all other cells are as {path.name} has them."
    yield from (f"  {note}" for note in done.notes)


def _gradescope(here: Workspace, sheet: Sheet, grades: Sequence[Grade], options: argparse.Namespace) -> Iterator[str]:
    folder = options.to or here.root / f"{here.id}-gradescope"
    said = level(here.assignment.facts())
    written = 0
    for grade in grades:
        if grade.row is None or grade.state is GradeState.UNGRADED:
            continue  # of these nothing is known, and 0 would be a grade
        target = folder / grade.student.id / "results.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        told = gradescope_results.results(grade, grade.row, sheet, here, said)
        write_whole(target, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        written += 1
    yield f"{folder}/STUDENT/results.json is written for {written} students."


def _feedback(here: Workspace, grades: Sequence[Grade], platform: str, options: argparse.Namespace) -> Iterator[str]:
    target = options.to or here.root / f"{here.id}-{platform}-feedback.zip"
    students = [grade.student.id for grade in grades if grade.row is not None]
    packed = feedback_zip.pack(here, students, platform, target)
    yield f"{target} is written, with the feedback of {len(packed.packed)} students."
    yield from (f"  left out: {shown_student(id)} {why}" for id, why in packed.left_out.items())
