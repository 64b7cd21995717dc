"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

STATEMENTS = (
    Statement(
        "softmax_loss",
        "ahead",
        "the positive's score is {s}, the scores of all K = {K} negatives are {t}.",
        "What is the loss?",
        draws={"K": (7, 15, 31, 255), "s": (-1, 0, 3), "t": (-2, 1, 2)},
    ),
    Statement(
        "softmax_loss",
        "slope",
        "in a batch of {B} images all scores are equal, with K = {K} negatives.",
        "What is the gradient of the loss by the first image's score at column {column}?",
        draws={"B": (2, 4, 5, 10), "K": (1, 3, 4, 9), "column": (0, 1)},
    ),
    Statement(
        "softmax_loss",
        "some_sure",
        "of a batch of {B} images, {sure} have a positive whose score is higher by 100 than all others; the scores of the "
        "other images are all equal. There are K = {K} negatives.",
        "What is the loss?",
        draws={"B": (4, 5, 8), "sure": (1, 2, 3), "K": (7, 31, 127)},
    ),
)
