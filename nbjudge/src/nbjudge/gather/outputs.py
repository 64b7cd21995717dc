"""Outputs of a student's cells: bounded while they come, and plain before anybody's browser sees them."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from nbformat import NotebookNode

from nbjudge.ground.foreign_names import shown
from nbjudge.ground.notebooks import new_node
from nbjudge.ground.pictures import NoPicture, picture_of
from nbjudge.ground.terminal import output

CUT = "… More came out of this cell than is kept: the rest is left out …"


class Bounded:
    """Admits a cell's outputs up to a number of bytes and messages, then no more.

    Attributes:
        cut: whether something was not admitted.
    """

    def __init__(self, limit: int, messages: int = 2_000) -> None:
        self.limit, self.messages = limit, messages
        self.reset()

    def reset(self) -> None:
        self._bytes = self._count = 0
        self.cut = False

    def admits(self, message: dict[str, Any]) -> bool:
        self._count += 1
        if not self.cut:
            self._bytes += len(json.dumps(message.get("content", {}), default=str))
            self.cut = self._count > self.messages or self._bytes > self.limit
        return not self.cut


def clean_outputs(outputs: list[NotebookNode], cut: bool = False) -> list[NotebookNode]:
    """Text as a terminal shows it, and pictures that are some. HTML, SVG and scripts of a student go nowhere.

    What was printed in a row becomes one output.

    Args:
        outputs: as the kernel gave them.
        cut: whether there were more, which is then said.
    """
    kept: list[NotebookNode] = []
    for printed, group in groupby(outputs, lambda told: told.get("output_type") == "stream"):
        if printed:
            kept.append(_printed(output("".join(_joined(told.get("text", "")) for told in group))))
        else:
            kept += [told for told in map(_clean, group) if told is not None]
    return [*kept, _printed(CUT)] if cut else kept


def _printed(text: str) -> NotebookNode:
    return new_node(output_type="stream", name="stdout", text=text)


def _clean(told: NotebookNode) -> NotebookNode | None:
    if told.get("output_type") == "error":
        trace = output("\n".join(map(_joined, told.get("traceback", ()))))
        name, value = shown(str(told.get("ename", ""))), output(told.get("evalue", ""))
        return new_node(output_type="error", ename=name, evalue=value, traceback=trace.split("\n") if trace else [])
    data = _data(told.get("data", {}))
    return new_node(output_type="display_data", data=data, metadata=new_node()) if data else None


def _data(data: dict[str, Any]) -> NotebookNode:
    """A picture with its text, or the text; in place of a picture that is not shown, why it is not."""
    words = [output(data["text/plain"])] if "text/plain" in data else []
    kept = new_node()
    try:
        if picture := picture_of(data):
            kept[picture.mime] = picture.data
    except NoPicture as why:
        words = [f"({why})", *words]
    if words:
        kept["text/plain"] = "\n".join(words)
    return kept


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
