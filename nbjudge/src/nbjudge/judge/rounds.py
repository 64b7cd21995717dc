"""Rounds of grading: inputs are used in one round and never again, so what feedback tells of them is of no use later.

A student may hand in as often as the deadline allows, and an answer can carry out what it was called with, a little each time.
So sets of inputs belong to a round: every grading that asks something new begins one. One that was asked before is asked the
same again, since its evidence is kept by what it was asked.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from pathlib import Path

from nbjudge.ground.atomic_files import write_whole
from nbjudge.workspace import GRADED

LONGEST = 600.0  # seconds that a round lasts: a process that stays, as formgrader's does, grades and shows feedback in turn
FOLDER = "rounds"  # in the course directory's `graded/`
LAST = "last.json"


class Rounds:
    """Remembers in which round each submission was first asked.

    Args:
        folder: of the notes: one small file a student, and the number of the last round.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current, self._begun = 0, 0.0

    def of(self, student: str, notebook: str, content: bytes) -> int:
        """The round in which this was first asked, >= 1; the current one if it never was.

        A student whose notebook was asked something else in the current round begins the next one: nobody meets one round's
        inputs with two answers.

        Args:
            student: whose.
            notebook: which of the submission's notebooks.
            content: a digest of what it does.
        """
        path = self.folder / f"{hashlib.sha256(os.fsencode(student)).hexdigest()[:32]}.json"
        noted = _read(path)
        asked = noted.setdefault(notebook, {})
        if (number := asked.get(content.hex())) is None:
            over = time.monotonic() - self._begun > LONGEST
            if not self._current or over or self._current in asked.values():
                self._begin()
            number = asked[content.hex()] = self._current
            _write(path, noted)
        return number

    def used_up(self, number: int) -> None:
        """Notes that rounds up to this one, >= 0, are over: the next to be asked meets a later one's inputs."""
        if number:
            _write(self.folder / LAST, {"": {"": number}})

    def _begin(self) -> None:
        """Begins a round, and notes that before anything is asked in it."""
        noted = (number for path in self.folder.glob("*.json") for table in _read(path).values() for number in table.values())
        self._current, self._begun = 1 + max(noted, default=0), time.monotonic()
        _write(self.folder / LAST, {"": {"": self._current}})


@functools.cache
def rounds_of(course: Path) -> Rounds:
    """Those of a course directory; one object a process, as one round is."""
    return Rounds(course / GRADED / FOLDER)


def _read(path: Path) -> dict[str, dict[str, int]]:
    """A note; nothing if there is none that is whole."""
    try:
        noted = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    tables = noted.items() if isinstance(noted, dict) else ()
    return {
        name: {key: number for key, number in table.items() if isinstance(number, int) and number > 0}
        for name, table in tables
        if isinstance(table, dict)
    }


def _write(path: Path, noted: dict[str, dict[str, int]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(noted))
