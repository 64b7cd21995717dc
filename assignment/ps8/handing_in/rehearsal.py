"""A dry run of the grading, in a process of its own: `python -m ps8.handing_in.rehearsal NOTEBOOK [PLACE ...]`.

As in the grader, the notebook is put right first (see `prepared`). Then the cells with answers, those of the student's own, and
the given ones that these need are run from the top in a fresh session with the profile `grade`, and each answer is tried where
its check stands. The inputs are public ones; the grader's are not, and it looks closer.
What comes is written to stdout, a line of JSON for each thing, so that what was found is known even where a cell ends it all.
Then another process leaves out that place, the id of a cell or the name of a question: the grader takes another kernel.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from .prepared import GradedNotebook

SECONDS = 5  # that a cell may compute, as in the grader
PREPARED, PROBLEM, QUESTION, CELL, BEGUN, END = "prepared", "problem", "question", "cell", "begun", "end"


def main(path: str, *without: str) -> None:
    """Runs the notebook in the file, but for the places `without`, and tells of it."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")  # the notebook's own words go elsewhere
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    os.environ |= {"PS8_PROFILE": "grade", "CUDA_VISIBLE_DEVICES": "", "MPLBACKEND": "agg"}
    builtins.input = lambda prompt="": ""
    from .prepared import NotWhole, prepare
    from .student_notebook import read_student_notebook

    try:
        prepared = prepare(read_student_notebook(Path(path)))
    except Exception as error:  # whatever a notebook may hold that nobody thought of
        why = str(error) if isinstance(error, NotWhole) else f"{type(error).__name__}; please tell your instructor"
        _tell(told, kind=PROBLEM, why=f"it could not be put right ({why})")
        os._exit(0)
    _tell(told, kind=PREPARED, repairs=prepared.remarks, taken=prepared.taken)
    if any("cuda" in prepared.cells[place].source for place in prepared.run):
        _without_gpu()
    _walk(prepared, set(without), told)
    _tell(told, kind=END)
    os._exit(0)  # whatever threads a cell has left


def _walk(prepared: GradedNotebook, without: set[str], told: TextIO) -> None:
    """Runs the cells that the grader runs, and tries each answer where its test stands."""
    from nbrepair.nodes import is_locked, is_solution, is_test

    from ps8.questions import ROOMS

    shell, errors, answers = _Shell(), dict[str, str](), list[str]()
    for place, cell in enumerate(prepared.cells):
        if is_test(cell) and (question := cell.metadata.nbgrader.grade_id) in ROOMS:
            if question not in without:
                _tell(told, kind=BEGUN, place=question, number=0)
                error = next((errors[name] for name in answers if name in errors), "")
                _tell(told, kind=QUESTION, question=question, **_tried(question, shell, error, question in prepared.open))
            answers = []
        elif place in prepared.run and cell.id not in without:
            own = 0 if is_locked(cell) or is_solution(cell) else prepared.numbers.get(cell.id, 0)
            _tell(told, kind=BEGUN, place=cell.id, number=own)
            answers += [cell.id] if is_solution(cell) else []
            if error := shell.run(cell.source):
                errors[cell.id] = error
                if own:
                    _tell(told, kind=CELL, number=own, error=error)


def _tried(question: str, shell: _Shell, error: str, nothing: bool) -> dict[str, Any]:
    """How an answer stands.

    Args:
        question: which it answers.
        shell: the session in which it was run.
        error: what its cell ended with.
        nothing: whether nothing was written to it.
    """
    from .answers import State, look_at

    try:
        with _bounded():
            answer = look_at(question, shell.namespace)
    except KeyboardInterrupt:
        return {"state": State.FAILS.name, "said": _late()}
    if answer.state is State.ABSENT and nothing:
        return {"state": State.EMPTY.name, "said": ""}
    if answer.state is State.ABSENT or (answer.state is State.FAILS and error):
        said = f"its cell ends with {error}" if error else "nothing of that name is defined in the notebook"
        return {"state": State.ABSENT.name, "said": said}
    return {"state": answer.state.name, "said": answer.said}


def _without_gpu() -> None:
    """Lets a notebook that asks for a GPU by name run on the CPU, in its cells and where its answers are tried."""
    from ps8.checks import fresh
    from ps8.cuda import cuda_on_cpu

    if (mode := cuda_on_cpu()) is not None:
        fresh.fresh_modes = functools.partial(fresh.fresh_modes, keep=(mode,))


class _Shell:
    """A fresh session: IPython's, as in a notebook."""

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        self.shell = InteractiveShell.instance()
        self.shell.run_line_magic("config", "HistoryManager.enabled = False")
        for name in ("system", "showtraceback"):  # no shell commands, as in the grader, and no words of its own
            setattr(self.shell, name, lambda *_, **__: None)

    @property
    def namespace(self) -> dict[str, Any]:
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    def run(self, source: str) -> str:
        """Runs a cell; the error it ends with, or nothing."""
        silent = io.StringIO()
        try:
            with _bounded(), contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
                result = self.shell.run_cell(source, store_history=True)
        except BaseException as stop:  # an interrupt between two instructions of the shell's own
            return f"{type(stop).__name__}: {stop}"
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return ""
        if isinstance(error, KeyboardInterrupt):
            return _late()
        text = str(error).splitlines()
        return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Interrupts what computes for too long."""
    if not hasattr(signal, "setitimer"):  # Windows: the whole run is bounded
        yield
        return
    signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _late() -> str:
    return f"it was stopped after {SECONDS} seconds of computing"


def _tell(told: TextIO, **line: Any) -> None:
    told.write(json.dumps(line) + "\n")
    told.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
