"""Arrays as panels: one with its numbers in the cells, one as plain pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from nbjudge.judge.compare import ATOL, RTOL

from autograder.figures.svg import ODD, box, colours, picture, text

MOST = 32  # rows and columns of an answer that are drawn; a student's array may have any size
WRONG = "#d0006f"  # outlines what differs


@dataclass(frozen=True)
class Panel:
    """A piece of a drawing and the height that it takes."""

    parts: tuple[str, ...]
    height: float


def differs(actual: np.ndarray, expected: np.ndarray, rtol: float = RTOL, atol: float = ATOL) -> np.ndarray:
    """Where two arrays of one shape differ by more than the judge lets pass; what is not finite always does."""
    with np.errstate(all="ignore"):
        close: np.ndarray = np.abs(actual - expected) <= atol + rtol * np.abs(expected)
    return ~close


def scale(expected: np.ndarray) -> float:
    """What the strongest colour stands for: the largest size of an expected value."""
    return float(np.abs(expected).max()) if expected.size and np.isfinite(expected).all() else 1.0


def as_table(values: np.ndarray) -> np.ndarray | None:
    """An array as rows and columns, without axes of length 1 at its end, cut to what can be drawn; None if it is no table."""
    while values.ndim > 2 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim == 1:
        values = values[None]
    return values[:MOST, :MOST] if values.ndim == 2 and values.size else None


def numbers(x: float, y: float, width: float, title: str, values: np.ndarray, most: float, wrong: np.ndarray | None) -> Panel:
    """A table with a coloured cell for each value, the value in it; those that are wrong have an outline, or all together."""
    table = as_table(values)
    if table is None:
        return nothing(x, y, width, title, values)
    rows, columns = table.shape
    wide, tall = width / columns, min(20.0, max(7.0, width / columns))
    top, parts = y + 15, [text(x, y + 10, title)]
    fill = colours(table, most)
    parts.append(picture(x, top, width, rows * tall, fill))
    marks = as_table(wrong) if wrong is not None else None
    for (i, j), value in np.ndenumerate(table):
        left, above = x + j * wide, top + i * tall
        if wide >= 18:
            size = min(9.0, wide / 2.9)
            parts.append(
                text(
                    left + wide / 2, above + tall / 2 + size / 3, short(value), size=size, anchor="middle", fill=ink(fill[i, j])
                )
            )
        if marks is not None and marks[i, j] and not marks.all():
            parts.append(box(left + 0.75, above + 0.75, wide - 1.5, tall - 1.5, WRONG, 1.5))
    if marks is not None and marks.all():
        parts.append(box(x + 0.75, top + 0.75, width - 1.5, rows * tall - 1.5, WRONG, 1.5))
    return Panel(tuple(parts), 15 + rows * tall)


def pixels(x: float, y: float, width: float, title: str, image: np.ndarray, height: float | None = None) -> Panel:
    """An image of uint8, (rows, columns, 3), under its title."""
    rows, columns = image.shape[:2]
    tall = height if height is not None else width * rows / columns
    parts = (text(x, y + 10, title), picture(x, y + 15, width, tall, image), box(x, y + 15, width, tall))
    return Panel(parts, 15 + tall)


def nothing(x: float, y: float, width: float, title: str, values: np.ndarray | None) -> Panel:
    """In place of a panel, where there is nothing to draw: the shape."""
    what = "nothing came" if values is None else f"shape {list(values.shape)}"[:60]
    parts = (text(x, y + 10, title), box(x, y + 15, width, 40), text(x + width / 2, y + 39, what, anchor="middle"))
    return Panel(parts, 55)


def short(value: float) -> str:
    """A number in at most five characters, or nearly."""
    if not np.isfinite(value):
        return str(value)
    size = abs(value)
    if size >= 1e4:
        return f"{value:.0e}".replace("e+0", "e")
    digits = 0 if size >= 99.5 else 1 if size >= 9.95 else 2
    return f"{round(value, digits) + 0.0:.{digits}f}"  # no minus before a zero


def ink(colour: np.ndarray) -> str:
    """Black or white, whichever is read better on a colour."""
    red, green, blue = (float(c) for c in colour)
    return "#111" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 or tuple(colour) == ODD else "#fff"
