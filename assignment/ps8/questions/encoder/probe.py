"""Probe of 1.1: the encoder."""

from __future__ import annotations

from torch import Tensor

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    CONVOLUTIONS,
    Namespace,
    Numbers,
)
from ps8.questions.shared.layer_probe import probe_layers, ready


def images(numbers: Numbers) -> Tensor:
    """What the encoder gets."""
    return numbers.uniform("rgb", 2, 3, 64, 64)


def gray_images(numbers: Numbers) -> Tensor:
    """What the encoder of one channel gets."""
    return numbers.normal("gray", 3, 1, 64, 64)


def probe_encoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Encoder(3)` and `Encoder(1)` with given weights, on batches of two, one and three."""
    evidence = Evidence()
    with evidence.part("build"):
        probe_layers(namespace["Encoder"](3), images(numbers), CONVOLUTIONS, numbers, evidence)
    with evidence.part("in_channels"):
        gray = ready(namespace["Encoder"](in_channels=1), gray_images(numbers), numbers)
        evidence.record("out_gray", gray(gray_images(numbers)))
    return evidence
