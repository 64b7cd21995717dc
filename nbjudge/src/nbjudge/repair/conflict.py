"""What a merge left undecided: git's and nbdime's marks, between the lines of a file or in the text of a cell.

Both sides are candidates. Of each conflict the side is taken with which most can be read, and where both can, the one that was
there first: the student's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from nbformat import NotebookNode
from nbrepair.definitions import MAX_PARSED, parse
from nbrepair.leftover import STUB
from nbrepair.remarks import Remark

MAX_HUNKS = 40  # conflicts that are decided one by one; of more, all are decided alike
MAX_TRIED = 40_000_000  # characters that are read to decide them

_MARK = re.compile(r"^(?:<{7,}|\|{7,}|={7,}|>{7,})(?:[ \t].*)?\r?$", re.MULTILINE)
_ID = re.compile(r'"(?:grade_)?id"\s*:\s*("[^"\n]{1,100}")')
_OPENS = re.compile(r"^<{7,}(?:[ \t]|\r?$)", re.MULTILINE)
_CLOSES = re.compile(r"^>{7,}(?:[ \t]|\r?$)", re.MULTILINE)

Part = str | tuple[str, ...]  # lines that are no matter of dispute, or the sides of a conflict


def has_conflict(text: str) -> bool:
    """Whether a text holds marks of a merge: a line that opens a conflict, or one that closes it."""
    return bool(_OPENS.search(text) or _CLOSES.search(text))


def resolved(
    text: str, worth: Callable[[str], Any], compatible: Callable[[str, str], bool] = lambda ours, theirs: False
) -> tuple[str, int]:
    """The text without its conflicts, and how many there were.

    Args:
        text: with marks.
        worth: of a text: the larger, the more can be read of it.
        compatible: whether one side can stand above the other, as whole cells can; then both together are a choice, too.
    """
    parts = _parts(text)
    places = [n for n, part in enumerate(parts) if not isinstance(part, str)]
    options = [_options(part, compatible) for part in parts]
    most = max(map(len, options), default=1)
    uniform = [[choice[min(n, len(choice) - 1)] for choice in options] for n in range(most)]
    best = max(uniform, key=lambda chosen: worth("".join(chosen)))  # max keeps the first of equals
    if 1 < len(places) <= MAX_HUNKS and len(text) * len(places) <= MAX_TRIED:
        value = worth("".join(best))
        for place in places:
            for option in options[place]:
                other = [*best[:place], option, *best[place + 1 :]]
                if (found := worth("".join(other))) > value:
                    best, value = other, found
    return "".join(best), len(places)


def _options(part: Part, compatible: Callable[[str, str], bool]) -> Sequence[str]:
    if isinstance(part, str):
        return (part,)
    ours, theirs = part[0], part[-1]
    both = [ours + theirs] if compatible(ours, theirs) else []
    return [*part[:1], *part[-1:], *part[1:-1], *both]


def _parts(text: str) -> list[Part]:
    """The text in turns. A mark that belongs to no whole conflict is left out, and nothing else is."""
    parts: list[Part] = []
    sides: list[list[str]] | None = None
    for line in text.splitlines(keepends=True) if "\r" not in text else re.findall(r"[^\n]*\n|[^\n]+", text):
        mark = line[0] if line[:1] in "<|=>" and _MARK.match(line) else ""
        if mark == "<":
            parts.extend(map("".join, sides or ()))
            sides = [[]]
        elif sides is None:
            if mark != ">":
                parts.append(line)
        elif mark == ">":
            parts.append(tuple(map("".join, sides)))
            sides = None
        elif mark:
            sides.append([])
        else:
            sides[-1].append(line)
    parts.extend(map("".join, sides or ()))
    return parts


def are_other_cells(ours: str, theirs: str) -> bool:
    """Whether the two sides of a conflict are whole cells that have nothing to do with each other."""
    mine, other = set(_ID.findall(ours)), set(_ID.findall(theirs))
    return bool(mine and other) and not mine & other


def say(count: int) -> Remark:
    """What was done with a number of conflicts."""
    what = f"{count} conflicts" if count > 1 else "a conflict"
    return Remark(f"A merge had left {what} (lines such as <<<<<<<): of each the side that could be read was taken.", cost=True)


def decided(cell: NotebookNode) -> tuple[str, int]:
    """A cell's text without the marks of a merge, and how many conflicts it had. Code that is Python as it is has none."""
    text: str = cell.source
    if cell.cell_type != "code":
        return resolved(text, len) if text.count("<<<<<<<") and text.count(">>>>>>>") else (text, 0)
    if len(text) > MAX_PARSED or parse(text) is not None:
        return text, 0
    return resolved(text, lambda side: (parse(side) is not None, -side.count(STUB)))
