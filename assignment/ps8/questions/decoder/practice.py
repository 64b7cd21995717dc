"""Changes to 1.2: weights and biases."""

from __future__ import annotations

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import (
    made,
    set_biases,
    set_weights,
    span,
)
from ps8.probes import Namespace
from ps8.probes.tools import Numbers


def nothing_left(namespace: Namespace, numbers: Numbers) -> Ran:
    codes = numbers.normal("codes", 2, 24, 4, 4)
    decoder = made(namespace["Decoder"](), codes, numbers)
    set_weights(decoder, 0.0)
    set_biases(decoder, 0.0)
    image = decoder(codes)
    return Ran(float(image.mean()), f"the pixels went from {span(image)}")


def last_bias(namespace: Namespace, numbers: Numbers, b: float) -> Ran:
    codes = numbers.normal("codes", 2, 24, 4, 4)
    decoder = made(namespace["Decoder"](), codes, numbers)
    set_weights(decoder, 0.0)
    set_biases(decoder, b, length=3)
    image = decoder(codes)
    return Ran(float(image.mean()), f"the pixels went from {span(image)}")


ITEMS = (
    PracticeItem(
        Statement(
            "decoder",
            "nothing_left",
            "every weight and every bias of your decoder is set to 0.",
            "Which value does it give every pixel?",
        ),
        nothing_left,
        "The last layer then gives 0, and the Sigmoid of 0 is 0.5. Small random weights are close to that: this is where the "
        "loss of an untrained autoencoder starts.",
    ),
    PracticeItem(
        Statement(
            "decoder",
            "last_bias",
            "every weight of your decoder is set to 0, and the biases of its last layer to {b}.",
            "Which value does it give every pixel?",
            draws={"b": (1.0, -1.0, 2.0, -2.0)},
        ),
        last_bias,
        "With weights of 0 the last layer gives its bias, whatever the code is, and the Sigmoid 1 / (1 + exp(-b)) of it.",
    ),
)
