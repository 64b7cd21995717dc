"""Tells the gradebook about the assignment: its notebooks, cells and points, as the source has them now."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import timezone

from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from nbjudge.grade.failures import failure_line
from nbjudge.grade.preconditions import graded_cells, points_of_gradebook, points_of_source
from nbjudge.ground.listing import listed
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.nbgrader_ext.log import NotConverted, quiet
from nbjudge.workspace import Workspace

_CELLS = """
SELECT notebook.name, source_cell.name FROM source_cell JOIN notebook ON notebook.id = source_cell.notebook_id
JOIN assignment ON assignment.id = notebook.assignment_id WHERE assignment.name = ?
AND EXISTS (SELECT 1 FROM submitted_assignment WHERE submitted_assignment.assignment_id = assignment.id)
"""
_DECIDE = (
    "The gradebook holds submissions already, and nbgrader changes no cells then. Take the change back; or save what was "
    "graded by hand (`nbgrader export`), move the gradebook away, and grade the class anew."
)


class NotRegistered(RuntimeError):
    """The gradebook cannot hold the assignment as it is now. The text says in a line why, and what there is to decide."""


def register_in_gradebook(workspace: Workspace) -> bool:
    """Runs nbgrader's `generate_assignment` for the gradebook's sake, and notes the deadline, if one of the two changed since.

    The release stays.

    Returns:
        Whether there was anything to do.

    Raises:
        NotRegistered: if nbgrader could not.
    """
    noted = workspace.graded / ".source"
    digest = _digest(workspace)
    if noted.is_file() and noted.read_text("utf-8", "replace") == digest and _same_points(workspace):
        return False
    config = course_config(workspace.root)
    with tempfile.TemporaryDirectory() as release:
        config.CourseDirectory.release_directory = release
        coursedir = CourseDirectory(config=config, assignment_id=workspace.id)
        converter = GenerateAssignment(coursedir=coursedir, config=config)
        converter.force = True
        try:
            with quiet(converter):
                converter.start()
        except NotConverted as error:
            changed = _changed(workspace)
            why = f"{changed}. {_DECIDE}" if changed else f"nbgrader cannot take over source/{workspace.id}: {error}"
            raise NotRegistered(failure_line(why, 700)) from error
    with Gradebook(workspace.database) as gradebook:  # which has times in UTC, without saying so
        if (deadline := workspace.assignment.facts().deadline) is not None:
            due = deadline.astimezone(timezone.utc).replace(tzinfo=None)
            gradebook.update_or_create_assignment(workspace.id, duedate=due)
    if not _same_points(workspace):
        raise NotRegistered(f"The gradebook did not take over the points of source/{workspace.id}. {_DECIDE}")
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(digest)
    return True


def _digest(workspace: Workspace) -> str:
    files, deadline = workspace.notebooks(), workspace.assignment.facts().deadline
    due = {"deadline": deadline.isoformat() if deadline else ""}
    return json.dumps({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files} | due)


def _same_points(workspace: Workspace) -> bool:
    """Whether the gradebook counts what the source does; another program may have made it, or an older copy be there."""
    return points_of_gradebook(workspace) == points_of_source(workspace)


def _changed(workspace: Workspace) -> str:
    """Which cells came into the source or went since submissions are in the gradebook; nothing if none did."""
    path = workspace.gradebook.resolve()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as gradebook:
            before = set(gradebook.execute(_CELLS, (workspace.id,)))
    except sqlite3.Error:
        return ""
    source = workspace.notebooks()
    now = {
        (file.stem, cell["grade_id"])
        for file in source
        for cell in graded_cells(file)
        if cell.get("grade") or cell.get("solution") or cell.get("locked") or cell.get("task")
    }
    changes = ((now - before, "added to"), (before - now, "taken from"))
    told = [f"{_listed(cells)} {what} source/{workspace.id}" for cells, what in changes if before and cells]
    return f"Since the class was first graded {' and '.join(told)}" if told else ""


def _listed(cells: set[tuple[str, str]]) -> str:
    names = listed([f"`{name}` ({notebook}.ipynb)" for notebook, name in sorted(cells)], 3)
    return f"the cell{'s' if len(cells) > 1 else ''} {names} {'were' if len(cells) > 1 else 'was'}"
