"""Kills a training at random points, from a process that has no other threads and so can fork: run by test_killed."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from tests.ps8.trainings.loops import run, source

EPOCHS = 100
KILLS = 20
SECONDS = 60  # that a training may take to begin its next epoch
# Each epoch that begins is noted from within, in a file that only grows: those before it are whole.
NOTED = source(before="import os", setup="log = os.open('begun', os.O_CREAT | os.O_APPEND | os.O_WRONLY)").replace(
    "            total = 0.0\n", "            total = 0.0\n            os.write(log, f'{epoch}\\n'.encode())\n"
)


def begun() -> list[int]:
    """The epochs that began, so far."""
    path = Path("begun")
    return [int(line) for line in path.read_text().splitlines()] if path.is_file() else []


def child(answer: str) -> int:
    """Trains in a process of its own that has torch already, and writes what came of it."""
    pid = os.fork()
    if not pid:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            Path(answer).write_text(json.dumps(run(NOTED, EPOCHS)))
        finally:
            os._exit(0)
    return pid


def kill(chance: random.Random) -> list[int]:
    """Trains until a few more epochs have begun, and kills that anywhere in an epoch or the writing; which epochs began."""
    seen = len(begun())
    pid = child("killed.json")
    wanted, late = seen + chance.randint(1, 4), time.monotonic() + SECONDS
    while len(begun()) < wanted and time.monotonic() < late:
        time.sleep(0.0005)
    time.sleep(chance.random() * 0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return begun()[seen:]


def main() -> None:
    """Prints the epochs that began in each life, and what the training came to without and with the kills."""
    os.environ["PS8_WORK"] = "whole"
    os.waitpid(child("whole.json"), 0)
    os.environ["PS8_WORK"] = "killed"
    Path("begun").unlink()
    chance = random.Random(20)
    lives = [kill(chance) for _ in range(KILLS)]
    os.waitpid(child("last.json"), 0)
    json.dump([lives, *(json.loads(Path(name).read_text()) for name in ("whole.json", "last.json"))], sys.stdout)


if __name__ == "__main__":
    main()
