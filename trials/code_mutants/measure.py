"""Tries a random sample of the grader's mutants: `python -m trials code_mutants`, into `benchmarks/code_mutants.json`.

Ends with 1 if fewer than nine tenths are killed, or listed in `explained.toml` with the reason why no test can or should see
them.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from nbjudge.ground.files import write_whole

from autograder.paths import ROOT
from trials.code_mutants.explained import reason
from trials.code_mutants.make import ROOMS, SOURCE, CodeMutant, sample, sources
from trials.code_mutants.mutant_trial import MutantOutcome, Suite, Worker

OUT = ROOT / "benchmarks" / "code_mutants.json"
ENOUGH = 0.9
KILLED = ("killed", "timeout")


def tried(
    mutants: Sequence[CodeMutant], rooms: Sequence[str], workers: int, work: Path, minutes: float = math.inf
) -> tuple[list[MutantOutcome], Suite]:
    """What became of each mutant, and the tests that they were tried with; after so many minutes no other one is begun."""
    idle = SimpleQueue[Worker]()
    everybody = [Worker(ROOT, work / str(n), rooms) for n in range(workers)]
    suite = everybody[0].cover()
    for worker in everybody:
        idle.put(worker)

    begun = time.monotonic()

    def one(mutant: CodeMutant) -> MutantOutcome | None:
        if time.monotonic() - begun > 60 * minutes:
            return None
        worker = idle.get()
        outcome = worker.run(mutant, suite)
        idle.put(worker)
        print(f"{outcome.status:9} {mutant.file}:{mutant.line}  {mutant.before}  ->  {mutant.after}", flush=True)
        return outcome

    with ThreadPoolExecutor(workers) as pool:
        outcomes = [outcome for outcome in pool.map(one, mutants) if outcome]
    for worker in everybody:
        worker.close()
    return outcomes, suite


def interval(killed: int, size: int) -> list[float]:
    """Wilson's interval, 95 %, for the share of all mutants that would be killed."""
    z = 1.96
    share, spread = killed / size, z * math.sqrt(killed * (size - killed) / size + z * z / 4) / size
    middle, scale = share + z * z / (2 * size), 1 + z * z / size
    return [round((middle - spread) / scale, 3), round((middle + spread) / scale, 3)]


def counts(outcomes: Sequence[MutantOutcome]) -> dict[str, Any]:
    """How many mutants were killed, and how many of the others are explained."""
    size, status = len(outcomes), Counter(outcome.status for outcome in outcomes)
    killed = sum(status[kind] for kind in KILLED)
    explained = sum(bool(reason(outcome.mutant)) for outcome in outcomes if outcome.status not in KILLED)
    return {
        "mutants": size,
        **{kind: status[kind] for kind in (*KILLED, "survived", "untested")},
        "explained": explained,
        "killed_share": round(killed / size, 3),
        "interval": interval(killed, size),
        "killed_or_explained": round((killed + explained) / size, 3),
    }


def survivor(outcome: MutantOutcome) -> dict[str, Any]:
    mutant = outcome.mutant
    about = {"file": mutant.file, "line": mutant.line, "before": mutant.before, "after": mutant.after, "status": outcome.status}
    return about | {"why": reason(mutant)}


def report(outcomes: Sequence[MutantOutcome], suite: Suite, seed: int, there_are: dict[str, int]) -> dict[str, Any]:
    """What goes into the file."""
    of_room = {room: [outcome for outcome in outcomes if outcome.mutant.room == room] for room in there_are}
    return {
        "commit": commit(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "seed": seed,
        "tests": {"run": len(suite.names), "failed_or_skipped_without_a_mutant": suite.broken},
        "there_are": there_are,
        "all": counts(outcomes),
        "rooms": {room: counts(those) for room, those in of_room.items() if those},
        "survivors": [survivor(outcome) for outcome in outcomes if outcome.status not in KILLED],
    }


def commit() -> str:
    """The commit that is tried, and whether files were changed since."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def text(found: dict[str, Any]) -> str:
    """The report for a terminal."""
    columns = ["mutants", *KILLED, "survived", "untested", "explained", "killed_share", "killed_or_explained"]
    lines = [f"{'':16}" + "".join(f"{column.replace('_', ' '):>21}" for column in columns)]
    for room, of_room in (*found["rooms"].items(), ("all", found["all"])):
        lines.append(f"{room:16}" + "".join(f"{of_room[column]:>21}" for column in columns))
    for one in found["survivors"]:
        if not one["why"]:
            lines.append(f"{one['status']}: {one['file']}:{one['line']}: {one['before']}  ->  {one['after']}")
    low, high = found["all"]["interval"]
    lines.append(f"Of all {sum(found['there_are'].values()):,} mutants, {low:.0%} to {high:.0%} are killed (95 %).")
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> int:
    """Measures, writes, prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--room", choices=ROOMS, action="append", help="only of this one; nothing is written. Can be repeated")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which no other mutant is begun: fewer are tried")
    parser.add_argument("--out", type=Path, help=f"where the JSON goes (default: {OUT.relative_to(ROOT)})")
    asked = parser.parse_args(None if arguments is None else list(arguments))
    rooms = tuple(asked.room or ROOMS)
    found = sources(ROOT, rooms)
    there_are = {room: sum(len(source) for source in found if source.file.startswith(f"{SOURCE}/{room}/")) for room in rooms}
    with tempfile.TemporaryDirectory() as work:
        outcomes, suite = tried(list(sample(found, asked.size, asked.seed)), rooms, asked.workers, Path(work), asked.minutes)
    result = report(outcomes, suite, asked.seed, there_are)
    if asked.out or not asked.room:
        write_whole(asked.out or OUT, json.dumps(result, indent=1) + "\n")
    print(text(result))
    return int(result["all"]["killed_or_explained"] < ENOUGH)
