"""A dry run of the grading, in a process of its own: `python -m ps8.handing_in.rehearsal NOTEBOOK [PLACE ...]`.

As in the grader, the notebook is run from the top in a fresh session with the profile `grade`, where every training takes a few
steps, and each answer is tried where its check stands. The inputs are public ones; the grader's are not, and it looks closer.
What comes is written to stdout, a line of JSON for each thing, so that what was found is known even where a cell ends it all.
Then another process leaves out that place, the number of a cell or the name of a question: the grader takes another kernel.
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
    from .student_notebook import StudentCell

SECONDS = 5  # that a cell may compute, as in the grader
STUB = "NotImplementedError"
QUESTION, CELL, BEGUN, END = "question", "cell", "begun", "end"


def main(path: str, *without: str) -> None:
    """Runs the notebook in the file, but for the places `without`, and tells of it."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")  # the notebook's own words go elsewhere
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    os.environ |= {"PS8_PROFILE": "grade", "CUDA_VISIBLE_DEVICES": "", "MPLBACKEND": "agg"}
    builtins.input = lambda prompt="": ""
    from ps8.questions import ROOMS

    from .parts import OPTIONAL
    from .student_notebook import read

    shell, tried = _Shell(), set[str]()
    errors: dict[str, str] = {}  # question -> what the cell of its answer ended with
    cells = read(Path(path)).cells
    if any("cuda" in cell.source for cell in cells):
        _without_gpu()
    for cell in cells:
        if cell.is_test and cell.grade_id in ROOMS and cell.grade_id not in tried:
            tried.add(cell.grade_id)
            if cell.grade_id not in without:
                _tell(told, kind=BEGUN, place=cell.grade_id)
                _tell(told, **_tried(cell.grade_id, shell, errors))
        elif cell.is_code and not cell.is_test and str(cell.number) not in without:
            _tell(told, kind=BEGUN, place=str(cell.number))
            if error := shell.run(cell.source):
                question = cell.grade_id.split("-")[0]
                errors[question] = error
                _tell(told, kind=CELL, number=cell.number, error=error, own=not cell.is_locked and not cell.grade_id)
    optional = _is_optional(cells, shell.namespace)
    for question in ROOMS:  # whose check was deleted: the grader puts it back
        if question not in tried and question not in without and (question in OPTIONAL) == optional:
            _tell(told, kind=BEGUN, place=question)
            _tell(told, **_tried(question, shell, errors))
    _tell(told, kind=END)
    os._exit(0)  # whatever threads a cell has left


def _tried(question: str, shell: _Shell, errors: dict[str, str]) -> dict[str, Any]:
    from .answers import State, look_at

    try:
        with _bounded():
            answer = look_at(question, shell.namespace)
    except KeyboardInterrupt:
        return {"kind": QUESTION, "question": question, "state": State.FAILS.name, "said": _late()}
    if errors.get(question) == STUB and answer.state in (State.ABSENT, State.FAILS):
        return {"kind": QUESTION, "question": question, "state": State.EMPTY.name, "said": ""}
    if answer.state is State.ABSENT or (answer.state is State.FAILS and question in errors):
        said = (
            f"its cell ends with {errors[question]}"
            if question in errors
            else "nothing of that name is defined in the notebook"
        )
        return {"kind": QUESTION, "question": question, "state": State.ABSENT.name, "said": said}
    return {"kind": QUESTION, "question": question, "state": answer.state.name, "said": answer.said}


def _is_optional(cells: tuple[StudentCell, ...], namespace: dict[str, Any]) -> bool:
    """Whether a notebook is an optional one: by the names of its cells, and where an editor has lost these, by its answers."""
    from ps8.questions import ROOMS

    from .parts import OPTIONAL

    named = {cell.grade_id.removesuffix("-answer") for cell in cells} & ROOMS.keys()
    return bool(named & set(OPTIONAL)) if named else any(name in namespace for q in OPTIONAL for name in ROOMS[q].defines)


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
