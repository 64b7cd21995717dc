"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

STATEMENTS = (
    Statement(
        "cmc_score",
        "right_angle",
        "momentum is {m}, the temperature {T}; both views give the same feature z, which stands at a right angle to the "
        "image's old row (both have length 1); and you call your CMCScore twice with the same batch.",
        "Which score does the positive get in the second call?",
        draws={"m": (0.2, 0.3, 0.5, 0.6, 0.8), "T": (0.05, 0.1, 0.2, 0.25)},
    ),
    Statement(
        "cmc_score",
        "angle",
        "momentum is 0, the temperature {T}; the features l and ab of each image have the cosine {c}; and you call your "
        "CMCScore twice with the same batch.",
        "Which score does the positive get in the second call?",
        draws={"c": (-1.0, -0.6, 0.3, 0.8), "T": (0.05, 0.1, 0.2, 0.25)},
    ),
    Statement(
        "cmc_score",
        "rows",
        "your CMCScore has banks of {N} rows and is called once, with a batch of {B} different images and {K} negatives each; "
        "momentum is 0.5.",
        "How many rows change in the two banks together?",
        draws={"N": (40, 60, 90), "B": (3, 5, 8, 12), "K": (6, 16, 30)},
    ),
)
