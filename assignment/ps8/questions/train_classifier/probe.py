"""Probe of 1.5: a step of `train_classifier`, frozen and supervised, and the choice for each method."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ps8.probes.evidence import BadEvidence, Evidence
from ps8.probes.tools import Batches, Namespace, Numbers, Watch, fill, left_alone, numbers_of, pair, parameter_vector, weights

METHODS = ("I", "II", "III")
MODES = {"frozen": False, "supervised": True}
TINY, PADDED = 12, 384  # the length of the stand-in's features, and of those of 1.1


class TinyEncoder(nn.Module):
    """Stands in for the student's `Encoder`: one strided layer and a dead map, (3, 64, 64) -> (3, 2, 2), or zeros behind it.

    The dead map is always zero, as many a ReLU's are: only weight decay moves the weights before and behind it.
    `seen` counts the forward passes in training mode, as a batch normalisation does.
    """

    seen: Tensor

    def __init__(self, numbers: Numbers, length: int = TINY) -> None:
        super().__init__()
        self.length = length
        self.layer = nn.Conv2d(3, 3, kernel_size=4, stride=4)
        self.register_buffer("seen", torch.tensor(0))
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.seen += 1
        maps = torch.tanh(self.layer(F.avg_pool2d(x, 8)))
        maps = torch.cat([maps[:, :2], 0 * maps[:, 2:]], dim=1)
        return maps if self.length == TINY else F.pad(maps.flatten(1), (0, self.length - TINY)).view(len(x), -1, 4, 4)


class TinyClassifier(nn.Linear):
    """Stands in for the linear classifier. It takes features that nobody flattened, too, and notes it."""

    def __init__(self, numbers: Numbers, length: int = TINY) -> None:
        super().__init__(length, 10)
        self.unflattened = 0
        fill(self, numbers)
        if length != TINY:
            with torch.no_grad():
                self.weight[:, :TINY] = weights((10, TINY), numbers)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 2 and x.numel() == len(x) * self.in_features:
            self.unflattened += 1
            x = x.flatten(1)
        return super().forward(x)


def images_of(numbers: Numbers) -> Tensor:
    """Ten images of the documented shape, (3, 64, 64), made of 8x8 pixels."""
    return numbers.normal("images", 10, 3, 8, 8).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)


def labels_of(numbers: Numbers) -> Tensor:
    """Labels of the ten images; the second batch has the first class and the last, past which there is none."""
    labels = 1 + numbers.integers("labels", 8, 10)
    labels[4:6] = torch.tensor([0, 9])
    return labels


def probe_train_classifier(namespace: Namespace, numbers: Numbers) -> Evidence:
    """Encoder and classifier before and after training, with `supervised` off and on; then the three choices."""
    evidence = Evidence()
    _train(namespace, numbers, evidence, TINY)
    if all(f"{mode}.one" in evidence.errors for mode in MODES):  # does it want features of the length that Part 1 has?
        padded = Evidence()
        _train(namespace, numbers, padded, PADDED)
        if not padded.errors:
            evidence.arrays, evidence.errors = padded.arrays, {"features": evidence.errors["frozen.one"]}
    evidence.record("length_fixed", int("features" in evidence.errors))
    with evidence.part("methods"):
        choices = [namespace["supervised"][method] for method in METHODS]
        if not all(isinstance(choice, bool) for choice in choices):
            raise BadEvidence(f"supervised should be True or False for each of {', '.join(METHODS)}, it is {choices}")
        evidence.record("methods", np.array(choices))
    return evidence


def _train(namespace: Namespace, numbers: Numbers, evidence: Evidence, length: int) -> None:
    """Both ways of training, on one batch and on two epochs of three, with features of some length, 0 behind the first 12."""
    images = images_of(numbers)
    labels = labels_of(numbers)
    for mode, supervised in MODES.items():
        for name, sizes, epochs in [("one", [4], 1), ("many", [4, 4, 2], 2)]:
            run = f"{mode}.{name}"
            encoder, cls = TinyEncoder(numbers, length).train(supervised), TinyClassifier(numbers, length)
            with (
                Watch(encoder, images.clone()) as watch,
                Watch(cls) as watch_cls,
                evidence.part(run, left=True),
                left_alone(evidence, f"{run}.input_changed", images),
            ):
                evidence.record(f"{run}.encoder_before", parameter_vector(encoder))
                evidence.record(f"{run}.classifier_before", _state(cls))
                loader = Batches(images, labels, sizes=sizes)
                returned = namespace["train_classifier"](encoder, cls, loader, epochs, supervised=supervised)
                trained, learned, losses = pair(returned, 3, evidence, f"{run}.stepped", cls)
                evidence.record(f"{run}.encoder", parameter_vector(trained))
                evidence.record(f"{run}.classifier", _state(learned))
                values, graph = numbers_of(losses)
                evidence.record(f"{run}.losses", values)
                evidence.record(f"{run}.graph", graph)
            evidence.record(f"{run}.seen", encoder.seen)
            evidence.record(f"{run}.unflattened", int(cls.unflattened > 0))
            evidence.record(f"{run}.encoder_slopes", watch.slopes())
            evidence.record(f"{run}.classifier_slopes", _unpadded(watch_cls.slopes()))
            evidence.record(f"{run}.counts", watch.counts())
            evidence.record(f"{run}.strange", int(watch.strange > 0))
            evidence.record(f"{run}.counts_cls", watch_cls.counts())


def _state(cls: nn.Module) -> Tensor:
    return _unpadded(parameter_vector(cls))


def _unpadded(values: Tensor) -> Tensor:
    """Numbers of the classifier's parameters (weights, then biases) without those of the zeros behind the features."""
    if len(values) != 10 * PADDED + 10:
        return values
    return torch.cat([values[: 10 * PADDED].view(10, PADDED)[:, :TINY].flatten(), values[10 * PADDED :]])
