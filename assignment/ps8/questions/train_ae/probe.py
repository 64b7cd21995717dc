"""Probe of 1.4: a step of `train_ae`."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    Batches,
    Namespace,
    Numbers,
    Watch,
    fill,
    left_alone,
    numbers_of,
    pair,
    parameter_vector,
    setting,
    stand_in,
)


class _TinyEncoder(nn.Module):
    """One layer, pixel by pixel, whose last map goes nowhere: nothing but a weight decay moves its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 9, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.layer(x)
        return maps[:, :8] + 0 * maps[:, 8:]


class TinyAutoencoder(nn.Module):
    """Stands in for the student's `Autoencoder` in 1.4: an encoder and a decoder of one layer each, pixel by pixel.

    Its 63 parameters are enough for another loss to push some of them another way: Adam's first step shows only the way.
    """

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.encoder = _TinyEncoder()
        self.decoder = nn.Sequential(nn.Conv2d(8, 3, kernel_size=1), nn.Sigmoid())
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(x))
        return out


def few_pixels(numbers: Numbers, name: str, count: int) -> Tensor:
    """Images of the documented shape, (count, 3, 64, 64) in [0, 1], made of 8x8 pixels so that they differ in the large."""
    return numbers.uniform(name, count, 3, 8, 8).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)


def training_images(numbers: Numbers) -> Tensor:
    """What is trained on, ten images: four as they come, a bright batch and a dark one, whose gradients pull different ways."""
    images = few_pixels(numbers, "images", 10)
    images[4:8] = 1 - images[4:8] / 8
    images[8:] /= 8
    return images


def probe_train_ae(namespace: Namespace, numbers: Numbers) -> Evidence:
    """The stand-in before and after one batch, and after two epochs of three batches."""
    evidence = Evidence()
    _train(namespace, numbers, evidence, 1)
    nothing = "one" in evidence.errors or not np.any(evidence.arrays.get("one.losses", 0))
    times = setting(namespace, "batch_size", 256) // 4
    if nothing and times:  # does it want batches of the notebook's own size?
        full = Evidence()
        _train(namespace, numbers, full, times)
        if "one" not in full.errors and np.any(full.arrays.get("one.losses", 0)):
            evidence.arrays, evidence.errors = full.arrays, full.errors
            evidence.record("full_only", 1)
    return evidence


def _train(namespace: Namespace, numbers: Numbers, evidence: Evidence, times: int) -> None:
    """One batch, and two epochs of three, each image so many times over: the mean over a batch is the same."""
    images, labels = training_images(numbers), numbers.integers("labels", 10, 10)
    images, labels = images.repeat_interleave(times, 0), labels.repeat_interleave(times, 0)
    runs = {"one": ([4 * times], 1), "many": ([4 * times, 4 * times, 2 * times], 2)}
    for name, (sizes, epochs) in runs.items():
        model = TinyAutoencoder(numbers)
        with (
            Watch(model, images.clone()) as watch,
            evidence.part(name, left=True),
            stand_in(namespace, visualize_recon=lambda *a, **k: None),
            left_alone(evidence, f"{name}.input_changed", images),
        ):
            evidence.record(f"{name}.before", parameter_vector(model))
            returned = namespace["train_ae"](model, Batches(images, labels, sizes=sizes), epochs=epochs)
            trained, losses = pair(returned, 2, evidence, f"{name}.stepped", model)
            evidence.record(f"{name}.after", parameter_vector(trained))
            values, graph = numbers_of(losses)
            evidence.record(f"{name}.losses", values)
            evidence.record(f"{name}.graph", graph)
        evidence.record(f"{name}.slopes", watch.slopes())
        evidence.record(f"{name}.counts", watch.counts())
        evidence.record(f"{name}.strange", int(watch.strange > 0))
