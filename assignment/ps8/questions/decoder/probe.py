"""Probe of 1.2: the decoder."""

from __future__ import annotations

from torch import Tensor

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    TRANSPOSED_CONVOLUTIONS,
    Namespace,
    Numbers,
)
from ps8.questions.shared.layer_probe import probe_layers, ready


def codes(numbers: Numbers) -> Tensor:
    """What the decoder gets."""
    return numbers.normal("codes", 2, 24, 4, 4)


def gray_codes(numbers: Numbers) -> Tensor:
    """What the decoder for one plane gets."""
    return numbers.normal("gray", 3, 24, 4, 4)


def small_codes(numbers: Numbers) -> Tensor:
    """What the decoder of codes with 8 maps gets."""
    return numbers.normal("small", 3, 8, 4, 4)


def probe_decoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Decoder()`, and others with one plane and with 8 maps, with given weights."""
    evidence = Evidence()
    with evidence.part("build"):
        probe_layers(namespace["Decoder"](), codes(numbers), TRANSPOSED_CONVOLUTIONS, numbers, evidence)
    with evidence.part("out_channels"):
        gray = gray_codes(numbers)
        evidence.record("out_gray", ready(namespace["Decoder"](out_channels=1), gray, numbers)(gray))
    with evidence.part("feat_dim"):
        small = small_codes(numbers)
        evidence.record("out_small", ready(namespace["Decoder"](feat_dim=8), small, numbers)(small))
    return evidence
