"""The plain collector, for any course: it evaluates what is asked of an answer, and writes down what came as JSON.

A collector is a module that kernels can import and that has these four functions. This one needs nothing but Python, so a
kernel has it whatever else is installed.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import numbers
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
TIMED_OUT = "time-out"
NOT_TRIED = "not tried: an expression before this one ran out of time"
MAX_BYTES = 4 << 20  # of JSON, of all values of one question
MAX_DEPTH = 32  # of lists in lists
MAX_DIGITS = 1_000  # of a whole number
MAX_TEXT = 2_000  # characters of an error message


class NotPlain(Exception):
    """A value that cannot be written down, with the reason in words."""


# ---- the four functions


def prepare(cuda: bool = False) -> None:
    """Makes a kernel fit for grading: quiet warnings, no questions asked, no shell, and streams that cannot be lost.

    Args:
        cuda: whether the submission speaks of CUDA at all; nothing follows from it here.
    """
    warnings.filterwarnings("ignore")
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        # What the kernel puts in the place of `input` and `getpass.getpass` at each cell.
        shell.kernel.raw_input = shell.kernel.getpass = lambda *args, **kwargs: ""
        shell.system = lambda command: print(f"(not run while grading: {command})")
        shell.events.register("post_run_cell", functools.partial(_streams_again, sys.stdout, sys.stderr))


def settle() -> bool:
    """Makes the kernel's state what the lesson's set-up leaves, until `unsettle`. Of that nothing is known here.

    Returns:
        Whether anything was different.
    """
    return False


def unsettle() -> None:
    """Leaves the state as the student's cells had left it."""


def collect(question: str, path: str) -> None:
    """Evaluates expressions in `__main__` and writes what came of them to a file, as JSON: `{"values": …, "errors": …}`.

    `values` has an entry for each expression; `errors` says, by its position in `values`, why one of them has none. A
    time-out is the caller's to set, with an interrupt: what came before it is written down.

    Args:
        question: which one it is; nothing follows from it here.
        path: where to write; replaced as a whole, so that a reader never sees half of it. `PATH.ask` holds a JSON list of the
            expressions; it is removed before any of them is evaluated. Without it, nothing is asked.
    """
    asked = _asked(f"{path}.ask")
    values: list[Any] = [None] * len(asked)
    errors: dict[str, str] = {}
    room, namespace, number = _Room(MAX_BYTES), sys.modules["__main__"].__dict__, 0
    try:
        with _quiet():
            for number, expression in enumerate(asked):
                try:
                    values[number] = room.copy(eval(expression, namespace))
                except KeyboardInterrupt:
                    raise
                except BaseException as error:  # a student's code may well raise SystemExit
                    errors[str(number)] = _describe(error)
    except KeyboardInterrupt:
        errors |= {str(number): TIMED_OUT, **{str(later): NOT_TRIED for later in range(number + 1, len(asked))}}
    _write(path, {"values": values, "errors": errors})


# ---- how


def _streams_again(out: Any, err: Any, result: object = None) -> None:
    """Puts the kernel's own streams back where a cell has put something that is none: the kernel would end at its next word."""
    for name, stream in (("stdout", out), ("stderr", err)):
        if not (hasattr(getattr(sys, name, None), "write") and hasattr(getattr(sys, name), "flush")):
            setattr(sys, name, stream)


def _asked(path: str) -> list[str]:
    """The expressions in a file, which is removed."""
    try:
        with open(path, encoding="utf-8") as file:
            os.unlink(path)
            asked = json.load(file)
    except FileNotFoundError:
        return []
    if not isinstance(asked, list) or not all(isinstance(expression, str) for expression in asked):
        raise ValueError(f"{os.path.basename(path)} must hold a JSON list of Python expressions")
    return asked


@contextmanager
def _quiet() -> Iterator[None]:
    """What is printed meanwhile goes nowhere: it is not asked for, and could be endless."""
    nowhere = open(os.devnull, "w", encoding="utf-8", errors="replace")  # noqa: SIM115 (closed below)
    with nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


class _Room:
    """Copies values as plain JSON data, as long as there is room for what they are in JSON."""

    def __init__(self, size: int) -> None:
        self.left = size

    def copy(self, value: Any) -> Any:
        """A value as plain data; one that cannot be written down takes no room from the others."""
        left = self.left
        try:
            return self._plain(value)
        except BaseException:
            self.left = left
            raise

    def _plain(self, value: Any, depth: int = 0) -> Any:
        """The same as numbers, texts, booleans, None, lists and dicts; a tuple becomes a list.

        Raises:
            NotPlain: if it is something else, or too much.
        """
        if depth > MAX_DEPTH:
            raise NotPlain(f"lists within lists, more than {MAX_DEPTH} deep")
        if value is None or isinstance(value, bool) or _is_numpy_bool(value):
            return self._take(6, None if value is None else bool(value))
        if isinstance(value, str):
            return self._take(6 * len(value) + 4, str.__str__(value))  # six for a character that JSON escapes
        if isinstance(value, numbers.Integral):
            return self._whole(int(value))
        if isinstance(value, numbers.Real):
            return self._real(float(value))
        if isinstance(value, list | tuple):
            self._take(4, None)
            return [self._plain(item, depth + 1) for item in value]
        if isinstance(value, dict):
            self._take(4, None)
            return {self._key(key): self._plain(item, depth + 1) for key, item in value.items()}
        raise NotPlain(f"a value of type {type(value).__name__}; numbers, texts, booleans, lists and dicts can be compared")

    def _take(self, size: int, value: T) -> T:
        self.left -= size
        if self.left < 0:
            raise NotPlain("the values are longer together than can be looked at")
        return value

    def _whole(self, value: int) -> int:
        if value.bit_length() > MAX_DIGITS * math.log2(10):
            raise NotPlain(f"a whole number of more than {MAX_DIGITS} digits")
        return self._take(4 + value.bit_length() // 3, value)

    def _real(self, value: float) -> float:
        if not math.isfinite(value):
            raise NotPlain(f"the number {value}, which JSON does not have")
        return self._take(28, value)

    def _key(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise NotPlain(f"a dict with a key of type {type(key).__name__}; JSON has texts only")
        return self._plain(key)


def _is_numpy_bool(value: Any) -> bool:
    """What a comparison of NumPy's numbers gives. Python's own bool and its numbers know nothing of it."""
    return type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")


def _describe(error: BaseException) -> str:
    """What was raised, in one line; the message of a student's own exception may itself raise."""
    if isinstance(error, NotPlain):
        return str(error)
    try:
        message = str(error)
    except BaseException:
        message = "(its message cannot be read)"
    return " ".join(f"{type(error).__name__}: {message}"[:MAX_TEXT].split()).removesuffix(":")


def _write(path: str, evidence: dict[str, Any]) -> None:
    with open(f"{path}.part", "w", encoding="ascii") as file:
        json.dump(evidence, file, allow_nan=False)
    os.replace(f"{path}.part", path)
