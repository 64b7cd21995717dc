"""Calling a student's code: what it raises becomes a finding that shows the student's own line."""

from __future__ import annotations

import linecache
import re
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import numpy as np
import torch

from ps8.checks.finding import CheckFailed, Finding, NotStarted
from ps8.checks.hints import CAUSES
from ps8.probes import Evidence, Namespace, probe

SEED = 442  # of every check: public, and none of the grader's

_KIT = str(Path(__file__).resolve().parents[1])
_FOREIGN = (_KIT, str(Path(torch.__file__).parent), sysconfig.get_path("stdlib"), "site-packages", "<frozen")

# What PyTorch's and Python's own messages most often mean here. A question's own reading comes first.
_GENERAL = {
    r"CUDA|NVIDIA|same device|cuda": "general.device",
    r"does not require grad|does not have a grad_fn": "general.no_graph",
    r"'(float|int)' object has no attribute 'backward'": "general.plain_loss",
    r"second time": "general.graph_twice",
    r"modified by an inplace operation": "general.inplace",
    r"leaf Variable|a view of a leaf": "general.inplace_leaf",
    r"missing the required \"forward\"": "general.no_forward",
    r"before (Module|super)": "general.no_super",
    r"cannot access local variable|referenced before assignment": "general.local_name",
    r"name '\w+' is not defined": "general.name",
    r"object has no attribute": "general.attribute",
}


Causes = Mapping[str, str | Callable[[], str]]  # pattern of an error's text -> the cause, or what works it out


def fail(question: str, cause: str, expected: str, actual: str, *, where: str = "", likely: str = "") -> NoReturn:
    """Ends a check with a finding.

    Args:
        question: its grade id.
        cause: id in `ps8.checks.hints`; `question.` is put before it if it has no dot.
        expected: what should have come.
        actual: what came.
        where: the student's line, if it raised.
        likely: in place of the cause's own sentence.

    Raises:
        CheckFailed: always.
    """
    cause = cause if "." in cause else f"{question}.{cause}"
    raise CheckFailed(Finding(question, cause, expected, actual, likely or CAUSES[cause].likely, where))


def given(namespace: Namespace, question: str, name: str) -> Any:
    """The student's definition of that name.

    Raises:
        CheckFailed: if there is none.
    """
    if name not in namespace:
        fail(question, "general.undefined", f"a definition of {name}", f"{name} is not defined")
    return namespace[name]


@contextmanager
def student(question: str, expected: str, causes: Causes | None = None, ahead: str = "") -> Iterator[None]:
    """Runs a student's code: a stub is "not started", any other exception a finding.

    Args:
        question: its grade id.
        expected: what the code should have done instead of raising.
        causes: pattern of an error's text -> the cause it points to, looked at before the general ones.
        ahead: what was called, to stand before the error, such as "with a batch of one".
    """
    try:
        yield
    except (CheckFailed, NotStarted, KeyboardInterrupt):
        raise
    except BaseException as error:  # a student's code may well raise SystemExit
        if isinstance(error, NotImplementedError) and not str(error):
            raise NotStarted(question, _function(error.__traceback__)) from None
        text = _describe(error)
        fail(
            question,
            _cause(question, text, causes or {}),
            expected,
            f"{ahead}: {text}" if ahead else text,
            where=_own_line(error),
        )


def run_probe(question: str, namespace: Namespace) -> Evidence:
    """The same run that the grader makes, on public inputs: nothing may raise there.

    Raises:
        CheckFailed: if something does.
    """
    evidence = probe(question, namespace, SEED)
    for part, text in evidence.errors.items():
        if text == "NotImplementedError" or re.match(r"NotImplementedError in \w+, line \d+$", text):
            raise NotStarted(question)
        fail(question, _cause(question, text, {}), "no error", f"{text} (while trying: {part})")
    for noted, (cause, expected, actual) in NOTED.items():
        if any(np.any(array) for name, array in evidence.arrays.items() if name.split(".")[-1] == noted):
            fail(question, cause, expected, actual)
    return evidence


# What the probe notes beside the numbers, and what a check says of it.
NOTED = {
    "input_changed": ("general.input_changed", "the input to be as it was after the call", "it was changed in place"),
    "constant": (
        "weights_alike",
        "layers that start with weights as PyTorch makes them",
        "all weights of a layer are one number",
    ),
    "frozen": ("asks_for_no_gradient", "parameters that ask for a gradient", "requires_grad is off"),
    "strangers": ("encoders_made_in_forward", "the two encoders of the constructor to run", "others, made in forward"),
}


def _cause(question: str, text: str, causes: Causes) -> str:
    tables: tuple[Causes, ...] = (causes, _GENERAL)
    for table in tables:
        for pattern, cause in table.items():
            if re.search(pattern, text):
                return cause if isinstance(cause, str) else cause()
    return "general.raised"


def _describe(error: BaseException) -> str:
    try:
        message = str(error).strip()
    except BaseException:
        message = ""
    lines = message.splitlines()[:6]
    return f"{type(error).__name__}: " + "\n".join(line[:300] for line in lines)


def _own_frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    """The frames of the student's own code, outermost first: no kit, no PyTorch, no Python library."""
    return [f for f in traceback.extract_tb(trace) if not any(part in f.filename for part in _FOREIGN)]


def _function(trace: TracebackType | None) -> str:
    frames = _own_frames(trace)
    return frames[-1].name if frames else ""


def _own_line(error: BaseException) -> str:
    """`forward, line 12:` and below it `return self.layers(x)`: where in the student's cell it happened."""
    frames = _own_frames(error.__traceback__)
    if not frames:
        return ""
    frame = frames[-1]
    code = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    return f"{frame.name}, line {frame.lineno}" + (f":\n{code}" if code else "")
