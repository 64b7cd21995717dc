"""What a probe writes down: arrays by name, and for each part that raised, what it raised."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

MAX_BYTES = 8 * 2**20  # for one question; the reference needs less than a tenth of it
MAX_LEFT, MAX_TENSORS = 2**12, 16  # entries of a tensor that was left behind when something was raised, and how many
MAX_TEXT = 2_000  # characters of an error message
_KINDS = "fiub"  # float, signed and unsigned integer, bool: no objects, no strings, no complex numbers


class BadEvidence(Exception):
    """A value that cannot be taken as evidence, with the reason in words."""


@dataclass
class Evidence:
    """What came out of one question's probe.

    Attributes:
        arrays: name -> array of floats, integers or booleans, in C order and owning its memory.
        errors: part of the probe -> what the student's code raised there, in one line.
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def record(self, name: str, value: Any) -> None:
        """Copies a tensor, an array or a number into the evidence.

        Raises:
            BadEvidence: if the value is none of these, or the evidence would grow beyond `MAX_BYTES`.
        """
        array = to_array(name, value)
        if sum(a.nbytes for a in self.arrays.values()) + array.nbytes > MAX_BYTES:
            raise BadEvidence(f"{name} has shape {array.shape}: more than can be looked at")
        self.arrays[name] = array

    @contextmanager
    def part(self, name: str, left: bool = False) -> Iterator[None]:
        """Keeps an exception of the student's code to this part of the probe, written down.

        Args:
            name: of the part.
            left: also record what the code had worked out by then, `name.left0` and so on: that may be right.
        """
        try:
            yield
        except KeyboardInterrupt:
            raise  # a time-out: the one who set it must know
        except BaseException as error:  # a student's code may well raise SystemExit
            self.errors[name] = describe(error)
            for k, tensor in enumerate(_left_behind(error) if left else ()):
                self.record(f"{name}.left{k}", tensor)


def to_array(name: str, value: Any) -> np.ndarray:
    """A copy of a tensor, an array or a number as a plain array.

    Raises:
        BadEvidence: if the value is something else.
    """
    if isinstance(value, torch.Tensor):
        tensor = value.detach()
        if tensor.numel() * tensor.element_size() > MAX_BYTES:
            raise BadEvidence(f"{name} has shape {tuple(tensor.shape)}: more than can be looked at")
        if tensor.dtype in (torch.bfloat16, torch.float16):
            tensor = tensor.float()
        value = tensor.cpu().numpy()
    elif not isinstance(value, (np.ndarray, np.generic, int, float, bool)):
        raise BadEvidence(f"{name} should be a tensor, it is {type(value).__name__}")
    array = np.array(value, order="C", copy=True)
    if array.dtype.kind not in _KINDS:
        raise BadEvidence(f"{name} should hold numbers, it holds {array.dtype}")
    return array


def describe(error: BaseException) -> str:
    """`TypeError in forward, line 12: message`, with the line of the student's own code where that can be told."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith("<frozen") and "site-packages" not in frame.filename and _is_cell(frame.filename):
            where = f" in {frame.name}, line {frame.lineno}"
    try:
        message = str(error)
    except BaseException:  # a lying __str__ must not end the probe
        message = ""
    text = f"{type(error).__name__}{where}" + (f": {message}" if message else "")
    return text[:MAX_TEXT]


def _left_behind(error: BaseException) -> list[torch.Tensor]:
    """The small tensors of numbers in the variables of the student's functions that were running, the innermost's first."""
    found = []
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        if _is_cell(frame.f_code.co_filename):
            values = [value for _, value in sorted(frame.f_locals.items())]
            found += [v for v in values if type(v) is torch.Tensor and v.is_floating_point() and v.numel() <= MAX_LEFT]
    return found[:MAX_TENSORS]


def _is_cell(filename: str) -> bool:
    """Whether a frame's file is a notebook cell: IPython compiles those under a made-up name."""
    return "ipykernel" in filename or filename.startswith("<")
