"""Probe of 1.5: a step of `train_classifier`, frozen and supervised, and the choice for each method."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ps8.probes.evidence import BadEvidence, Evidence
from ps8.probes.tools import Batches, Namespace, Numbers, Watch, fill, numbers_of, state

METHODS = ("I", "II", "III")


class TinyEncoder(nn.Module):
    """Stands in for the student's `Encoder`: one strided layer and a dead map, (3, 8, 8) -> (3, 2, 2).

    The dead map is always zero, as many a ReLU's are: only weight decay moves the classifier's weights on it.
    """

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 2, kernel_size=4, stride=4)
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        alive = torch.tanh(self.layer(x))
        return torch.cat([alive, torch.zeros_like(alive[:, :1])], dim=1)


def probe_train_classifier(namespace: Namespace, numbers: Numbers) -> Evidence:
    """Encoder and classifier before and after training, with `supervised` off and on; then the three choices."""
    evidence = Evidence()
    images, labels = numbers.normal("images", 10, 3, 8, 8), numbers.integers("labels", 10, 10)
    for mode, supervised in {"frozen": False, "supervised": True}.items():
        for name, sizes, epochs in [("one", [4], 1), ("many", [4, 4, 2], 2)]:
            run = f"{mode}.{name}"
            encoder, cls = TinyEncoder(numbers), fill(nn.Linear(12, 10), numbers)
            with Watch(encoder) as watch, Watch(cls) as watch_cls, evidence.part(run):
                evidence.record(f"{run}.encoder_before", state(encoder))
                evidence.record(f"{run}.classifier_before", state(cls))
                loader = Batches(images, labels, sizes=sizes)
                trained, learned, losses = namespace["train_classifier"](encoder, cls, loader, epochs, supervised=supervised)
                evidence.record(f"{run}.encoder", state(trained))
                evidence.record(f"{run}.classifier", state(learned))
                values, graph = numbers_of(losses)
                evidence.record(f"{run}.losses", values)
                evidence.record(f"{run}.graph", graph)
            evidence.record(f"{run}.counts", watch.counts())
            evidence.record(f"{run}.counts_cls", watch_cls.counts())
    with evidence.part("methods"):
        choices = [namespace["supervised"][method] for method in METHODS]
        if not all(isinstance(choice, bool) for choice in choices):
            raise BadEvidence(f"supervised should be True or False for each of {', '.join(METHODS)}, it is {choices}")
        evidence.record("methods", np.array(choices))
    return evidence
