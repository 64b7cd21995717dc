"""Runs in the student's kernel: prepares it for grading, and writes down what a question's answer does."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import sys
from dataclasses import asdict, dataclass, field

from ps8.cuda import cuda_on_cpu
from ps8.probes import Evidence
from ps8.probes.tools import Numbers
from ps8.questions import PROBES
from safetensors.numpy import save

from autograder.collector.origin import cells_of
from autograder.collector.surroundings import Surroundings, running_threads

TIMED_OUT = "time-out"


def prepare(cuda: bool) -> None:
    """Makes a kernel fit for grading: quiet warnings, no questions asked, no shell, and no GPU needed.

    Args:
        cuda: whether the submission speaks of CUDA at all; only then its calls are looked through.
    """
    from nbjudge_inside import plain_collector  # only kernels have it

    plain_collector.prepare(cuda)
    if cuda:
        cuda_on_cpu()
    _surroundings()


_settled = contextlib.ExitStack()  # open while a cell is run in the lesson's state


def settle() -> bool:
    """Makes the kernel's state what the lesson's set-up leaves, until `unsettle`.

    Returns:
        Whether anything was different.
    """
    namespace = sys.modules["__main__"].__dict__
    try:
        gone = _surroundings().gone(namespace)
        return bool(_settled.enter_context(_surroundings().as_set_up(namespace))) or gone
    except Exception:  # of a kind that nobody thought of: then the cell's first run stands
        _settled.close()
        return False


def unsettle() -> None:
    """Leaves the state as the student's cells had left it."""
    _settled.close()


def collect(question: str, path: str) -> None:
    """Probes a question's answer in `__main__` and writes the evidence to a file.

    What the inputs follow from is in a file beside it, which is gone before any of the student's code is called: no frame, no
    history and no message of the kernel's holds it.

    Args:
        question: one of `ps8.questions.PROBES`.
        path: where to write; replaced as a whole, so that a reader never sees half of it. `PATH.seed` says the seed.
    """
    evidence, notes = Evidence(), RecordedNotes()
    namespace = sys.modules["__main__"].__dict__
    notes.cells = cells_of(question, namespace)
    notes.threads = running_threads()
    try:
        with contextlib.ExitStack() as stack:
            try:
                notes.left = stack.enter_context(_surroundings().as_set_up(namespace))
            except Exception as error:  # of a kind that nobody thought of: the answer is tried as things are, and that is said
                notes.left = [f"what could not be put right ({type(error).__name__})"]
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
            evidence = PROBES[question](namespace, _numbers(f"{path}.seed"))
    except KeyboardInterrupt:
        evidence.errors[TIMED_OUT] = TIMED_OUT
    finally:
        write(evidence, path, notes)


@dataclass
class RecordedNotes:
    """What the instructor should know besides the evidence. A student's code can make it say anything; it decides nothing.

    Attributes:
        cells: that the answer's code is from, see `cells_of`.
        left: what cells before had left over, and was put right.
        threads: how many were at work besides.
    """

    cells: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    threads: int = 0


@functools.cache
def _surroundings() -> Surroundings:
    return Surroundings()


def _numbers(path: str) -> Numbers:
    """The numbers that follow from the seed in a file, which is removed."""
    with open(path) as file:
        os.unlink(path)
        return Numbers(int(file.read()))


def write(evidence: Evidence, path: str, notes: RecordedNotes | None = None) -> None:
    """Writes evidence as safetensors: plain arrays, a JSON of the errors and one of the notes, nothing that runs when read."""
    told = {"errors": json.dumps(evidence.errors), **({"notes": json.dumps(asdict(notes))} if notes else {})}
    blob = save(evidence.arrays, metadata=told)
    with open(f"{path}.part", "wb") as file:
        file.write(blob)
    os.replace(f"{path}.part", path)
