"""The attacks that depend on nothing of PS8 before three graders, in nbgrader's example course: `python -m benchmarks foreign`.

nbgrader as it comes runs student code with the instructor's rights, so each of its classes, of one attack between two honest
students, is graded in a bubblewrap of its own. nbjudge grades all of them as one class: once by the assertions in nbgrader's
test cells, once with a judge of ten lines (`trials.foreign.example_course.JUDGED`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbjudge.ground.atomic_files import write_whole
from nbjudge.jail import reasons_unavailable

from benchmarks.attacks import PLAIN, thrown_away
from benchmarks.results_file import machine
from trials.attacks.base import Attack
from trials.foreign.example_course import ASSERTED, ASSIGNMENT, JUDGED, plant
from trials.foreign.three_graders import battle
from trials.foreign.translated_attacks import ATTACKS

RESULTS = Path(__file__).with_name("foreign_attacks.json")
OURS = {"asserted": ASSERTED, "judged": JUDGED}


def main(graders: Sequence[str] = ("stock", *OURS)) -> None:
    """Runs every attack on the graders, and writes foreign_attacks.json as it goes.

    Raises:
        SystemExit: if there is no jail here, or an attack was not withstood that should have been.
    """
    if reasons_unavailable():
        sys.exit("This needs bubblewrap: " + "; ".join(reasons_unavailable()))
    for grader in graders:
        print(f"{len(ATTACKS)} attacks on {grader}", flush=True)
        with tempfile.TemporaryDirectory(prefix="ps8-bench-") as name:
            for achieved in stock(Path(name)) if grader == "stock" else [ours(Path(name), OURS[grader])]:
                write(grader, achieved)
    if beaten := not_withstood(json.loads(RESULTS.read_text(encoding="utf-8"))["attacks"]):
        sys.exit(f"nbjudge did not withstand {', '.join(beaten)}.")


def stock(folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Each attack on its own, as many at a time as there are cores."""
    here = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{here}:{os.environ.get('PATH', os.defpath)}"}  # where nbgrader looks for the program alembic
    subprocess.run([str(here / "nbgrader"), "generate_assignment", ASSIGNMENT], cwd=plant(folder), env=env, check=True)

    def tried(attack: Attack) -> dict[str, dict[str, Any]]:
        if attack.harmful:
            return {attack.id: {"not tried": attack.harmful}}
        return {attack.id: thrown_away("benchmarks.foreign_stock", attack.id, folder, PLAIN)}

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(tried, ATTACKS)


def ours(folder: Path, lines: str) -> dict[str, dict[str, Any]]:
    """All attacks in one class. What was harmed, and who was stopped, is put down to each of them."""
    ended = battle(folder, lines, ATTACKS)
    return {id: {**achieved, "harm": ended.harm, "stopped": ended.stopped} for id, achieved in ended.achieved.items()}


def write(grader: str, achieved: Mapping[str, dict[str, Any]]) -> None:
    """Puts a grader's outcomes into foreign_attacks.json."""
    before = json.loads(RESULTS.read_text(encoding="utf-8"))["attacks"] if RESULTS.exists() else []
    known = {row["id"]: row for row in before}
    rows = []
    for attack in ATTACKS:
        told = {name: known[attack.id][name] for name in ("stock", *OURS) if name in known.get(attack.id, {})}
        if attack.id in achieved:
            told[grader] = achieved[attack.id]
        rows.append({"id": attack.id, "family": attack.family, "tries": attack.tries, **told})
    write_whole(RESULTS, json.dumps({"attacks": rows, "machine": machine()}, indent=1, ensure_ascii=False) + "\n")


def not_withstood(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What nbjudge should have prevented: with its judge any point gained, and in any case what harms others."""
    beaten = [row["id"] for row in rows if row.get("judged", {}).get("gained")]
    harmful = [
        row["id"] for row in rows for grader in OURS if any(row.get(grader, {}).get(k) for k in ("leaked", "harm", "stopped"))
    ]
    return sorted({*beaten, *harmful})
