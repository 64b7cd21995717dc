"""What may be counted: changes to this answer, without what comes of them, which the grader alone knows."""

from __future__ import annotations

from ps8.explain.item import Statement

_VIEWS = {"l": "feat_l alone", "ab": "feat_ab alone", "both": "both", "neither": "neither"}

STATEMENTS = (
    Statement(
        "encoder_cmc",
        "squares",
        "in place of your Encoder stands one that cuts the image into 4x4 squares of 16x16 pixels and gives 24 numbers for "
        "each. In {k} of the squares one pixel changes, in {channel}.",
        "How many of the 2*384 numbers that your EncoderCMC gives can change?",
        draws={"k": (2, 3, 4, 6, 7), "channel": ("L", "b", "a and b", "L and a", "all three")},
    ),
    Statement(
        "encoder_cmc",
        "emptied",
        "before your model sees a batch, {channel} of every image is set to 0.",
        "Which feature is then the same for all images?",
        _VIEWS,
        {"channel": ("L", "b", "a and b", "L and a", "all three")},
    ),
)
