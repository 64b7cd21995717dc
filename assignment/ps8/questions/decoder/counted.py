"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

_BLACK = "every weight is 1 and every bias 0"

STATEMENTS = (
    Statement(
        "decoder",
        "one_place",
        f"in your decoder {_BLACK}. The code is 0 but for the place in row {{row}}, column {{column}} of its first map "
        "(counted from 0), where it is 1.",
        "How many of the image's 64*64 pixels are not 0.5?",
        draws={"row": (0, 1, 2, 3), "column": (0, 1, 2, 3)},
    ),
    Statement(
        "decoder",
        "one_grey",
        "in your decoder every weight is 0; so is every bias, but for those of the last layer, which are {b}.",
        "Which value does it give every pixel?",
        draws={"b": (-3.0, -1.5, -0.5, 0.5, 1.5, 3.0)},
    ),
)
