"""Where the code of an answer comes from: the cells that what stands under its name was compiled in."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from types import FunctionType
from typing import Any

from ps8.questions import PROBES, ROOMS

from autograder.collector.surroundings import CELL

ANSWERS: Mapping[str, str] = {name: ROOMS[name].defines[0] for name in PROBES}  # question -> the name that it defines
MOST = 200  # objects that are looked at


def cells_of(question: str, namespace: Mapping[str, Any]) -> list[str]:
    """The cells that an answer's code is from, by the number that IPython gives a cell's text; its own, and what it wraps.

    A function around the answer, such as a timer, leads to the answer: through its closure, `functools.partial`, the names that
    it uses, or the classes that it inherits from.
    """
    start = namespace.get(ANSWERS.get(question, ""))
    found: dict[str, None] = {}
    waiting: list[Any] = [start]
    seen: set[int] = set()
    while waiting and len(seen) < MOST:
        value = waiting.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        for inner in _inside(value, namespace):
            if isinstance(inner, PurePath):
                found[inner.stem] = None
            else:
                waiting.append(inner)
    return list(found)


def _inside(value: Any, namespace: Mapping[str, Any]) -> Iterator[Any]:
    """The file that stands for the cell that a function is from, and the functions and classes that it leads to."""
    if isinstance(value, FunctionType):
        if CELL in value.__code__.co_filename:
            yield PurePath(value.__code__.co_filename)
        yield getattr(value, "__wrapped__", None)
        yield from (namespace[name] for name in value.__code__.co_names if name in namespace and _leads_on(namespace[name]))
        for cell in value.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not filled yet
                continue
    elif isinstance(value, type):
        yield from vars(value).values()
        yield from (base for base in value.__bases__ if base.__module__ == "__main__")
    elif isinstance(value, functools.partial):
        yield value.func
    elif isinstance(value, staticmethod | classmethod):
        yield value.__func__
    elif isinstance(value, property):
        yield value.fget
    elif callable(value) and getattr(type(value), "__module__", "") == "__main__":
        yield type(value)
        yield from vars(value).values() if hasattr(value, "__dict__") else ()


def _leads_on(value: Any) -> bool:
    return isinstance(value, FunctionType | functools.partial) or (isinstance(value, type) and value.__module__ == "__main__")
