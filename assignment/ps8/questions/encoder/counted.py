"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

_ROWS, _COLUMNS = (0, 7, 14, 22, 30, 40, 48, 63), (0, 5, 16, 27, 33, 47, 62)
_BLACK = "every weight is 1 and every bias 0"

STATEMENTS = (
    Statement(
        "encoder",
        "two_pixels",
        f"in your encoder {_BLACK}. The image is black but for two pixels, in row {{row}}, column {{column}}, and in row "
        "{lower}, column {right} (counted from 0).",
        "How many of the code's 4x4 places are not 0?",
        draws={"row": _ROWS[:4], "column": _COLUMNS[:4], "lower": _ROWS[4:], "right": _COLUMNS[4:]},
    ),
    Statement(
        "encoder",
        "two_layers",
        "in your encoder every bias is 0. The weights of its convolution number {one} are multiplied by {f}, and those of "
        "number {two} by {g}.",
        "By which factor does the code change?",
        draws={"one": (1, 2), "two": (3, 4), "f": (2, 3, 0.5), "g": (4, 5, 10, 0.25)},
    ),
)
