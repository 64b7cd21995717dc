"""Words out of a submission, as they may stand in a sentence of ours."""

from __future__ import annotations

from nbjudge.ground.foreign_names import shown

MAX_NAME = 60
_MEANT = str.maketrans(dict.fromkeys("`<>|", "\N{REPLACEMENT CHARACTER}"))


def named(text: object) -> str:
    """A name or a value that a student's file holds, in backticks: printable, short, and without what Markdown would read."""
    return f"`{shown(str(text), MAX_NAME).translate(_MEANT)}`"


def times(shape: tuple[int, ...]) -> str:
    """A shape in words: `12x3x4x4`."""
    return "x".join(map(str, shape)) or "a single number"
