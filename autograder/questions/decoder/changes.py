"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.explain.levers import made, set_biases, set_weights
from ps8.probes import Namespace
from ps8.probes.tools import Numbers


def one_place(namespace: Namespace, numbers: Numbers, row: int, column: int) -> Ran:
    code = torch.zeros(1, 24, 4, 4)
    decoder = made(namespace["Decoder"](), code, numbers)
    set_weights(decoder, 1.0)
    set_biases(decoder, 0.0)
    code[:, 0, row, column] = 1.0
    return Ran(float((decoder(code)[0] != 0.5).any(dim=0).sum()))


def last_biases(namespace: Namespace, numbers: Numbers, b: float) -> Ran:
    codes = numbers.normal("codes", 2, 24, 4, 4)
    decoder = made(namespace["Decoder"](), codes, numbers)
    set_weights(decoder, 0.0)
    set_biases(decoder, 0.0)
    set_biases(decoder, b, length=3)
    image = decoder(codes).detach()
    return Ran(float(image.mean()) if float(image.max() - image.min()) < 1e-5 else "none")


CHANGES: dict[str, Callable[..., Ran]] = {
    "one_place": one_place,
    "one_grey": last_biases,
}
