"""The assignment's networks as students may have written them: other names, other orders, layers registered twice."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Named(nn.Module):
    """The encoder with a name for each layer; `twice` registers each in a `Sequential`, too."""

    def __init__(self, channels: int = 3, backwards: bool = False, twice: bool = True) -> None:
        super().__init__()
        widths = {"first": (channels, 12), "second": (12, 24), "third": (24, 48), "last": (48, 24)}
        layers = {name: nn.Conv2d(*width, 4, 2, 1) for name, width in widths.items()}
        for name in reversed(layers) if backwards else layers:
            setattr(self, name, layers[name])
        self.ordered = [part for layer in layers.values() for part in (layer, nn.ReLU())]
        if twice:
            self.all = nn.Sequential(*self.ordered)

    def forward(self, x: Tensor) -> Tensor:
        for part in self.ordered:
            x = part(x)
        return x


class Views(nn.Module):
    """`EncoderCMC` whose features come as one."""

    def __init__(self, names: tuple[str, str] = ("encoder_l", "encoder_ab"), backwards: bool = False) -> None:
        super().__init__()
        self.names, channels = names, dict(zip(names, (1, 2), strict=True))
        for name in reversed(names) if backwards else names:
            setattr(self, name, Named(channels[name]))

    def forward(self, x: Tensor) -> Tensor:
        one, two = (getattr(self, name) for name in self.names)
        return torch.cat([one(x[:, :1]).flatten(1), two(x[:, 1:]).flatten(1)], dim=1)


class Cat(nn.Module):
    """`EncoderCMC_Cat`, by its state."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.encoder(x)
        return features


def probe(encoder: nn.Module, features: int = 384) -> nn.ModuleDict:
    """What the lesson's `measure` saves."""
    return nn.ModuleDict({"encoder": encoder, "cls": nn.Linear(features, 10)})
