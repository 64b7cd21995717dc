"""One hostile submission and nbgrader's own `autograde`, as process 1 of a bubblewrap that is thrown away afterwards.

Started by `benchmarks.attacks` only. Whatever happens in here ends with this process; what it prints last is a line of JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution
from nbjudge.jail.inside import linux
from nbjudge.reports.scores import Sheet, read_scores

from autograder.definition import at
from autograder.paths import ASSIGNMENT
from trials.attacks import catalogue
from trials.attacks.arena import Arena, opened
from trials.attacks.base import Attack
from trials.attacks.battle import HostState

SECONDS = 200.0  # for nbgrader with one submission
PLANTED, FOLDER = Path("/planted"), Path("/tmp/arena")
NEIGHBOUR = "ada"  # graded before, honestly


def main() -> None:
    """Reads the attack's id from the command line, lets nbgrader grade it, and prints what it achieved."""
    if os.getpid() != 1:
        sys.exit("This lets student code run unjailed: `python -m benchmarks attacks` does so where nothing can be harmed.")
    attack = next(attack for attack in catalogue() if attack.id == sys.argv[1])
    linux.mount("proc", "/proc", "proc", 0)  # without bubblewrap's covers, so that a jail can be made within
    shutil.copytree(PLANTED, FOLDER, symlinks=True)
    with opened(FOLDER) as place:
        attack.write(place.scene, place.course / "submitted" / attack.name / ASSIGNMENT)
        before, rows = HostState.now(place), scores(place)
        ended = autograde(place, attack.name)
        print("\n" + json.dumps(outcome(place, attack, before, rows) | {"ended": ended}), flush=True)


def autograde(place: Arena, student: str) -> str:
    """Runs `nbgrader autograde` for a student. How it ended, in a word."""
    command = [str(Path(sys.executable).with_name("nbgrader")), "autograde", ASSIGNMENT, "--student", student]
    env = {**os.environ, "HOME": str(place.scene.home)}
    return finished(command, place.course, env)


def finished(command: list[str], folder: Path, env: Mapping[str, str], seconds: float = SECONDS) -> str:
    """Runs a command, and ends all that it leaves behind. How it ended, in a word."""
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return "well" if process.wait(seconds) == 0 else "with an error"
    except subprocess.TimeoutExpired:
        return "not in time"
    finally:
        for name in os.listdir("/proc"):
            if name.isdigit() and name != "1":
                os.kill(int(name), signal.SIGKILL)


def scores(place: Arena) -> dict[str, dict[str, float | None]]:
    here = at(place.course)
    return {row.student: row.scores for row in read_scores(here, Sheet.of(here))}


def outcome(place: Arena, attack: Attack, before: HostState, rows: dict[str, dict[str, float | None]]) -> dict[str, object]:
    """Points gained beyond those of the honest code, secrets in the student's page, and what else was done."""
    now = HostState.now(place)
    harm = [f"{Path(name).name} changed" for name, was in before.files.items() if now.files.get(name) != was]
    harm += [f"wrote {name} outside" for name in now.marks]
    try:
        after = scores(place)
    except Exception as error:  # of whatever library finds a damaged gradebook
        after, harm = {}, [*harm, f"gradebook damaged ({type(error).__name__})"]
    got = after.get(attack.name, {})
    gained = sum(max(0.0, (got[question] or 0.0) - attack.honest.get(question, 0.0)) for question in got)
    if after.get(NEIGHBOUR) != rows[NEIGHBOUR]:
        harm.append("a neighbour's scores changed")
    page = place.course / "autograded" / attack.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    leaked = place.leaked(seen_by_student(page)) + (["a server"] if place.reached else [])
    return {"gained": gained, "leaked": leaked, "harm": harm, "graded": bool(got) and page.is_file()}


def seen_by_student(page: Path) -> bytes:
    """What a student gets to see of an autograded notebook; not the tests' own text, which nbgrader puts into each."""
    if not page.is_file():
        return b""
    cells = nbformat.read(page, as_version=nbformat.NO_CONVERT).cells
    kept = [{**cell, "source": "" if is_grade(cell) and not is_solution(cell) else cell.source} for cell in cells]
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")


if __name__ == "__main__":
    main()
