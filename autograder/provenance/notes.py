"""The collector's notes beside the evidence. They come from a student's kernel, which can make them say anything."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 1 << 16  # of the header that holds them
MOST, LONG = 12, 100  # of what was left over: entries, characters of one
_PLAIN = re.compile(r"[^\w .,:;()\[\]{}='\"*+-]")


@dataclass(frozen=True)
class Notes:
    """What the collector says of the kernel at one probe.

    Attributes:
        cells: the cells that the answer's code is from, by the number that IPython gives a cell's text.
        left: what other cells had left over, and was put right.
        threads: how many ran code of the student's besides.
    """

    cells: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    threads: int = 0


def read_notes(blob: bytes) -> Notes | None:
    """The notes in an evidence file's bytes; None if there are none, as when something else wrote the file."""
    length = int.from_bytes(blob[:8], "little")
    if not 2 <= length <= MOST_BYTES:
        return None
    try:
        header = json.loads(blob[8 : 8 + length])
        told = json.loads(header["__metadata__"]["notes"])
        threads = told["threads"]
        cells, left = _texts(told["cells"]), _texts(told["left"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Notes(cells, left, threads if type(threads) is int and 0 <= threads < 1000 else 0)


def _texts(values: Any) -> tuple[str, ...]:
    """Texts of one line, of letters, digits and the signs of code."""
    if not isinstance(values, list):
        raise TypeError
    return tuple(_PLAIN.sub("", str(value)[:LONG]) for value in values[:MOST])
