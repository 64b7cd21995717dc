"""Outputs without what belongs to the machine that ran them: its folders, memory, speed and warnings."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import groupby
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output

from assignment.builder.checkout import ROOT

ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
FOLDERS = re.compile(r"(?<![\w.:/~<-])/(?:[\w.@+-]+/)+")  # an absolute path, but for its last part
BAR = re.compile(r"^(?P<label>.*?)\d+%\s*(?:\|[^|]*\|)?\s*\S*/(?P<total>\S+)")  # as tqdm writes it
PICTURE = re.compile(r"\|[^|]*\|")
CLOCK = re.compile(r"<span class=ps8-time>[^<]*</span>|, in \d+:\d\d(?::\d\d)?$")  # of the kit's display of a training
DATA = re.compile(r"(data:[\w/+.-]+;base64,[A-Za-z0-9+/=]*)")  # letters that name no folder
TIMES = re.compile(r"\[\d+:\d+(?::\d+)?<[^,\]]*(?:,\s*[^,\]]*)?(?:,\s*)?")  # of [00:10<00:00, 4.9epoch/s, loss=1.500]

# What is left of an output: a line of progress, as (its bar, the line), a piece of text, or the output.
Item = tuple[tuple[str, str], str] | str | NotebookNode


class Scrubber:
    """Cleans the outputs of one notebook.

    Args:
        places: folders that outputs may name, and what to call them.
    """

    def __init__(self, places: Mapping[str, str] | None = None) -> None:
        known = {str(ROOT): "ps8", sys.prefix: "python", str(Path.home()): "~", **(places or {})}
        # The longest first: a folder inside another has its own name.
        longest = sorted(known, key=len, reverse=True)
        self.places = [(place, known[place]) for place in longest if len(place) > 1]

    def outputs(self, outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
        """A cell's outputs: streams joined, of each progress bar its last line, of stderr nothing else."""
        items = list(self._items(outputs))
        bars = [item[0] if isinstance(item, tuple) else None for item in items]
        last = [item for n, item in enumerate(items) if bars[n] is None or bars[n] not in bars[n + 1 :]]
        cleaned: list[NotebookNode] = []
        for is_text, group in groupby(last, lambda item: isinstance(item, str | tuple)):
            if is_text:
                said = "".join(item[1] + "\n" if isinstance(item, tuple) else str(item) for item in group)
                cleaned.append(new_output("stream", name="stdout", text=self.text(said)))
            else:
                cleaned += [self._display(output) for output in group if isinstance(output, NotebookNode)]
        return cleaned

    def text(self, text: str) -> str:
        """A text without this machine's addresses and folders, and without how long a training took."""
        parts = DATA.split(text)  # text, then data, then text
        return "".join(part if i % 2 else self._plain(part) for i, part in enumerate(parts))

    def _plain(self, text: str) -> str:
        for place, name in self.places:
            text = text.replace(place, name)
        return CLOCK.sub("", FOLDERS.sub("", ADDRESS.sub("0x...", text)))

    def _items(self, outputs: Sequence[NotebookNode]) -> Iterator[Item]:
        for name, group in groupby(outputs, lambda output: output.get("name", "")):
            if name in ("stdout", "stderr"):
                yield from _lines("".join(output.text for output in group), name == "stdout")
                continue
            yield from group

    def _display(self, output: NotebookNode) -> NotebookNode:
        shown = deepcopy(output)
        shown.metadata = NotebookNode()
        for kind, value in shown.data.items():
            if isinstance(value, str) and (not kind.startswith("image/") or kind == "image/svg+xml"):
                shown.data[kind] = self.text(value)
        return shown


def _lines(text: str, keep: bool) -> Iterator[Item]:
    """The lines of a stream as a terminal leaves them; without `keep`, only those of progress bars."""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        written = [part for part in line.rstrip("\n").split("\r") if part]
        if written and not written[-1].strip() and len(written) > 1:
            continue  # taken away again
        found = BAR.match(written[-1]) if written else None
        if found:
            yield (found["label"], found["total"]), progress_line(written[-1])
        elif keep:
            yield (written[-1] if written else "") + ("\n" if line.endswith("\n") else "")


def progress_line(line: str) -> str:
    """A line of tqdm's without its picture, times and rate: `CMC: 100% 40/40 [loss=1.5]`."""
    line = PICTURE.sub(" ", line)
    line = TIMES.sub("[", line).replace("[]", "")
    return " ".join(line.split())
