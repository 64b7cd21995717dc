"""The variables of a function that is running: reading them, and setting them from outside."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any


def is_function(frame: FrameType) -> bool:
    """Whether a frame is a function's: the variables of a cell are all of the notebook's."""
    return bool(frame.f_code.co_flags & CO_OPTIMIZED)


def read_locals(frame: FrameType) -> dict[str, Any]:
    """A function's variables that have a value, in the order of its code."""
    found = dict(frame.f_locals)
    order = [*frame.f_code.co_varnames, *frame.f_code.co_cellvars, *frame.f_code.co_freevars]
    return {name: found[name] for name in dict.fromkeys(order) if name in found}


def write_locals(frame: FrameType, values: Mapping[str, Any]) -> None:
    """Sets variables of a function that is running, further up."""
    if sys.version_info >= (3, 13):  # what f_locals gives writes through
        frame.f_locals.update(values)
        return
    frame.f_locals.update(values)
    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
