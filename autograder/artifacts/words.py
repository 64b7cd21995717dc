"""Words out of a hand-in, as they may stand in a sentence of ours."""

from __future__ import annotations

MAX_NAME = 60


def named(text: object) -> str:
    """A name or a value that a student's file holds, in backticks: printable, short, and without what Markdown would read."""
    kept = "".join(char if char.isprintable() and char not in "`<>|" else "\N{REPLACEMENT CHARACTER}" for char in str(text))
    return f"`{kept[:MAX_NAME]}{'...' if len(kept) > MAX_NAME else ''}`"


def times(shape: tuple[int, ...]) -> str:
    """A shape in words: `12x3x4x4`."""
    return "x".join(map(str, shape)) or "a single number"
