"""Probe of 1.2: the decoder."""

from __future__ import annotations

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    TRANSPOSED_CONVOLUTIONS,
    Namespace,
    Numbers,
)
from ps8.questions.shared.layer_probe import probe_layers, ready


def probe_decoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Decoder()`, and others with one plane and with 8 maps, with given weights."""
    evidence = Evidence()
    with evidence.part("build"):
        codes = numbers.normal("codes", 2, 24, 4, 4)
        probe_layers(namespace["Decoder"](), codes, TRANSPOSED_CONVOLUTIONS, numbers, evidence)
    with evidence.part("out_channels"):
        codes = numbers.normal("gray", 3, 24, 4, 4)
        evidence.record("out_gray", ready(namespace["Decoder"](out_channels=1), codes, numbers)(codes))
    with evidence.part("feat_dim"):
        small = numbers.normal("small", 3, 8, 4, 4)
        evidence.record("out_small", ready(namespace["Decoder"](feat_dim=8), small, numbers)(small))
    return evidence
