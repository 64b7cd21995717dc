"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.explain.levers import factor, made, set_biases, set_weights
from ps8.probes import Namespace
from ps8.probes.tools import Numbers


def two_pixels(namespace: Namespace, numbers: Numbers, row: int, column: int, lower: int, right: int) -> Ran:
    x = torch.zeros(1, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_weights(encoder, 1.0)
    set_biases(encoder, 0.0)
    x[:, :, row, column] = x[:, :, lower, right] = 1.0
    return Ran(float((encoder(x)[0] != 0).any(dim=0).sum()))


def two_layers(namespace: Namespace, numbers: Numbers, one: int, two: int, f: float, g: float) -> Ran:
    x = numbers.uniform("images", 2, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_biases(encoder, 0.0)
    before = encoder(x).detach().clone()
    widths = {1: (12, 3), 2: (24, 12), 3: (48, 24), 4: (24, 48)}
    with torch.no_grad():
        for parameter in encoder.parameters():
            for layer, by in ((one, f), (two, g)):
                if tuple(parameter.shape[:2]) == widths[layer]:
                    parameter.mul_(by)
    found = factor(encoder(x), before)
    return Ran("none" if found is None else found)


CHANGES: dict[str, Callable[..., Ran]] = {
    "two_pixels": two_pixels,
    "two_layers": two_layers,
}
