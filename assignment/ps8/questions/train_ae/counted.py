"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

STATEMENTS = (
    Statement(
        "train_ae",
        "one_grey",
        "the model paints {g} into every pixel, whatever its weights are; every pixel of every image is {v}. An epoch has "
        "{n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"g": (0.2, 0.4, 0.7), "v": (0.0, 0.1, 0.9, 1.0), "n": (2, 3, 4, 6)},
    ),
    Statement(
        "train_ae",
        "two_greys",
        "the model paints 0.5 into every pixel, whatever its weights are. In each batch half of the images are {v} in every "
        "pixel, the others {w}. An epoch has {n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"v": (0.0, 0.1, 0.2), "w": (0.6, 0.8, 0.9), "n": (2, 3, 5)},
    ),
)
