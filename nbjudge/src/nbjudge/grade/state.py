"""What was graded already: a submission whose files, and a grader whose code, did not change need not be looked at again.

Only the standard library is imported here, and what imports no more, so that asking costs next to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import sys
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

from nbjudge import CONFIG
from nbjudge.grade.student_names import student_key
from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.code_digest import digest_of, imported
from nbjudge.inputs import files_of, installed, shown_digest
from nbjudge.judge.secret import load_secret, secret_file
from nbjudge.workspace import Workspace, assignments_of

# What decides a score: the way of a submission, and what nbgrader is told by name to run.
CODE = (
    "nbjudge.grade.class_run",
    "nbjudge.nbgrader_ext.metadata_check",
    "nbjudge.nbgrader_ext.execute",
    "nbjudge.nbgrader_ext.exporter",
    "nbjudge.nbgrader_ext.extend",
    "nbjudge.nbgrader_ext.repair",
    "nbjudge.policies.late_policy",
)
_INSIDE = Path(__file__).parents[1] / "jail" / "inside"  # run by a student's kernel, not imported here
_PACKAGES = ("numpy", "nbgrader", "nbformat", "nbconvert", "ipykernel")
_KNOWN = """
SELECT 1 FROM submitted_assignment JOIN assignment ON assignment.id = submitted_assignment.assignment_id
WHERE submitted_assignment.student_id = ? AND assignment.name = ?
"""
_DUE = """
SELECT assignment.duedate, submitted_assignment.extension FROM assignment LEFT JOIN submitted_assignment
ON submitted_assignment.assignment_id = assignment.id AND submitted_assignment.student_id = ? WHERE assignment.name = ?
"""
_LARGEST = 64 * 2**20  # of a file whose bytes count; a larger one counts by size and time


def grader_digest(workspace: Workspace) -> str:
    """A digest of all code and configuration that a score depends on, the course's secret included. That is made if need be."""
    load_secret(workspace.secret)  # before anything is noted: a key that is made later would change every note
    assignment, jail = workspace.assignment, workspace.assignment.jail()
    read = [path for path in assignment.files() if path.suffix == ".py"]
    config = workspace.root / CONFIG
    modules = (*CODE, type(assignment).__module__, *assignment.modules)
    ours = imported(modules, [config] if config.is_file() else [])
    files = {*ours, *_INSIDE.rglob("*.py"), *files_of(jail), *read}
    versions = installed(assignment, *_PACKAGES)
    said = [repr(assignment.limits()), shown_digest(jail), assignment.said()]
    digest = hashlib.sha256("\n".join([sys.version, digest_of(files), *versions, *said]).encode())
    facts = [secret_file(workspace.secret), config]
    for file in [*facts, *sorted(path for path in assignment.files() if path.suffix != ".py")]:
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + _content(file))
    for file in workspace.given():
        digest.update(f"{file.relative_to(workspace.source)}\0".encode() + _content(file.resolve()))
    return digest.hexdigest()


def submission_digest(folder: Path) -> str:
    """A digest of every file that was handed in, following no link."""
    digest = hashlib.sha256()
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(path) / name
            digest.update(os.fsencode(file.relative_to(folder)) + b"\0" + _content(file))
    return digest.hexdigest()


def _content(file: Path) -> bytes:
    """What tells a file from another one; it may be anything, and become something else meanwhile."""
    try:
        status = file.lstat()
        told = str((status.st_mode, status.st_size)).encode()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return told + str(status.st_mtime_ns).encode()
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:  # no wait for a pipe
            return told + hashlib.sha256(opened.read(_LARGEST)).digest()
    except OSError as error:
        return str(error.errno).encode()


class Graded:
    """Notes which submissions are graded: one small file a student, written last, when all else is on disk.

    While a submission is being graded its note says so, and what to see to if the grader is killed in the middle.

    Args:
        workspace: where submissions, notes and autograded notebooks are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def grader(self) -> str:
        """A digest of the grader, as it was when it was first asked for."""
        return grader_digest(self.workspace)

    def digest(self, student: str) -> str:
        """A digest of a submission as it is now, of the grader, and of when the gradebook says that it was due."""
        submission, due = submission_digest(self.workspace.submitted(student)), self._asked(_DUE, student)
        return hashlib.sha256(f"{self.grader}{submission}{due}".encode()).hexdigest()

    def up_to_date(self, student: str) -> bool:
        """Whether a student's submission was graded as it is, by this grader, and the result is still there."""
        return (
            self._read(student) == {"digest": self.digest(student)}
            and self.workspace.autograded(student).is_dir()
            and self._in_gradebook(student)
        )

    def begin(self, student: str, left: dict[str, Any]) -> None:
        """Notes that a student's grades are being written, so that what stands there now is not taken for whole.

        Args:
            student: whose.
            left: plain data that the next grading needs if this one does not come to its end.
        """
        self._write(student, {"begun": left})

    def begun(self, student: str) -> dict[str, Any] | None:
        """What a grading that did not come to its end has left; None if the last one did."""
        return self._read(student).get("begun")

    def note(self, student: str, digest: str) -> None:
        """Notes that a student's submission with this digest is graded. The notebooks are made sure of first."""
        for path in self.workspace.autograded(student).glob("*.ipynb"):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        self._write(student, {"digest": digest})

    def _note(self, student: str) -> Path:
        return self.workspace.graded / f"{student_key(student)}.json"

    def _read(self, student: str) -> dict[str, Any]:
        try:
            note = json.loads(self._note(student).read_text())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _write(self, student: str, note: dict[str, Any]) -> None:
        self._note(student).parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._note(student), json.dumps(note), fsync=True)

    def _in_gradebook(self, student: str) -> bool:
        """Whether nbgrader's gradebook knows the submission; it may have been deleted, or replaced by an older one."""
        return self._asked(_KNOWN, student) is not None

    def _asked(self, question: str, student: str) -> tuple[Any, ...] | None:
        """What the gradebook has on a student: the first row; None if there is none, or no gradebook."""
        address = f"{self.workspace.gradebook.resolve().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True)) as gradebook:
                found: tuple[Any, ...] | None = gradebook.execute(question, (student, self.workspace.id)).fetchone()
                return found
        except sqlite3.Error:
            return None


def overlooked(workspace: Workspace) -> list[str]:
    """What lies in `submitted/` and is nobody's submission: a folder without one for this assignment, a file, a link."""
    folder = workspace.root / "submitted"
    found = {entry.name for entry in os.scandir(folder)} if folder.is_dir() else set()
    others = [name for name in assignments_of(workspace.root) if name != workspace.id]
    found -= {name for name in found if any((folder / name / other).is_dir() for other in others)}  # they handed in that
    return sorted(name for name in found - set(students(workspace)) if not name.startswith("."))


def students(workspace: Workspace) -> list[str]:
    """Who handed something in: the folders of `submitted/` that hold one for this assignment."""
    folder = workspace.root / "submitted"
    if not folder.is_dir():
        return []
    return sorted(
        entry.name
        for entry in os.scandir(folder)
        if entry.is_dir(follow_symlinks=False) and workspace.submitted(entry.name).is_dir()
    )
