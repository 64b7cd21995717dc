"""Makes submissions from the source notebooks: the solved release, with a student's mistakes put in."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from ps8.artifacts import RESULTS

from autograder.catalogue import catalogue
from autograder.course_notebooks import NOTEBOOKS, release, source
from autograder.paths import ASSIGNMENT
from trials.classroom.mutations import MUTATIONS
from trials.classroom.reports import report_of, write_bets, write_report
from trials.classroom.trained_artifacts import trained

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

STUDENTS = Path(__file__).with_name("students.toml")
_MARKER = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass(frozen=True)
class InventedStudent:
    """An invented student.

    Attributes:
        name: such as `student03`.
        note: what the student did.
        mistakes: ids of misconceptions that are put into the answers.
        replace: (text, replacement) in the answer cells.
        done: name of a function of `mutations`.
        artifacts: row -> accuracy that `results.json` claims in place of the measured one; None if no artifacts are handed in.
        report: name of the texts in the boxes of the report, see `reports`; empty for plain ones.
        bets: row -> the accuracy that was bet on.
        scores: the right scores where they are not the full points.
    """

    name: str
    note: str
    mistakes: tuple[str, ...] = ()
    replace: tuple[tuple[str, str], ...] = ()
    done: str = "untouched"
    artifacts: dict[str, float] | None = None
    report: str = ""
    bets: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)


def students(path: Path = STUDENTS) -> list[InventedStudent]:
    """The bundled class."""
    with path.open("rb") as file:
        table = tomllib.load(file)
    return [
        InventedStudent(
            name=name,
            note=entry["note"],
            mistakes=tuple(entry.get("mistakes", ())),
            replace=tuple((old, new) for old, new in entry.get("replace", ())),
            done=entry.get("done", "untouched"),
            artifacts=entry.get("artifacts"),
            report=entry.get("report", ""),
            bets=entry.get("bets", {}),
            scores=entry.get("scores", {}),
        )
        for name, entry in table.items()
    ]


def solved(name: str, mistakes: Sequence[str] = (), replace: Sequence[tuple[str, str]] = ()) -> NotebookNode:
    """The release with the reference's answers, and mistakes put into them.

    Raises:
        ValueError: if an answer to be changed does not hold the text that should change.
    """
    notebook, answers = release(name), source(name)
    known = {m.id: m for m in catalogue()}
    changes = [(e.old, e.new) for m in mistakes for e in known[m].edits] + list(replace)
    for cell, answer in zip(notebook.cells, answers.cells, strict=True):
        if is_solution(cell) and cell.cell_type == "code":
            text = answer.source
            for old, new in changes:
                text = text.replace(old, new)
            cell.source = _MARKER.sub("", text)
        elif is_solution(cell) and is_grade(cell):
            cell.source = _MARKER.sub("", answer.source)
    return notebook


def hand_in(student: InventedStudent, name: str, results: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The text of the file that the student hands in.

    Args:
        student: who.
        name: of the notebook.
        results: of the student's results.json, whose numbers the report names.
    """
    notebook = solved(name, student.mistakes, student.replace)
    write_report(notebook, report_of(student.name, student.report), results)
    write_bets(notebook, student.bets)
    return MUTATIONS[student.done](notebook, release(name))


def write_class(folder: Path, members: Sequence[InventedStudent] | None = None) -> list[InventedStudent]:
    """Writes a class's submissions as nbgrader expects them: `folder/NAME/ps8/*.ipynb`, and some artifacts."""
    members = students() if members is None else list(members)
    for student in members:
        place = folder / student.name / ASSIGNMENT
        place.mkdir(parents=True, exist_ok=True)
        files = trained(student.artifacts) if student.artifacts is not None else {}
        results = json.loads(files.get(RESULTS, b"{}"))
        for name in NOTEBOOKS:
            (place / f"{name}.ipynb").write_text(hand_in(student, name, results), encoding="utf-8")
        for name, data in files.items():
            (place / name).write_bytes(data)
    return members
