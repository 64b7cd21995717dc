"""Where the roster is kept: `roster.csv` in the course directory; nbgrader's gradebook is told of everybody in it.

The gradebook alone would not do: nbgrader adds whoever has a folder in `submitted/`, enrolled or not.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from pathlib import Path

from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.spreadsheets import NoTable, as_csv, read_table, safe
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.nbgrader_ext.doors import Gradebook
from nbjudge.roster.formats import NoRoster
from nbjudge.roster.roster_entry import FIELDS, Roster, Student
from nbjudge.workspace import Workspace

FILE = "roster.csv"


@dataclass
class Change:
    """What a new roster changes, by id."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def load(root: Path) -> Roster:
    """A course's roster.

    Raises:
        NoRoster: if there is none, or it cannot be read; saying what to type.
    """
    path = root / FILE
    if not path.is_file():
        raise NoRoster(f"There is no {FILE} in {root.name}/: `nbjudge roster EXPORT.csv --write` makes it.")
    try:
        table = read_table(path)
    except NoTable as error:
        raise NoRoster(str(error)) from None
    if table.column("id") is None:
        raise NoRoster(f"{FILE} has no column id: `nbjudge roster EXPORT.csv --write` makes it anew.")
    return Roster.of(Student(*(table.cells(row, name) for name in FIELDS)) for row in table.rows)


def load_or_none(root: Path) -> Roster:
    """The same; one of nobody, where there is no file.

    Raises:
        NoRoster: if there is one that cannot be read.
    """
    return load(root) if (root / FILE).is_file() else Roster()


def compare(old: Roster, new: Roster) -> Change:
    """What becomes of whom."""
    change = Change(gone=sorted(old.students.keys() - new.students.keys()))
    for id, student in new.students.items():
        known = old.students.get(id)
        (change.new if known is None else change.same if known == student else change.changed).append(id)
    return change


def save(root: Path, roster: Roster) -> None:
    """Writes a roster into the course directory and its gradebook. Whoever is gone stays in the gradebook, with all grades."""
    course_config(root)  # which sees to what a new gradebook needs
    rows = [[safe(value) for value in astuple(student)] for student in roster.students.values()]
    with Gradebook(Workspace.of(root, "").database) as opened:
        for student in roster.students.values():
            opened.update_or_create_student(
                student.id,
                first_name=student.first_name,
                last_name=student.last_name,
                email=student.email,
                lms_user_id=student.lms_user_id,
            )
    write_whole(root / FILE, as_csv([FIELDS, *rows]))
