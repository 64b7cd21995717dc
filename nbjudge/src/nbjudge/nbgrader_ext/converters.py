"""What nbgrader's converters do wrong with odd names, and with grades that are there already. There is no setting for either.

A folder whose name holds `*`, `?`, `[` or a line's end is found, and found alone. Where a submission cannot be graded anew, the
graded notebooks stay where they are, as the scores stay in the gradebook, too.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
from pathlib import Path

from nbgrader.converters import Autograde, BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute

from nbjudge.jail.held import put
from nbjudge.repair.beside import handed_in

BEFORE = ".before-"  # begins the name of a folder of graded notebooks that are being replaced

_format_path = CourseDirectory.format_path
_init_destination = BaseConverter.init_destination
_init_preprocessors = Autograde._init_preprocessors
_convert_notebooks = BaseConverter.convert_notebooks
_init_assignment = BaseConverter.init_assignment


def mend() -> None:
    """From now on nbgrader's converters in this process do better."""
    CourseDirectory.format_path = _path
    BaseConverter.init_notebooks = _find_notebooks
    BaseConverter.init_assignment = _copy_files
    Autograde.init_destination = _set_aside
    Autograde.convert_notebooks = _restoring
    Autograde._init_preprocessors = _in_the_jail


def _in_the_jail(self: Autograde) -> None:
    """As nbgrader's own; where the configuration was dropped since, as one is that raises, nothing is run.

    Raises:
        NbGraderException: if student code would run without a jail.
    """
    if any(step is Execute or str(step).rpartition(".")[2] == "Execute" for step in self.autograde_preprocessors):
        raise NbGraderException(
            "nbgrader_config.py could not be read to its end, or names other autograde_preprocessors: student code would run "
            "without a jail, so nothing is run. `nbjudge doctor` says more."
        )
    _init_preprocessors(self)


def _path(self: CourseDirectory, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False) -> str:
    """As nbgrader's own; in what it makes a regular expression of, a dot may be a line's end, too."""
    path = str(_format_path(self, nbgrader_step, student_id, assignment_id, escape))
    return f"(?s){path}" if escape else path


def _find_notebooks(self: BaseConverter) -> None:
    """As nbgrader's own, which takes the folders that it has found for patterns once more. A name goes before a pattern."""
    course = self.coursedir
    path = self._format_source(course.assignment_id, course.student_id)
    named = course.student_id != "*" and os.path.isdir(path)
    pattern = glob.escape(path) if named else glob.escape(course.root) + path.removeprefix(course.root)
    notebook = f"{course.notebook_id}.ipynb"
    found = {folder: glob.glob(os.path.join(glob.escape(folder), notebook)) for folder in glob.glob(pattern)}
    self.notebooks, self.assignments = [], {folder: notebooks for folder, notebooks in found.items() if notebooks}
    for folder in sorted(found.keys() - self.assignments.keys()):
        self.log.warning("There is no %s in %r", notebook, folder)
    if not self.assignments:
        message = f"No notebooks were matched by {pattern!r}"
        self.log.error(message)
        raise NbGraderException(message)


def _copy_files(self: BaseConverter, assignment_id: str, student_id: str) -> None:
    """As nbgrader's own, which follows a student's links: what they lead to would come back with the feedback."""
    if not isinstance(self, Autograde):
        _init_assignment(self, assignment_id, student_id)
        return
    found = handed_in(Path(self._format_source(assignment_id, student_id)), self.coursedir.ignore)
    for remark in found.remarks:
        self.log.warning("%s: %s", student_id, remark)
    put(found.files, Path(self._format_dest(assignment_id, student_id)))


def _set_aside(self: Autograde, assignment_id: str, student_id: str) -> bool:
    """As nbgrader's own, which deletes what was graded before it knows whether anything can be graded now.

    Raises:
        NbGraderException: if the main notebook may be there under another name: nbgrader would give it no points.
    """
    folder = self._format_dest(assignment_id, student_id)
    if self.force and self.coursedir.notebook_id == "*" and os.path.isdir(folder):
        if os.path.isdir(aside(folder)):
            shutil.rmtree(folder)  # a half of what a grader wrote that was killed
        else:
            os.rename(folder, aside(folder))
    if strange := _strange(self, assignment_id):
        raise NbGraderException(
            f"{strange} may be the main notebook of {student_id!r} under another name, and was not graded. "
            f"`nbjudge grade {assignment_id}` finds out; or rename it to {assignment_id}.ipynb."
        )
    return bool(_init_destination(self, assignment_id, student_id))


def _strange(self: Autograde, assignment_id: str) -> str:
    """A notebook that is none of the assignment's, where the main one is not there."""
    source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment_id))
    known = {path.name for path in source.glob("*.ipynb")}
    here = [os.path.basename(path) for path in self.notebooks]
    if f"{assignment_id}.ipynb" not in known or f"{assignment_id}.ipynb" in here or self.coursedir.notebook_id != "*":
        return ""
    return next((name for name in here if name not in known), "")


def _restoring(self: Autograde) -> None:
    """As nbgrader's own; then puts back what was set aside, wherever nothing has taken its place."""
    with contextlib.ExitStack() as end:
        for source in self.assignments:
            names = re.match(self._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True), source)
            if names is not None:
                end.callback(_settle, self._format_dest(**names.groupdict()))
        _convert_notebooks(self)


def aside(folder: str) -> str:
    """Where a folder of graded notebooks waits until others have taken its place."""
    head, tail = os.path.split(os.path.normpath(folder))
    return os.path.join(head, BEFORE + tail)


def _settle(folder: str) -> None:
    if os.path.isdir(folder):
        shutil.rmtree(aside(folder), ignore_errors=True)
    elif os.path.isdir(aside(folder)):
        os.rename(aside(folder), folder)
