"""Probe of 1.5: a step of `train_classifier`, frozen and supervised, and the choice for each method."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ps8.probes.evidence import BadEvidence, Evidence
from ps8.probes.tools import Batches, Namespace, Numbers, fill, state

METHODS = ("I", "II", "III")


class TinyEncoder(nn.Module):
    """Stands in for the student's `Encoder`: one strided layer, (3, 8, 8) -> (2, 2, 2)."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 2, kernel_size=4, stride=4)
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.layer(x))


def probe_train_classifier(namespace: Namespace, seed: int) -> Evidence:
    """Encoder and classifier before and after training, with `supervised` off and on; then the three choices."""
    numbers, evidence = Numbers(seed), Evidence()
    images, labels = numbers.normal("images", 10, 3, 8, 8), numbers.integers("labels", 10, 10)
    for mode, supervised in {"frozen": False, "supervised": True}.items():
        for name, sizes, epochs in [("one", [4], 1), ("many", [4, 4, 2], 2)]:
            with evidence.part(f"{mode}.{name}"):
                encoder, cls = TinyEncoder(numbers), fill(nn.Linear(8, 10), numbers)
                evidence.record(f"{mode}.{name}.encoder_before", state(encoder))
                loader = Batches(images, labels, sizes=sizes)
                encoder, cls, losses = namespace["train_classifier"](encoder, cls, loader, epochs, supervised=supervised)
                evidence.record(f"{mode}.{name}.encoder", state(encoder))
                evidence.record(f"{mode}.{name}.classifier", state(cls))
                evidence.record(f"{mode}.{name}.losses", np.array([float(x) for x in losses]))
    with evidence.part("methods"):
        choices = [namespace["supervised"][method] for method in METHODS]
        if not all(isinstance(choice, bool) for choice in choices):
            raise BadEvidence(f"supervised should be True or False for each of {', '.join(METHODS)}, it is {choices}")
        evidence.record("methods", np.array(choices))
    return evidence
