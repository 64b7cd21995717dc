"""Outputs of a student's cells: bounded while they come, and plain before anybody's browser sees them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from itertools import groupby

from nbformat import NotebookNode

from autograder.gather.evidence_file import clean

MAX_LINES = 200
MAX_IMAGE = 2**20
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


class Bounded:
    """Admits a cell's outputs up to a number of bytes and messages, then no more."""

    def __init__(self, limit: int, messages: int = 2_000) -> None:
        self.limit, self.messages = limit, messages
        self.reset()

    def reset(self) -> None:
        self._bytes = self._count = 0

    def admits(self, message: dict) -> bool:
        self._count += 1
        if self._count > self.messages or self._bytes > self.limit:
            return False
        self._bytes += len(json.dumps(message.get("content", {}), default=str))
        return self._bytes <= self.limit


def clean_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Text without control characters, and images that are images. HTML, SVG and scripts of a student go nowhere.

    What was printed in a row becomes one output, as a terminal would show it.
    """
    kept: list[NotebookNode] = []
    for printed, group in groupby(outputs, lambda output: output.get("output_type") == "stream"):
        if printed:
            said = "".join(_joined(output.get("text", "")) for output in group)
            kept.append(NotebookNode(output_type="stream", name="stdout", text=_text(said)))
        else:
            kept += [output for output in map(_clean, group) if output is not None]
    return kept


def _clean(output: NotebookNode) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "error":
        trace = [_text(line) for line in list(output.get("traceback", []))[:MAX_LINES]]
        name, value = _text(output.get("ename", "")), _text(output.get("evalue", ""))
        return NotebookNode(output_type="error", ename=name, evalue=value, traceback=trace)
    data = _data(output.get("data", {}))
    return NotebookNode(output_type="display_data", data=data, metadata=NotebookNode()) if data else None


def _data(data: dict) -> NotebookNode:
    kept = NotebookNode()
    if "text/plain" in data:
        kept["text/plain"] = _text(data["text/plain"])
    for mime, magic in (("image/png", _PNG), ("image/jpeg", _JPEG)):
        try:
            raw = base64.b64decode("".join(str(data.get(mime, "")).split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if raw.startswith(magic) and len(raw) <= MAX_IMAGE:
            kept[mime] = base64.b64encode(raw).decode()
    return kept


def _text(text: object) -> str:
    lines = _ANSI.sub("", _joined(text)[: MAX_LINES * 1000]).split("\n")
    return "\n".join(clean(_overwritten(line)) for line in lines[:MAX_LINES])


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _overwritten(line: str) -> str:
    """What stands on a line in the end: a carriage return goes back to its start, as progress bars do."""
    return line.rstrip("\r").rpartition("\r")[2]
