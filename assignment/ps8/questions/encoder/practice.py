"""Changes to 1.1: biases, brightness, single pixels."""

from __future__ import annotations

import torch

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import (
    effect_of_factor,
    made,
    set_biases,
    set_weights,
    span,
)
from ps8.probes import Namespace
from ps8.probes.tools import Numbers


def dead_units(namespace: Namespace, numbers: Numbers) -> Ran:
    x = numbers.uniform("images", 2, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    before = encoder(x).detach().clone()
    set_biases(encoder, -1000.0)
    after = encoder(x).detach()
    key = "other"
    if torch.equal(after, torch.zeros_like(after)):
        key = "zero"
    elif torch.allclose(after, before, rtol=1e-3):
        key = "same"
    elif (after < -900).all():
        key = "low"
    return Ran(key, f"before, the code's numbers went from {span(before)}; after, from {span(after)}")


def brighter(namespace: Namespace, numbers: Numbers, f: int) -> Ran:
    x = numbers.uniform("images", 2, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_biases(encoder, 0.0)
    before, after = encoder(x), encoder(f * x)
    key = effect_of_factor(after, before, {"once": f, "each_layer": f**4, "same": 1}, "no_factor")
    return Ran(key, f"before, the code's numbers went from {span(before)}; after, from {span(after)}")


def one_pixel(namespace: Namespace, numbers: Numbers, row: int, column: int) -> Ran:
    x = torch.zeros(1, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_weights(encoder, 1.0)
    set_biases(encoder, 0.0)
    x[:, :, row, column] = 1.0
    places = (encoder(x)[0] != 0).any(dim=0)
    return Ran(float(places.sum()), f"{int(places.sum())} of 16 places were not 0")


ITEMS = (
    PracticeItem(
        Statement(
            "encoder",
            "dead_units",
            "every bias of your encoder is set to -1000. The images stay as they are.",
            "What do the numbers of the code look like then?",
            {
                "zero": "all of them are 0",
                "low": "all of them are near -1000",
                "same": "they are as before: biases are learned away",
            },
        ),
        dead_units,
        "A ReLU makes every negative number 0, and behind it the next layer sees nothing but its own bias. No gradient comes "
        "back through it either: such units are dead, and stay so.",
    ),
    PracticeItem(
        Statement(
            "encoder",
            "brighter",
            "every bias of your encoder is 0, and each pixel is multiplied by {f}.",
            "What becomes of the code's numbers?",
            {
                "once": "each becomes {f} times as large",
                "each_layer": "each becomes {f} to the fourth times as large: the layers are four",
                "same": "they stay as they are",
                "no_factor": "they change, with no one factor for all",
            },
            {"f": (2, 3, 5)},
        ),
        brighter,
        "Without biases a convolution and a ReLU pass a factor above 0 on as it is: twice the input, twice the output, "
        "however many there are. The code says how bright a picture is before it says anything else.",
    ),
    PracticeItem(
        Statement(
            "encoder",
            "one_pixel",
            "every weight of your encoder is 1 and every bias 0. The image is black but for the pixel in row {row}, "
            "column {column} (counted from 0).",
            "How many of the code's 4x4 places are not 0?",
            draws={"row": (0, 8, 20, 31, 63), "column": (0, 24, 40)},
        ),
        one_pixel,
        "A number of the code sees 4, then 4 + 3*2, then 10 + 3*4, then 22 + 3*8 = 46 pixels in a row, and the next one starts "
        "16 pixels further. So a pixel near the edge is seen by one place in its row, others by two or three.",
    ),
)
