"""Finds the course directory and the assignment that a command is about, and reads the course's own configuration."""

from __future__ import annotations

import sys
from pathlib import Path

from nbjudge import CONFIG, OnlyNames
from nbjudge.assignment import Refusal, forget
from nbjudge.workspace import Workspace, assignments_of


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
        NoCourse: if there is no such assignment, or several where none was named.
    """
    read_configuration(root)
    there = assignments_of(root)
    if not assignment and len(there) == 1:
        return Workspace.of(root, there[0])
    if assignment in there:
        return Workspace.of(root, assignment)
    if not there:
        raise NoCourse(f"No assignment in {root.name}/source/: put the instructor's notebooks into source/NAME/.")
    named = f"There is no assignment {assignment} in {root.name}/source/" if assignment else "Several assignments"
    raise NoCourse(f"{named}: choose one of {', '.join(there)}.")


def read_configuration(root: Path) -> None:
    """Runs the course's `nbgrader_config.py`, for the assignments that it names."""
    from traitlets.config.loader import PyFileConfigLoader

    class Loader(PyFileConfigLoader):
        """Its `get_config()` gives what asks for the assignments' names alone: nothing of nbgrader is imported for that."""

        def clear(self) -> None:
            self.config = OnlyNames()

    forget()  # those of another course
    if not (root / CONFIG).is_file():
        return
    if str(root) not in sys.path:  # as nbgrader's commands have it, so that a module beside the file is found
        sys.path.append(str(root))
    try:
        Loader(CONFIG, path=str(root)).load_config()
    except Refusal:
        raise
    except SystemExit as error:  # of `nbjudge.guarded`, which says why
        raise NoCourse(str(error)) from error
    except Exception as error:  # it is a program: it may raise anything
        raise NoCourse(f"{CONFIG} cannot be read, so nothing is graded: {type(error).__name__}: {error}") from error
