"""What the printed tables of layers of 1.1 and 1.2 say."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """What the printed table of layers says.

    Attributes:
        question: its grade id.
        name: of the class.
        layer: of its layers, as PyTorch calls them.
        functions: what such a layer calls.
        widths: channels of the input, then of each layer's output.
        sides: of the input, then of each layer's output, in pixels.
        out_axis: of a weight's shape, the one that is the output's channels.
        last: the activation after the last layer; the others are ReLUs.
        small: other channels to ask for: first argument by its name, and the input's.
    """

    question: str
    name: str
    layer: str
    functions: tuple[Callable[..., Any], ...]
    widths: tuple[int, ...]
    sides: tuple[int, ...]
    out_axis: int
    last: str

    @property
    def enlarges(self) -> bool:
        """Whether its layers are transposed convolutions."""
        return self.layer == "ConvTranspose2d"

    def weight(self, k: int) -> tuple[int, int, int, int]:
        """Shape of layer k's weight, counted from 1."""
        ends = (self.widths[k], self.widths[k - 1])
        return (*(ends if self.out_axis == 0 else ends[::-1]), 4, 4)

    def shape(self, k: int, batch: int = 2) -> tuple[int, ...]:
        """Shape of what layer k gives; 0 is the input."""
        return (batch, self.widths[k], self.sides[k], self.sides[k])

    def parameters(self) -> int:
        return sum(math.prod(self.weight(k)) + self.widths[k] for k in self.layers)

    @property
    def layers(self) -> range:
        return range(1, len(self.widths))


def shape_text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def sides_text(sides: tuple[int, ...]) -> str:
    return "x".join(map(str, sides))
