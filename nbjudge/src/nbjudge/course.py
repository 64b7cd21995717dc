"""Finds the course directory and the assignment that a command is about, and reads the course's own configuration."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets.config import Config

from nbjudge import CONFIG, OnlyNames
from nbjudge.assignment import Refusal, forget_assignments
from nbjudge.workspace import GRADEBOOK, Workspace, assignments_of

# What nbgrader lets a course lay out otherwise, and how it is here.
_USUAL = {
    "directory_structure": str(Path("{nbgrader_step}", "{student_id}", "{assignment_id}")),
    "source_directory": "source",
    "submitted_directory": "submitted",
    "autograded_directory": "autograded",
    "feedback_directory": "feedback",
    "student_id": "*",
    "student_id_exclude": "",
    "notebook_id": "*",
}
_NOT_FOLLOWED = (
    "the commands of nbjudge do not follow that. Take it out of there, or use nbgrader's own, such as `nbgrader autograde`, "
    "which jails, repairs and judges all the same."
)


class NoCourse(RuntimeError):
    """There is no course directory, or no such assignment in it. The text says where was looked, and what to type."""


def course_directory(start: Path) -> Path:
    """Nbgrader's course directory: the folder itself, one above it, or the only one directly below it.

    Raises:
        NoCourse: if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder
    below = sorted(path.parent for path in start.glob(f"*/{CONFIG}"))
    if len(below) == 1:
        return below[0]
    if below:
        raise NoCourse(f"There are several courses below {start}: choose one, as with --course {below[0].name}.")
    raise NoCourse(f"No {CONFIG} in {start}, above or below it: go to the course directory, or name it with --course.")


def workspace(root: Path, assignment: str = "") -> Workspace:
    """The workspace of an assignment, with the course's configuration read.

    Args:
        root: the course directory.
        assignment: its id; empty for the only one.

    Raises:
        NoCourse: if there is no such assignment, or several where none was named; or if the course is kept in another way.
    """
    settings = read_configuration(root)
    there, gradebook = assignments_of(root), gradebook_of(settings, root)
    if not assignment and len(there) == 1:
        return Workspace.of(root, there[0], gradebook)
    if assignment in there:
        return Workspace.of(root, assignment, gradebook)
    if not there:
        raise NoCourse(f"No assignment in {root.name}/source/: put the instructor's notebooks into source/NAME/.")
    named = f"There is no assignment {assignment} in {root.name}/source/" if assignment else "Several assignments"
    raise NoCourse(f"{named}: choose one of {', '.join(there)}.")


def gradebook_of(settings: Mapping[str, Any], root: Path) -> Path:
    """Where the course's configuration has its gradebook.

    Raises:
        NoCourse: if that is no file, or the course directory is laid out as only nbgrader's own commands follow.
    """
    said = settings.get("CourseDirectory", {})
    for name, usual in _USUAL.items():
        if (value := said.get(name, usual)) != usual:
            raise NoCourse(f"{CONFIG} sets CourseDirectory.{name} to {value!r}, not {usual!r}: {_NOT_FOLLOWED}")
    if Path(said.get("root") or root).resolve() != root.resolve():
        raise NoCourse(f"{CONFIG} sets CourseDirectory.root to {said['root']!r}, not to its own folder: {_NOT_FOLLOWED}")
    url = str(said.get("db_url", ""))
    kind, _, path = url.partition(":///")
    if url and (kind not in ("sqlite", "sqlite+pysqlite") or not path or "?" in path):
        kept = f"in a database of {kind.partition('://')[0].partition('+')[0]!r}"
        raise NoCourse(f"{CONFIG} keeps the gradebook {kept}, not in a file of SQLite's: {_NOT_FOLLOWED}")
    return root / (path or GRADEBOOK)


def read_configuration(root: Path) -> Config:
    """Runs the course's `nbgrader_config.py`, for the assignments that it names; gives what else it sets."""
    from traitlets.config.loader import PyFileConfigLoader

    class Loader(PyFileConfigLoader):
        """Its `get_config()` gives what asks for the assignments' names alone: nothing of nbgrader is imported for that."""

        def clear(self) -> None:
            self.config = OnlyNames()

    forget_assignments()  # those of another course
    if not (root / CONFIG).is_file():
        return Config()
    if str(root) not in sys.path:  # as nbgrader's commands have it, so that a module beside the file is found
        sys.path.append(str(root))
    try:
        return Loader(CONFIG, path=str(root)).load_config()
    except Refusal:
        raise
    except SystemExit as error:  # of `nbjudge.guarded`, which says why
        raise NoCourse(str(error)) from error
    except Exception as error:  # it is a program: it may raise anything
        raise NoCourse(f"{CONFIG} cannot be read, so nothing is graded: {type(error).__name__}: {error}") from error
