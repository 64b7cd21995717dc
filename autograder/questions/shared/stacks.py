"""1.1 and 1.2: what is asked for, and the ways in which a convolution and what follows it may differ from that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import torch
import torch.nn.functional as F
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers
from torch import Tensor

DEPTH = 4
Activation = Callable[[Tensor], Tensor]
# What may follow a layer, right or not; with it the rest of an answer can be judged for itself.
IDENTITY: Activation = lambda x: x  # noqa: E731
ACTIVATIONS: dict[Activation, str] = {
    torch.relu: "a ReLU",
    torch.sigmoid: "a Sigmoid",
    IDENTITY: "nothing",
    torch.tanh: "a Tanh",
    lambda x: F.leaky_relu(x, 0.01): "a LeakyReLU with slope 0.01",
    lambda x: F.leaky_relu(x, 0.1): "a LeakyReLU with slope 0.1",
    lambda x: F.leaky_relu(x, 0.2): "a LeakyReLU with slope 0.2",
    lambda x: x.relu().sigmoid(): "a ReLU and then a Sigmoid",
    lambda x: x.clamp(0, 1): "a clamp to [0, 1]",
    F.elu: "an ELU",
    F.gelu: "a GELU",
    F.silu: "a SiLU",
    lambda x: (x.tanh() + 1) / 2: "a Tanh moved to [0, 1]",
}
KNOWN_ACTIVATIONS = tuple(ACTIVATIONS)
# What may follow, too, and says what was added: more than one activation, or none that is one.
ADDED: dict[str, Activation] = {
    "a Sigmoid twice over": lambda x: x.sigmoid().sigmoid(),
    "a Sigmoid and then a ReLU's threshold": lambda x: x.sigmoid().clamp(min=0.5),
    "a Tanh and then a Sigmoid": lambda x: x.tanh().sigmoid(),
    "a softmax over the channels": lambda x: x.softmax(1),
    "a softplus": F.softplus,
    "a ReLU6": F.relu6,
    "a hard Sigmoid": F.hardsigmoid,
    "a SELU": F.selu,
    "the absolute value": torch.abs,
    "a ReLU, divided by its largest number": lambda x: x.relu() / x.relu().max(),
    "a ReLU, and the maps made a length of 1": lambda x: F.normalize(x.relu(), dim=1),
    "a ReLU, and the code made a length of 1": lambda x: F.normalize(x.relu().flatten(1), dim=1).reshape(x.shape),
    "a batch normalisation and then a ReLU": lambda x: F.batch_norm(x, None, None, training=True).relu(),
    "a ReLU and then a batch normalisation": lambda x: F.batch_norm(x.relu(), None, None, training=True),
    "a ReLU, rows and columns exchanged": lambda x: x.relu().transpose(2, 3),
    "255 times a Sigmoid": lambda x: 255 * x.sigmoid(),
}


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
    none_ran: str  # in words, that none of its convolutions ran
    learns_through: bool  # whether a gradient has to get back to the input: an image needs none


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
