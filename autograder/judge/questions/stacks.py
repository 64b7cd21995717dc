"""1.1 and 1.2: what is asked for, and the ways in which a convolution and what follows it may differ from that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import torch
import torch.nn.functional as F
from ps8.probes.tools import Numbers
from torch import Tensor

from autograder.judge.severity import Severity

DEPTH = 4
Activation = Callable[[Tensor], Tensor]
# What may follow a layer, right or not; with it the rest of an answer can be judged for itself.
IDENTITY: Activation = lambda x: x  # noqa: E731
KNOWN_ACTIVATIONS: tuple[Activation, ...] = (
    torch.relu,
    torch.sigmoid,
    IDENTITY,
    torch.tanh,
    lambda x: F.leaky_relu(x, 0.01),
    lambda x: F.leaky_relu(x, 0.1),
    lambda x: F.leaky_relu(x, 0.2),
    lambda x: x.relu().sigmoid(),
    lambda x: x.clamp(0, 1),
    F.elu,
    F.gelu,
    F.silu,
)


@dataclass(frozen=True)
class Other:
    """The same network for other channels.

    Attributes:
        key: of its output in the evidence.
        call: as the probe makes it.
        input: what it gets.
        first, last: channels of the input of the first layer, of the output of the last; 0 if as in the table.
        severity: of one that does not work.
    """

    key: str
    call: str
    input: Callable[[Numbers], Tensor]
    first: int
    last: int
    severity: Severity


@dataclass(frozen=True)
class Stack:
    """What 1.1 or 1.2 asks for: the convolution, which side of its weights is the output, and the activations."""

    convolution: Callable[..., Tensor]
    out_axis: int
    activations: tuple[Activation, ...]
    input: Callable[[Numbers], Tensor]
    others: tuple[Other, ...]


ENCODER_STACK = Stack(
    F.conv2d,
    0,
    (torch.relu,) * DEPTH,
    lambda numbers: numbers.uniform("rgb", 2, 3, 64, 64),
    # Part 2 needs the encoder of one channel: without it, it does not run there.
    (Other("out_gray", "Encoder(1)", lambda n: n.uniform("gray", 3, 1, 64, 64), 1, 0, Severity.OTHER_NUMBERS),),
)
DECODER_STACK = Stack(
    F.conv_transpose2d,
    1,
    (*(torch.relu,) * (DEPTH - 1), torch.sigmoid),
    lambda numbers: numbers.normal("codes", 2, 24, 4, 4),
    (
        Other("out_gray", "Decoder(out_channels=1)", lambda n: n.normal("gray", 3, 24, 4, 4), 0, 1, Severity.NOT_GENERAL),
        Other("out_small", "Decoder(feat_dim=8)", lambda n: n.normal("small", 3, 8, 4, 4), 8, 0, Severity.NOT_GENERAL),
    ),
)


class Geometry(NamedTuple):
    """How a convolution ran. `more` is the output padding of a transposed one, the dilation less 1 of another."""

    stride: int
    padding: int
    bias: bool
    more: int = 0

    def words(self, kernel: tuple[int, ...]) -> str:
        """Such as "a 3x3 kernel with stride 2 and padding 1"."""
        extra = f", {self.more} more pixel(s) at the far edge or between" if self.more else ""
        return (
            f"a {'x'.join(map(str, kernel))} kernel with stride {self.stride} and padding {self.padding}{extra}"
            f"{'' if self.bias else ', without a bias'}"
        )


ASKED = Geometry(stride=2, padding=1, bias=True)
KNOWN = [
    Geometry(s, p, b, m) for m, s, p, b in product((0, 1), (2, 1, 3, 4), (1, 0, 2, 3), (True, False))
]  # first what is asked
