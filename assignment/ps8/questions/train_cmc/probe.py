"""Probe of 2.3: a step of `train_cmc`, with stand-ins for the model, the contrast and the criteria."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import Batches, Namespace, Numbers, Watch, fill, left_alone, numbers_of, pair, parameter_vector, stand_in


class TinyViews(nn.Module):
    """Stands in for `EncoderCMC` in 2.3: a linear map for each view of a coarse image, (3, 64, 64) -> twice (384,)."""

    spread: Tensor

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.l, self.ab = nn.Linear(16, 6), nn.Linear(32, 6)
        spread = numbers.normal("spread", 6, 384) / 8
        spread[5] = 0  # this unit goes nowhere: nothing but a weight decay moves its weights
        self.register_buffer("spread", spread)
        fill(self, numbers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        l, ab = F.avg_pool2d(x, 16).split([1, 2], dim=1)
        return self.l(l.flatten(1)) @ self.spread, self.ab(ab.flatten(1)) @ self.spread


class TinyContrast(nn.Module):
    """Stands in for `CMCScore` in 2.3: vectors that differ for the two views and for each image's number.

    As with real banks, a call changes those of its images, and `idx` may name other rows to score against. It knows
    its sizes, as a `CMCScore` does. A number for each image in place of `idx`, which a `CMCScore` refuses, is noted and taken
    for the images' numbers, so that the rest of an answer can be judged.
    """

    for_l: Tensor
    for_ab: Tensor

    def __init__(self, numbers: Numbers, N: int, K: int) -> None:
        super().__init__()
        self.register_buffer("for_l", numbers.normal("for l", N, K + 1, 384) / 8)
        self.register_buffer("for_ab", numbers.normal("for ab", N, K + 1, 384) / 8)
        self.N, self.K, self.T, self.momentum = N, K, 1.0, 0.8
        self.contrasted = self.refused = 0  # how often it was called, and with an `idx` that a real one refuses

    def forward(self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        self.contrasted += 1
        flat = idx is not None and idx.dim() == 1
        self.refused += flat
        if flat:
            rows = [bank[idx] for bank in (self.for_l, self.for_ab)]
        else:
            rows = [bank[y] if idx is None else bank[idx][:, 0] for bank in (self.for_l, self.for_ab)]
        with torch.no_grad():
            self.for_l[y] *= 0.8
            self.for_ab[y] *= 0.8
        return rows[0] @ l[:, :, None], rows[1] @ ab[:, :, None]


def _noted(numbers: Numbers, made: list[nn.Module]) -> type[nn.Module]:
    """Stands in for the class `CMCScore` in 2.3: an answer that makes a contrast of its own gets one, and it is noted."""

    class Made(TinyContrast):
        def __init__(self, *sizes: Any, **settings: Any) -> None:
            super().__init__(numbers, N=10, K=3)
            made.append(self)

    return Made


class WeightedLoss(nn.Module):
    """Stands in for a criterion in 2.3: a smooth function of the scores, another one for each weight."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.weight * x).mean() + self.weight * (x**2).mean()


def coarse_images(numbers: Numbers) -> Tensor:
    """Ten images of the documented shape, (3, 64, 64), made of 4x4 pixels so that they differ in the large."""
    return numbers.normal("lab", 10, 3, 4, 4).repeat_interleave(16, dim=2).repeat_interleave(16, dim=3)


def index_and_labels(numbers: Numbers) -> tuple[Tensor, Tensor]:
    """The images' numbers, and labels that they are not to be taken for."""
    return numbers.permutation("index", 10), numbers.integers("labels", 10, 10)


def probe_train_cmc(namespace: Namespace, numbers: Numbers) -> Evidence:
    """The stand-in model after one batch and after two epochs of three, and what was reported on the way."""
    evidence = Evidence()
    images, (index, labels) = coarse_images(numbers), index_and_labels(numbers)
    for name, sizes, epochs in [("one", [4], 1), ("many", [4, 4, 2], 2)]:
        model, contrast, made = TinyViews(numbers), TinyContrast(numbers, N=10, K=3), list[nn.Module]()
        with (
            Watch(model, images.clone()) as watch,
            evidence.part(name, left=True),
            stand_in(namespace, CMCScore=_noted(numbers, made)),
            left_alone(evidence, f"{name}.input_changed", images),
        ):
            evidence.record(f"{name}.before", parameter_vector(model))
            loader = Batches(images, labels, index, sizes=sizes)
            losses = WeightedLoss(0.5), WeightedLoss(1.5)
            returned = namespace["train_cmc"](model, contrast, *losses, loader, epochs=epochs)
            trained, history = pair(returned, 2, evidence, f"{name}.stepped", model)
            evidence.record(f"{name}.after", parameter_vector(trained))
            for key in ("loss", "prob_l", "prob_ab"):
                values, graph = numbers_of(history[key])
                evidence.record(f"{name}.{key}", values)
                if key == "loss":
                    evidence.record(f"{name}.graph", graph)
        evidence.record(f"{name}.slopes", watch.slopes())
        evidence.record(f"{name}.counts", watch.counts())
        evidence.record(f"{name}.strange", int(watch.strange > 0))
        evidence.record(f"{name}.contrasted", contrast.contrasted)
        evidence.record(f"{name}.refused", int(contrast.refused > 0))
        evidence.record(f"{name}.made", len(made))
    return evidence
