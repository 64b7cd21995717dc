"""Every hostile hand-in, graded once, in one class with two honest students."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook

from autograder import grading
from autograder.attacks import Attack, catalogue
from autograder.attacks.arena import BYSTANDERS, CHILD, Arena, arena
from autograder.grade import pool
from autograder.grade.feedback import write_feedback
from autograder.grade.run import ClassRun, Summary
from autograder.jail import Limits, reasons_unavailable
from autograder.paths import ASSIGNMENT, COLLECTOR, EVIDENCE, KIT, SOLUTION
from autograder.reports.scores import read_scores

MiB = 1 << 20
LIMITS = Limits(
    seconds_per_cell=6,
    seconds_per_notebook=45,
    cpu_seconds=40,
    memory_bytes=1024 * MiB,
    processes=64,
    written_bytes=32 * MiB,
    evidence_bytes=16 * MiB,
    output_bytes=8 * MiB,
    message_bytes=2 * MiB,
)


@dataclass
class World:
    """What could be changed from inside a jail, and must not be."""

    files: dict[str, str]
    mounts: int
    children: int
    marks: list[str]
    folders: set[str]

    @classmethod
    def now(cls, place: Arena) -> World:
        trees = [place.course / "source", place.course / "submitted", place.scene.home, KIT, COLLECTOR, SOLUTION]
        files = {str(path): digest(path) for tree in trees for path in sorted(tree.rglob("*")) if path.suffix != ".pyc"}
        files["secret"] = digest(place.course / "secret.key")
        mounts = len(Path("/proc/self/mounts").read_text().splitlines())
        return cls(files, mounts, left_behind(), sorted(os.listdir(place.scene.marks)), abandoned())


def digest(path: Path) -> str:
    """What a path is: for a file its bytes, without following a link or opening a pipe."""
    mode = path.lstat().st_mode
    return hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else oct(stat.S_IFMT(mode))


def left_behind() -> int:
    """Processes that an attack started."""
    found = 0
    for process in psutil.process_iter():
        try:
            found += CHILD in process.cmdline()
        except psutil.Error:
            continue
    return found


def abandoned() -> set[str]:
    """Folders in /tmp of graders that are no more, and files that attacks name."""
    names = [path.name for path in Path("/tmp").glob("ps8-*")]
    jails = {name for name in names if name.startswith("ps8-jail-") and not Path("/proc", name.split("-")[2]).exists()}
    return jails | {name for name in names if name.startswith("ps8-attack")}


@dataclass
class Battle:
    """How it ended.

    Attributes:
        scores: student -> question -> points.
        seconds: wall time of the grading.
    """

    place: Arena
    attacks: tuple[Attack, ...]
    summary: Summary
    before: World
    after: World
    seconds: float
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)

    def notebook(self, student: str) -> nbformat.NotebookNode:
        return nbformat.read(self.place.course / "autograded" / student / ASSIGNMENT / "ps8.ipynb", as_version=4)

    def told(self, student: str) -> str:
        """What the student is told: the first cell, and the outputs of all others."""
        notebook = self.notebook(student)
        return notebook.cells[0].source + json.dumps(
            [c.outputs for c in notebook.cells if c.cell_type == "code"], ensure_ascii=False
        )

    def gathered(self) -> Iterator[tuple[str, dict, bytes]]:
        """Of all evidence: its name, what was noted about it, and all its bytes."""
        for path in sorted((self.place.course / EVIDENCE).rglob("*.zip")):
            with zipfile.ZipFile(path) as archive:
                data = b"".join(archive.read(name) for name in archive.namelist())
                yield path.name, json.loads(archive.read("gathered.json")), data

    def page(self, student: str) -> str:
        """The student's feedback page, written now if it was not."""
        page = self.place.course / "feedback" / student / ASSIGNMENT / "ps8.html"
        if not page.exists():
            assert write_feedback([student], self.place.course) == {}
        return page.read_text()


def chosen() -> tuple[Attack, ...]:
    """All attacks, or those named in PS8_ATTACKS, for work on a few."""
    wanted = os.environ.get("PS8_ATTACKS", "").split(",")
    return tuple(a for a in catalogue() if wanted == [""] or a.id in wanted or str(a.family) in wanted)


@pytest.fixture(scope="session")
def battle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battle]:
    """All attacks and two bystanders, graded together by two workers under small limits."""
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    patch = pytest.MonkeyPatch()
    patch.setattr(grading, "limits", lambda: LIMITS)
    attacks = chosen()
    with arena(tmp_path_factory.mktemp("attacks")) as place:
        for attack in attacks:
            attack.write(place.scene, place.course / "submitted" / attack.name / ASSIGNMENT)
        before, start = World.now(place), time.monotonic()
        names = [a.name for a in attacks if not a.exhausting] + [*BYSTANDERS] + [a.name for a in attacks if a.exhausting]
        summary = ClassRun(names, pool.local(2), course=place.course).run()
        seconds = time.monotonic() - start
        result = Battle(place, attacks, summary, before, World.now(place), seconds)
        rows = read_scores(f"sqlite:///{place.course}/gradebook.db")
        result.scores = {row.student: row.scores for row in rows}
        yield result
    patch.undo()


@pytest.fixture(scope="session")
def gradebook(battle: Battle) -> Iterator[Gradebook]:
    with Gradebook(f"sqlite:///{battle.place.course}/gradebook.db") as book:
        yield book
