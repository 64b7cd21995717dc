"""Puts submissions where nbgrader looks for them. What lay there is moved aside, never overwritten, and all of it is noted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from nbjudge.collect.collection_plan import REPLACES, SAME, Taken
from nbjudge.collect.files import SubmissionFiles
from nbjudge.grade.student_names import shown_student
from nbjudge.nbgrader_ext.timestamps import write_timestamp
from nbjudge.workspace import Workspace

FOLDER = "collected"  # in the course directory
LOG = "log.jsonl"
REPLACED = "replaced"


def collection_folder(workspace: Workspace) -> Path:
    """Where what was collected is noted, and what was replaced is kept."""
    return workspace.root / FOLDER / workspace.id


@dataclass
class Writer:
    """Writes what a plan takes, one student after another; one's trouble does not stop the others.

    Attributes:
        workspace: of the assignment.
        now: when it is done.
        failed: student's id -> why nothing was written.
        replaced: student's id -> where what was there is now, below the course directory.
    """

    workspace: Workspace
    now: datetime
    failed: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)

    def __call__(self, taken: Taken, files: SubmissionFiles) -> None:
        """Writes one submission."""
        student = taken.candidate.student
        if taken.state == SAME:
            return
        try:
            self._write(student, taken, files)
            self._note(student, taken)
        except OSError as error:
            self.failed[student] = f"{error.strerror or error}: {shown_student(str(error.filename or ''), 80)}"

    def _write(self, student: str, taken: Taken, files: SubmissionFiles) -> None:
        final = self.workspace.submitted(student)
        partial = final.with_name(f".{final.name}.part")
        shutil.rmtree(partial, ignore_errors=True)
        for path, data in files.data.items():
            target = partial / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if taken.candidate.when is not None:
            write_timestamp(partial, taken.candidate.when.astimezone(timezone.utc))
        if taken.state == REPLACES:
            aside = self._aside(student)
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(final, aside)
            self.replaced[student] = aside.relative_to(self.workspace.root).as_posix()
        partial.rename(final)

    def _aside(self, student: str) -> Path:
        """A folder of this moment, which no other collection has."""
        stamp = f"{self.now.astimezone(timezone.utc):%Y-%m-%dT%H%M%SZ}"
        folder = collection_folder(self.workspace) / REPLACED
        names = (stamp, *(f"{stamp}-{number}" for number in range(2, 1000)))
        return next(folder / name / student for name in names if not (folder / name / student).exists())

    def _note(self, student: str, taken: Taken) -> None:
        when = taken.candidate.when
        line = {
            "collected": self.now.isoformat(timespec="seconds"),
            "student": student,
            "download": taken.candidate.download.name,
            "entry": taken.candidate.entry.label,
            "participant": taken.candidate.entry.participant,
            "submitted": when.isoformat() if when else None,
            "late": taken.candidate.entry.late,
            "files": {path: {"from": taken.origin[path], "sha256": digest} for path, digest in taken.digests.items()},
            "replaced": self.replaced.get(student),
        }
        folder = collection_folder(self.workspace)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")


def noted(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Student's id -> the last note about a submission that was collected. A line that cannot be read is passed over."""
    return {note["student"]: note for note in _notes(collection_folder(workspace) / LOG)}


def _notes(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            note = json.loads(line)
        except ValueError:  # the last line of a collection that was killed
            continue
        if isinstance(note, dict) and isinstance(note.get("student"), str):
            yield note
