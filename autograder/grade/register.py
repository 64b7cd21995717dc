"""Tells the gradebook about the assignment: its notebooks, cells and points, as the source has them now."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.nbgrader_ext.config import configure
from autograder.nbgrader_ext.log import quiet
from autograder.paths import ASSIGNMENT, COURSE


def register(course: Path = COURSE) -> bool:
    """Runs nbgrader's `generate_assignment` for the gradebook's sake if the source changed since. The release stays.

    Returns:
        Whether there was anything to do.

    Raises:
        RuntimeError: with what nbgrader wrote into its log, if it could not.
    """
    noted = course / "graded" / ".source"
    digest = _digest(course)
    if (course / "gradebook.db").exists() and noted.is_file() and noted.read_text() == digest:
        return False
    config = Config()
    configure(config)
    config.CourseDirectory.root = str(course)
    with tempfile.TemporaryDirectory() as release:
        config.CourseDirectory.release_directory = release
        coursedir = CourseDirectory(config=config, assignment_id=ASSIGNMENT)
        converter = GenerateAssignment(coursedir=coursedir, config=config)
        converter.force = True
        with quiet(converter):
            converter.start()
    noted.parent.mkdir(exist_ok=True)
    noted.write_text(digest)
    return True


def _digest(course: Path) -> str:
    files = sorted((course / "source" / ASSIGNMENT).glob("*.ipynb"))
    return json.dumps({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files})
