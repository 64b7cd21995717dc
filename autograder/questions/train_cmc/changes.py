"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.explain.levers import which_moved
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, parameter_vector
from ps8.questions.train_cmc.practice import AtRest, Constant
from ps8.questions.train_cmc.probe import TinyContrast, TinyViews, WeightedLoss, coarse_images
from torch import Tensor, nn


class _FirstOnly(nn.Module):
    """A criterion that gives one number at its first call and 0 afterwards."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        value, self.value = self.value, 0.0
        return value + 0 * x.sum()


def first_batch(namespace: Namespace, numbers: Numbers, a: float, b: float, n: int) -> Ran:
    contrast = TinyContrast(numbers, N=10, K=3)
    return Ran(float(_trained(namespace, numbers, TinyViews(numbers), contrast, _FirstOnly(a), Constant(b), n)["loss"][0]))


def probability(namespace: Namespace, numbers: Numbers, d: float, K: int) -> Ran:
    results = _trained(namespace, numbers, TinyViews(numbers), AtRest(K, float(d)), Constant(1.0), Constant(1.0), 2)
    return Ran(float(results["prob_l"][0]))


def mute(namespace: Namespace, numbers: Numbers, silent: str) -> Ran:
    model = TinyViews(numbers)
    parts: dict[str, nn.Module] = {"L": model.l, "ab": model.ab}
    before = {name: parameter_vector(part) for name, part in parts.items()}
    criteria = {name: Constant(0.0) if silent in (name, "both views") else WeightedLoss(0.7) for name in parts}
    _trained(namespace, numbers, model, TinyContrast(numbers, N=10, K=3), criteria["L"], criteria["ab"], 1)
    return which_moved(parts, before)


def _trained(
    namespace: Namespace, numbers: Numbers, model: nn.Module, contrast: nn.Module, l: nn.Module, ab: nn.Module, n: int
) -> dict[str, list[float]]:
    images, index = coarse_images(numbers)[: 2 * n], numbers.permutation("index", 10)[: 2 * n]
    loader = Batches(images, torch.zeros(2 * n, dtype=torch.long), index, sizes=[2] * n)
    return namespace["train_cmc"](model, contrast, l, ab, loader, epochs=1)[1]  # type: ignore[no-any-return]


CHANGES: dict[str, Callable[..., Ran]] = {
    "first_batch": first_batch,
    "lead": probability,
    "mute": mute,
}
