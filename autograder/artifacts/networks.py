"""The reference's networks, empty: a submission's weights go into them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from ps8.settings import settings
from torch import nn

from autograder.judge.reference import namespace

_reference = functools.cache(namespace)
FEATURES = settings("full").feat_dim


@dataclass(frozen=True)
class MeasuredRow:
    """What the lesson measures in one row of its table.

    Attributes:
        color: of the images, "rgb" or "lab".
        features: how many numbers the encoder gives for an image.
    """

    color: str
    features: int

    def network(self, classes: int) -> nn.ModuleDict:
        """What the row's `probe_ROW.pth` holds: an encoder and its linear classifier, without weights."""
        answers = _reference()
        with torch.device("meta"):  # nothing random is drawn: the judge's generator is the process's
            encoder = answers["Encoder"]() if self.color == "rgb" else answers["EncoderCMC_Cat"](answers["EncoderCMC"]())
            return nn.ModuleDict({"encoder": encoder, "cls": nn.Linear(self.features, classes)})


RGB, LAB = MeasuredRow("rgb", FEATURES), MeasuredRow("lab", 2 * FEATURES)
ROWS = {"random_rgb": RGB, "autoencoder": RGB, "supervised": RGB, "random_lab": LAB, "cmc": LAB}


def trained(name: str) -> nn.Module:
    """What a training saves, without weights: `Autoencoder` or `EncoderCMC`."""
    with torch.device("meta"):
        network: nn.Module = _reference()[name]()
    return network
