"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, stand_in
from ps8.questions.train_ae.practice import Grey
from torch import Tensor


def one_grey(namespace: Namespace, numbers: Numbers, g: float, v: float, n: int) -> Ran:
    return _painted(namespace, g, torch.full((4, 3, 64, 64), v), n)


def two_greys(namespace: Namespace, numbers: Numbers, v: float, w: float, n: int) -> Ran:
    images = torch.full((4, 3, 64, 64), v)
    images[::2] = w
    return _painted(namespace, 0.5, images, n)


def _painted(namespace: Namespace, grey: float, batch: Tensor, n: int) -> Ran:
    loader = Batches(batch.repeat(n, 1, 1, 1), torch.zeros(4 * n, dtype=torch.long), sizes=[4] * n)
    with stand_in(namespace, visualize_recon=lambda *a, **k: None):
        _, losses = namespace["train_ae"](Grey(grey), loader, epochs=1)
    return Ran(float(losses[0]))


CHANGES: dict[str, Callable[..., Ran]] = {
    "one_grey": one_grey,
    "two_greys": two_greys,
}
