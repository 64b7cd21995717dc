"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

STATEMENTS = (
    Statement(
        "train_cmc",
        "first_batch",
        "the criterion of L gives {a} for the first batch of the epoch and 0 for the others; the criterion of ab always gives "
        "{b}. An epoch has {n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"a": (2.0, 3.0, 6.0), "b": (0.5, 1.0, 4.0), "n": (2, 3, 4, 5)},
    ),
    Statement(
        "train_cmc",
        "lead",
        "your CMCScore gives the positive a score of {d} and each of the K = {K} negatives 0.",
        "What does the loop report as `prob_l`?",
        draws={"d": (1, 2, 3), "K": (3, 9, 15, 63)},
    ),
    Statement(
        "train_cmc",
        "mute",
        "the criterion of {silent} gives its loss multiplied by 0.",
        "Which encoder is changed by a step?",
        {"L": "that of L alone", "ab": "that of ab alone", "both": "both", "neither": "neither"},
        {"silent": ("L", "ab", "both views")},
    ),
)
