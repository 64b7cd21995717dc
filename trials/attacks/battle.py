"""All hostile submissions graded as one class, with honest neighbours; what was the case before, and after."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import nbformat
import psutil
from nbjudge.gather.ask import ask
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.grade.class_run import RunSummary, grade
from nbjudge.grade.feedback import write_feedback
from nbjudge.jail import Limits
from nbjudge.judge.rounds import rounds_of
from nbjudge.judge.secret import load_secret
from nbjudge.reports.scores import Sheet, read_scores
from nbjudge.workspace import SECRET

from autograder import grading_config
from autograder.definition import PS8, at
from autograder.paths import ASSIGNMENT, COLLECTOR, KIT, SOLUTION
from trials.attacks.arena import BYSTANDERS, CHILD, Arena, arena
from trials.attacks.base import Attack

MiB = 1 << 20
LIMITS = Limits(  # small, so that what exhausts them does so soon
    cpu_seconds_per_cell=2,
    seconds_per_cell=20,
    seconds_per_notebook=45,
    cpu_seconds=40,
    memory_bytes=1024 * MiB,
    processes=64,
    written_bytes=32 * MiB,
    evidence_bytes=16 * MiB,
    output_bytes=8 * MiB,
    message_bytes=2 * MiB,
)


@contextmanager
def small_limits() -> Iterator[None]:
    """While it is open, this process grades under them."""
    with patch.object(grading_config, "limits", lambda: LIMITS):
        yield


@dataclass
class HostState:
    """What could be changed from inside a jail, and must not be.

    Attributes:
        files: path -> what it is (see `digest`), of the course, the home, and the grader's own code.
        mounts: how many this process sees.
        children: processes that an attack started.
        marks: what attacks wrote outside.
        folders: in /tmp, of jails whose grader is no more, or named by attacks.
    """

    files: dict[str, str]
    mounts: int
    children: int
    marks: list[str]
    folders: set[str]

    @classmethod
    def now(cls, place: Arena) -> HostState:
        trees = [place.course / "source", place.course / "submitted", place.scene.home, KIT, COLLECTOR, SOLUTION]
        files = {str(path): digest(path) for tree in trees for path in sorted(tree.rglob("*")) if path.suffix != ".pyc"}
        files[SECRET] = digest(place.course / SECRET)
        mounts = len(Path("/proc/self/mounts").read_text().splitlines())
        return cls(files, mounts, left_behind(), sorted(os.listdir(place.scene.marks)), abandoned())


def digest(path: Path) -> str:
    """What a path is: for a file its bytes, without following a link or opening a pipe."""
    mode = path.lstat().st_mode
    return hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else oct(stat.S_IFMT(mode))


def left_behind() -> int:
    """How many processes there are that an attack started."""
    found = 0
    for process in psutil.process_iter():
        try:
            found += CHILD in process.cmdline()
        except psutil.Error:
            continue
    return found


def abandoned() -> set[str]:
    """Folders in /tmp of graders that are no more, and files that attacks name."""
    names = [path.name for kind in ("nbjudge-*", "ps8-*") for path in Path("/tmp").glob(kind)]
    jails = {name for name in names if name.startswith("nbjudge-jail-") and not Path("/proc", name.split("-")[2]).exists()}
    return jails | {name for name in names if name.startswith("ps8-attack")}


@dataclass
class Battle:
    """How it ended.

    Attributes:
        place: the course that was attacked.
        attacks: those that were tried.
        summary: of the grader's run.
        before, after: what could have been changed.
        scores: student -> question -> points.
    """

    place: Arena
    attacks: tuple[Attack, ...]
    summary: RunSummary
    before: HostState
    after: HostState
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)

    def notebook(self, student: str, step: str = "autograded") -> nbformat.NotebookNode:
        """A student's notebook as a step of the grading left it."""
        return nbformat.read(self.place.course / step / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)

    def told(self, student: str) -> str:
        """What the student is told: the first cell, and the outputs of all others."""
        notebook = self.notebook(student)
        outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
        return notebook.cells[0].source + json.dumps(outputs, ensure_ascii=False)

    def gathered(self) -> Iterator[tuple[str, dict, bytes]]:
        """Of all evidence: its name, what was noted about it, and all its bytes."""
        for path in sorted(at(self.place.course).evidence.rglob("*.evidence")):
            yield path.stem, *_opened(path)

    def evidence(self, student: str) -> bytes:
        """All the bytes that were gathered from a student's submission."""
        here = at(self.place.course)
        judge = PS8.judge(load_secret(here.secret))
        with small_limits():  # the evidence's name depends on them
            asked = ask(self.notebook(student, "prepared"), PS8, judge, student, rounds_of(here.root))
        return _opened(EvidenceCache(here.evidence).path(asked.key))[1]

    def page(self, student: str) -> str:
        """The student's feedback page, written now if it was not."""
        page = self.place.course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        if not page.exists():
            failed = write_feedback([student], at(self.place.course))
            if failed:
                raise RuntimeError(f"no feedback: {failed}")
        return page.read_text(encoding="utf-8")

    def gained(self, attack: Attack) -> dict[str, float]:
        """Question -> points beyond what the honest code earns; negative where it got less."""
        got = self.scores[attack.name]
        more = {question: (got[question] or 0.0) - attack.honest.get(question, 0.0) for question in got}
        return {question: round(points, 2) for question, points in more.items() if points}

    def leaked(self, attack: Attack) -> list[str]:
        """The planted secrets that reached the student's page or the evidence."""
        found = self.place.leaked(self.told(attack.name).encode("utf-8", "replace") + self.evidence(attack.name))
        return sorted({*found, *(["a server"] if "REACHED" in self.told(attack.name) else [])})


def _opened(path: Path) -> tuple[dict, bytes]:
    with zipfile.ZipFile(path) as archive:
        data = b"".join(archive.read(name) for name in archive.namelist())
        return json.loads(archive.read("gathered.json")), data


@contextmanager
def battle(folder: Path, attacks: Sequence[Attack], jobs: int = 2) -> Iterator[Battle]:
    """Grades attacks and bystanders together, under small limits.

    Args:
        folder: an empty one, to work in.
        attacks: whose submissions to write.
        jobs: kernels at once.
    """
    with arena(folder) as place:
        for attack in attacks:
            attack.write(place.scene, place.course / "submitted" / attack.name / ASSIGNMENT)
        before, start = HostState.now(place), time.monotonic()
        # The bystanders in the midst of it, before what takes long.
        names = [a.name for a in attacks if not a.exhausting] + [*BYSTANDERS] + [a.name for a in attacks if a.exhausting]
        with small_limits():  # not for as long as somebody looks at the result: others may grade meanwhile
            summary = grade(at(place.course), names, jobs)
        print(f"{len(names)} submissions graded in {time.monotonic() - start:.0f} s")
        result = Battle(place, tuple(attacks), summary, before, HostState.now(place))
        here = at(place.course)
        result.scores = {row.student: row.scores for row in read_scores(here, Sheet.of(here))}
        yield result
