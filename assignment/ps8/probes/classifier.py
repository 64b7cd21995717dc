"""Probe of 1.5: a step of `train_classifier`, frozen and supervised, and the choice for each method."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ps8.probes.evidence import BadEvidence, Evidence
from ps8.probes.tools import Batches, Namespace, Numbers, Watch, fill, left_alone, numbers_of, state

METHODS = ("I", "II", "III")


class TinyEncoder(nn.Module):
    """Stands in for the student's `Encoder`: one strided layer and a dead map, (3, 64, 64) -> (3, 2, 2).

    The dead map is always zero, as many a ReLU's are: only weight decay moves the weights before and behind it.
    `seen` counts the forward passes in training mode, as a batch normalisation does.
    """

    seen: Tensor

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, kernel_size=4, stride=4)
        self.register_buffer("seen", torch.tensor(0))
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.seen += 1
        maps = torch.tanh(self.layer(F.avg_pool2d(x, 8)))
        return torch.cat([maps[:, :2], 0 * maps[:, 2:]], dim=1)


class TinyClassifier(nn.Linear):
    """Stands in for the linear classifier. It takes features that nobody flattened, too, and notes it."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(12, 10)
        self.unflattened = 0
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 2 and x.numel() == len(x) * 12:
            self.unflattened += 1
            x = x.flatten(1)
        return super().forward(x)


def probe_train_classifier(namespace: Namespace, numbers: Numbers) -> Evidence:
    """Encoder and classifier before and after training, with `supervised` off and on; then the three choices."""
    evidence = Evidence()
    images = numbers.normal("images", 10, 3, 8, 8).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
    labels = numbers.integers("labels", 10, 10)
    for mode, supervised in {"frozen": False, "supervised": True}.items():
        for name, sizes, epochs in [("one", [4], 1), ("many", [4, 4, 2], 2)]:
            run = f"{mode}.{name}"
            encoder, cls = TinyEncoder(numbers).train(supervised), TinyClassifier(numbers)
            with (
                Watch(encoder, images.clone()) as watch,
                Watch(cls) as watch_cls,
                evidence.part(run, left=True),
                left_alone(evidence, f"{run}.input_changed", images),
            ):
                evidence.record(f"{run}.encoder_before", state(encoder))
                evidence.record(f"{run}.classifier_before", state(cls))
                loader = Batches(images, labels, sizes=sizes)
                trained, learned, losses = namespace["train_classifier"](encoder, cls, loader, epochs, supervised=supervised)
                evidence.record(f"{run}.encoder", state(trained))
                evidence.record(f"{run}.classifier", state(learned))
                values, graph = numbers_of(losses)
                evidence.record(f"{run}.losses", values)
                evidence.record(f"{run}.graph", graph)
            evidence.record(f"{run}.seen", encoder.seen)
            evidence.record(f"{run}.unflattened", int(cls.unflattened > 0))
            evidence.record(f"{run}.encoder_slopes", watch.slopes())
            evidence.record(f"{run}.classifier_slopes", watch_cls.slopes())
            evidence.record(f"{run}.counts", watch.counts())
            evidence.record(f"{run}.strange", int(watch.strange > 0))
            evidence.record(f"{run}.counts_cls", watch_cls.counts())
    with evidence.part("methods"):
        choices = [namespace["supervised"][method] for method in METHODS]
        if not all(isinstance(choice, bool) for choice in choices):
            raise BadEvidence(f"supervised should be True or False for each of {', '.join(METHODS)}, it is {choices}")
        evidence.record("methods", np.array(choices))
    return evidence
