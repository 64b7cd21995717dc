"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.probes import Namespace
from ps8.probes.tools import Numbers
from ps8.questions.encoder_cmc.practice import both, features, one_of

CHANNELS = {"L": [0], "b": [2], "a and b": [1, 2], "L and a": [0, 1], "all three": [0, 1, 2]}


def touched(namespace: Namespace, numbers: Numbers, k: int, channel: str) -> Ran:
    x = numbers.normal("lab", 1, 3, 64, 64)
    model, before = features(namespace, x)
    y = x.clone()
    for place in range(k):
        y[0, CHANNELS[channel], 16 * (place // 4) + 5, 16 * (place % 4) + 9] += 3.0
    after = both(model, y)
    return Ran(float(sum(int((after[view] - before[view]).abs().gt(1e-7).sum()) for view in before)))


def without_channels(namespace: Namespace, numbers: Numbers, channel: str) -> Ran:
    x = numbers.normal("lab", 3, 3, 64, 64)
    x[:, CHANNELS[channel]] = 0
    _, feats = features(namespace, x)
    return Ran(one_of({view: torch.allclose(f, f[:1].expand_as(f), atol=1e-6) for view, f in feats.items()}))


CHANGES: dict[str, Callable[..., Ran]] = {
    "squares": touched,
    "emptied": without_channels,
}
