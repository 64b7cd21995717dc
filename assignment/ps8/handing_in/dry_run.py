"""What the grader will be able to see of each question, found out by a rehearsal in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from ps8.checks.hints import TITLES
from ps8.data import data_root
from ps8.questions import READ

from .answers import CheckedAnswer, State
from .rehearsal import BEGUN, CELL, END, QUESTION
from .student_notebook import Notebook

SECONDS = 300  # for the whole notebook
RESTARTS = 12
ENDS = "it ends the process, and all that runs in it"
WHOLE = json.dumps({"kind": END}).encode()  # the last line of a run that came to its end


@dataclass
class DryRun:
    """What came of a rehearsal.

    Attributes:
        answers: by question.
        errors: number of a cell of one's own -> the error it ends with.
        given: number of a given cell -> the error it ends with: mostly by an answer that is not there yet.
        ended: why the notebook was not run to its end; empty if it was.
    """

    answers: dict[str, CheckedAnswer] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    given: dict[int, str] = field(default_factory=dict)
    ended: str = ""

    def add(self, other: DryRun) -> None:
        """Adds what came of another notebook."""
        self.answers |= other.answers
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
        return words[answer.state]

    def lines(self) -> list[str]:
        """The table, and what else was noticed."""
        width = max(len(TITLES[question]) for question in self.answers) if self.answers else 0
        lines = [f"  {TITLES[question]:{width}}  {self.sees(question)}" for question in self.answers]
        alone = all(answer.state is State.PASSES for answer in self.answers.values())
        shown = {**self.errors, **(self.given if alone else {})}
        others = [f"  cell {number} ends with {error}" for number, error in sorted(shown.items())]
        lines += ["", "In a fresh session, other cells fail:", *others] if others else []
        return [*lines, *(["", f"The notebook was not run to its end: {self.ended}."] if self.ended else [])]


def rehearse(notebook: Notebook, seconds: float = SECONDS) -> DryRun:
    """Runs a notebook as the grader does, as far as a student's machine can, and says what came.

    Args:
        notebook: to be run.
        seconds: that it may take in all.
    """
    run, without, end = DryRun(), list[str](), time.monotonic() + seconds
    while len(without) <= RESTARTS:
        out, lost = _in_a_process(notebook, without, end - time.monotonic())
        place = _take_down(run, out)
        if not lost:
            return run
        if place in TITLES:
            run.answers[place] = CheckedAnswer(place, State.FAILS, lost)
        elif place:
            run.errors[int(place)] = lost
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
            out, lost = done.stdout, "" if done.stdout.rstrip().endswith(WHOLE) else ENDS
        except subprocess.TimeoutExpired as late:
            out, lost = late.stdout or b"", "it took too long"
    return out.decode("utf-8", "replace"), lost


def _take_down(run: DryRun, out: str) -> str:
    """Notes what a process told; where it was last."""
    place = ""
    for line in out.splitlines():
        found = json.loads(line)
        if found["kind"] == QUESTION:
            run.answers[found["question"]] = CheckedAnswer(found["question"], State[found["state"]], found["said"])
        elif found["kind"] == CELL:
            (run.errors if found["own"] else run.given)[found["number"]] = found["error"]
        elif found["kind"] == BEGUN:
            place = found["place"]
    return place
