"""Tells the gradebook about the assignment: its notebooks, cells and points, as the source has them now."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import timezone
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from autograder import grading
from autograder.nbgrader_ext.config import course_config
from autograder.nbgrader_ext.log import quiet
from autograder.paths import ASSIGNMENT, COURSE


def register(course: Path = COURSE) -> bool:
    """Runs nbgrader's `generate_assignment` for the gradebook's sake, and notes the deadline, if one of the two changed since.

    The release stays.

    Returns:
        Whether there was anything to do.

    Raises:
        RuntimeError: with what nbgrader wrote into its log, if it could not.
    """
    noted = course / "graded" / ".source"
    digest = _digest(course)
    if noted.is_file() and noted.read_text() == digest and _known(course):
        return False
    config = course_config(course)
    with tempfile.TemporaryDirectory() as release:
        config.CourseDirectory.release_directory = release
        coursedir = CourseDirectory(config=config, assignment_id=ASSIGNMENT)
        converter = GenerateAssignment(coursedir=coursedir, config=config)
        converter.force = True
        with quiet(converter):
            converter.start()
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:  # which has times in UTC, without saying so
        due = grading.course().deadline.astimezone(timezone.utc).replace(tzinfo=None)
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due)
    noted.parent.mkdir(exist_ok=True)
    noted.write_text(digest)
    return True


def _digest(course: Path) -> str:
    files = sorted((course / "source" / ASSIGNMENT).glob("*.ipynb"))
    due = {"deadline": grading.course().deadline.isoformat()}
    return json.dumps({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files} | due)


def _known(course: Path) -> bool:
    """Whether the gradebook has the assignment; another program may have made it, or made it anew."""
    try:
        with closing(sqlite3.connect(f"{(course / 'gradebook.db').resolve().as_uri()}?mode=ro", uri=True)) as gradebook:
            return gradebook.execute("SELECT 1 FROM assignment WHERE name = ?", (ASSIGNMENT,)).fetchone() is not None
    except sqlite3.Error:
        return False
