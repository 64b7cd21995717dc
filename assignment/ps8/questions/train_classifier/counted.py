"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

_PARTS = {"both": "both", "encoder": "the encoder alone", "classifier": "the classifier alone", "neither": "neither"}

STATEMENTS = (
    Statement(
        "train_classifier",
        "ahead",
        "every feature is 0; so are all weights and biases of the classifier, but for the bias of class {c}, which is {d}. "
        "Every label is {c}. There are ten classes, the learning rate is 0, and an epoch has {n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"c": (1, 4, 7, 9), "d": (1, 2, 3), "n": (1, 2, 3, 5)},
    ),
    Statement(
        "train_classifier",
        "cut",
        "the loss's gradient is set to 0 at the features, so none reaches the encoder. The weight decay is {decay}; "
        "supervised={supervised}.",
        "Which part is changed by a step?",
        _PARTS,
        {"decay": ("0", "as it was"), "supervised": (True, False)},
    ),
)
