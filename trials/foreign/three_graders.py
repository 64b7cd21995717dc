"""The attacks on nbgrader's example course, graded as one class with honest students in its midst; and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.utils import is_grade, is_solution
from nbjudge.course import workspace
from nbjudge.grade.class_run import grade
from nbjudge.grade.feedback import write_feedback
from nbjudge.ground.notebooks import writes

from trials.attacks.arena import Arena
from trials.attacks.base import Attack
from trials.attacks.battle import HostState
from trials.foreign.example_course import ASSIGNMENT, FULL, HONEST, NOTEBOOK, attacked, gained, plant, scores

ACTIVE = ('<script>alert("ps8xss")', "<img src=x onerror=", "<svg onload=", '<a href="javascript:alert')


@dataclass(frozen=True)
class Ended:
    """How it ended.

    Attributes:
        achieved: attack -> points gained, secrets read, and whether it was graded.
        harm: what was changed, left behind or shown that should not be, by any of them.
        stopped: honest students whose scores are not what they should be.
    """

    achieved: dict[str, dict[str, Any]]
    harm: list[str]
    stopped: list[str]


def battle(folder: Path, lines: str, attacks: Sequence[Attack], jobs: int = 2) -> Ended:
    """Grades attacks and honest students by `nbjudge grade`.

    Args:
        folder: an empty one, to work in.
        lines: what the course's configuration has besides nbgrader's own.
        attacks: whose submissions to write.
        jobs: kernels at once.
    """
    course = plant(folder)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(lines)
    names = [a.name for a in attacks if not a.exhausting] + [*HONEST] + [a.name for a in attacks if a.exhausting]
    with attacked(folder) as place:
        for attack in attacks:
            attack.write(place.scene, course / "submitted" / attack.name / ASSIGNMENT)
        before, start, here = HostState.now(place), time.monotonic(), workspace(course)
        summary = grade(here, names, jobs)
        print(f"{len(names)} submissions graded in {time.monotonic() - start:.0f} s", summary.failed or "", summary.stopped)
        harm = harmed(before, HostState.now(place))
        write_feedback([name for name in names if name not in summary.failed], here)
        found = scores(course)
        harm += [f"script in the page of {a.name}" for a in attacks if shows_script(course, a.name)]
        achieved = {a.id: achieved_by(a, place, found) for a in attacks}
        return Ended(achieved, harm, [name for name in HONEST if found.get(name) != FULL])


def achieved_by(attack: Attack, place: Arena, found: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Points gained beyond those of the honest code, and secrets that reached what the student gets."""
    got = found.get(attack.name, {})
    leaked = sorted({*place.leaked(given_back(place.course, attack.name)), *(["a server"] if place.reached else [])})
    return {"gained": gained(got, attack.honest), "leaked": leaked, "graded": bool(got)}


def harmed(before: HostState, now: HostState) -> list[str]:
    """What is not as it was."""
    harm = [f"{Path(name).name} changed" for name, was in before.files.items() if now.files.get(name) != was]
    harm += [f"wrote {name} outside" for name in now.marks]
    harm += ["a process was left"] * (now.children > before.children)
    return harm + ["a folder was left"] * bool(now.folders - before.folders)


def given_back(course: Path, student: str) -> bytes:
    """What a student gets to see: the graded notebook but for the tests' own text, which nbgrader puts into each, and files."""
    graded = course / "autograded" / student / ASSIGNMENT / NOTEBOOK
    seen = b""
    if graded.is_file():
        notebook = nbformat.read(graded, as_version=nbformat.NO_CONVERT)
        for cell in notebook.cells:
            if is_grade(cell) and not is_solution(cell):
                cell.source = ""
        seen = writes(notebook).encode("utf-8", "replace")
    files = (path for path in (course / "feedback" / student).rglob("*") if path.is_file() and path.suffix != ".html")
    return seen + b"".join(path.read_bytes() for path in files)


def shows_script(course: Path, student: str) -> bool:
    """Whether a browser would run what the student wrote, on the page that comes back."""
    pages = (course / "feedback" / student).rglob("*.html")
    return any(active in page.read_text("utf-8", "replace") for page in pages for active in ACTIVE)
