"""The regions between ### BEGIN SOLUTION and ### END SOLUTION, which nbgrader cuts out of what students get.

nbgrader takes any line that holds the two words for a marker; so does this module, lest the two see different
regions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from assignment.builder.stub import STUB

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"


@dataclass(frozen=True)
class Region:
    """A solution region, by the 0-based lines of its two markers."""

    begin: int
    end: int


class Unbalanced(ValueError):
    """A marker without its partner.

    Attributes:
        line: 0-based line of the marker.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def find_regions(text: str) -> list[Region]:
    """The regions of a text, from first to last.

    Raises:
        Unbalanced: at the first marker that has no partner.
    """
    found, begin = [], None
    for number, line in enumerate(text.split("\n")):
        if BEGIN in line:
            if begin is not None:
                raise Unbalanced(number, f"### {BEGIN} inside a region that has not ended")
            begin = number
        elif END in line:
            if begin is None:
                raise Unbalanced(number, f"### {END} without a ### {BEGIN} above it")
            found.append(Region(begin, number))
            begin = None
    if begin is not None:
        raise Unbalanced(begin, f"### {BEGIN} without a ### {END} below it")
    return found


def solution_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines inside the regions, each with its 0-based number."""
    lines = text.split("\n")
    for region in find_regions(text):
        for number in range(region.begin + 1, region.end):
            yield number, lines[number]


def given_lines(text: str) -> list[str]:
    """The lines outside the regions: what the student is given."""
    lines = text.split("\n")
    inside = {n for region in find_regions(text) for n in range(region.begin, region.end + 1)}
    return [line for number, line in enumerate(lines) if number not in inside]


def stubbed(text: str, stub: str = STUB) -> str:
    """The text as nbgrader's ClearSolutions leaves it: for each region the stub, indented like its mark."""
    lines = text.split("\n")
    for region in reversed(find_regions(text)):
        indent = re.match(r"\s*", lines[region.begin])[0]  # type: ignore[index]  # \s* matches always
        lines[region.begin : region.end + 1] = [indent + line for line in stub.split("\n")]
    return "\n".join(lines)


def disagreement(solved: str, stub_text: str, stub: str = STUB) -> str | None:
    """Where a solved text and its stub first differ outside the regions; None if they agree."""
    wanted, got = stubbed(solved, stub).split("\n"), stub_text.split("\n")
    for number, (left, right) in enumerate(zip_longest(wanted, got), start=1):
        if left != right:
            return f"line {number} of the stub is {right!r}, the reference has {left!r}"
    return None
