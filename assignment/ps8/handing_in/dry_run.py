"""What the grader will be able to see of each question, found out by a rehearsal in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ps8.checks.hints import TITLES
from ps8.data import data_root
from ps8.questions import READ

from .answers import CheckedAnswer, State
from .rehearsal import BEGUN, CELL, END, PREPARED, PROBLEM, QUESTION
from .student_notebook import Notebook

SECONDS = 300  # for the whole notebook
RESTARTS = 12
ENDS = "it ends the process, and all that runs in it"
WHOLE = json.dumps({"kind": END}).encode()  # the last line of a run that came to its end

# A notebook, places to leave out, seconds -> what the process told, and how it was lost, as `outcome` gives it.
Process = Callable[[Notebook, list[str], float], tuple[str, str]]


@dataclass
class DryRun:
    """What came of a rehearsal.

    Attributes:
        answers: by question.
        errors: number of a cell of one's own -> the error it ends with.
        repairs: what the grader puts right before it runs the notebook, a sentence each.
        taken: question -> numbers of the cells that its answer is taken from, where these are not its own.
        ended: why the notebook was not run to its end; empty if it was.
    """

    answers: dict[str, CheckedAnswer] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    taken: dict[str, list[int]] = field(default_factory=dict)
    ended: str = ""

    def add(self, other: DryRun) -> None:
        """Adds what came of another notebook."""
        self.answers |= other.answers
        self.repairs += other.repairs
        self.taken |= other.taken
        self.ended = self.ended or other.ended

    def sees(self, question: str) -> str:
        """What the grader will see of a question, in words."""
        answer = self.answers.get(question)
        if answer is None:
            return f"not reached: {self.ended or 'its cells are missing'}"
        if question in READ and answer.state is State.PASSES:
            return "its form is as asked for; the grader reads it"
        words = {
            State.PASSES: "runs, and passes its check",
            State.FAILS: f"runs, and fails its check: {answer.said}",
            State.EMPTY: "empty: nothing to grade",
            State.ABSENT: f"could not be run: {answer.said}",
        }
        return words[answer.state] + (f" (taken from {_cells(self.taken[question])})" if question in self.taken else "")

    def lines(self) -> list[str]:
        """The table, and what else was noticed."""
        width = max(len(TITLES[question]) for question in self.answers) if self.answers else 0
        lines = [f"  {TITLES[question]:{width}}  {self.sees(question)}" for question in self.answers]
        others = [f"  cell {number} ends with {error}" for number, error in sorted(self.errors.items())]
        lines += ["", "In a fresh session, cells of your own fail:", *others] if others else []
        lines += ["", "What the grader puts right before:", *(f"  {repair}" for repair in self.repairs)] if self.repairs else []
        return [*lines, *(["", f"The notebook was not run to its end: {self.ended}."] if self.ended else [])]


def rehearse(notebook: Notebook, seconds: float = SECONDS, process: Process | None = None) -> DryRun:
    """Runs a notebook as the grader does, as far as a student's machine can, and says what came.

    Args:
        notebook: to be run.
        seconds: that it may take in all.
        process: runs `rehearsal.main` in a fresh process; by default in a new Python.
    """
    process = process or _in_a_process
    run, without, end = DryRun(), list[str](), time.monotonic() + seconds
    while len(without) <= RESTARTS:
        out, lost = process(notebook, without, end - time.monotonic())
        place, number = _take_down(run, out)
        if not lost or run.ended:
            return run
        if place in TITLES:
            run.answers[place] = CheckedAnswer(place, State.FAILS, lost)
        elif number:
            run.errors[number] = lost
        if not place or time.monotonic() > end:
            run.ended = lost
            return run
        without.append(place)
    run.ended = f"its process was lost {len(without)} times"
    return run


def _in_a_process(notebook: Notebook, without: list[str], seconds: float) -> tuple[str, str]:
    """What a fresh process told, and how it was lost, if it was."""
    command = [sys.executable, "-m", "ps8.handing_in.rehearsal", str(notebook.path.resolve()), *without]
    kit = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [kit, os.environ.get("PYTHONPATH", "")]))
    env = {**os.environ, "PYTHONPATH": path, "PS8_DATA": str(data_root().resolve())}
    with tempfile.TemporaryDirectory() as elsewhere:  # where what the cells write harms nothing
        try:
            done = subprocess.run(command, env=env, cwd=elsewhere, capture_output=True, timeout=max(1.0, seconds))
            return outcome(done.stdout)
        except subprocess.TimeoutExpired as late:
            return outcome(late.stdout or b"", late=True)


def outcome(out: bytes, late: bool = False) -> tuple[str, str]:
    """What a process told, and how it was lost, if it was."""
    whole = out.rstrip().endswith(WHOLE)
    return out.decode("utf-8", "replace"), "" if whole else "it took too long" if late else ENDS


def _take_down(run: DryRun, out: str) -> tuple[str, int]:
    """Notes what a process told; where it was last, and the number of a cell of one's own if that is one."""
    place, number = "", 0
    for line in out.splitlines():
        found = json.loads(line)
        if found["kind"] == QUESTION:
            run.answers[found["question"]] = CheckedAnswer(found["question"], State[found["state"]], found["said"])
        elif found["kind"] == CELL:
            run.errors[found["number"]] = found["error"]
        elif found["kind"] == BEGUN:
            place, number = found["place"], found["number"]
        elif found["kind"] == PREPARED:
            run.repairs, run.taken = found["repairs"], found["taken"]
        elif found["kind"] == PROBLEM:
            run.ended = found["why"]
    return place, number


def _cells(numbers: list[int]) -> str:
    """Cells by their numbers, in words."""
    return f"cell {numbers[0]}" if len(numbers) == 1 else f"cells {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
