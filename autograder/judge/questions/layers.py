"""1.1 and 1.2: stacks of convolutions.

The probe notes for each convolution that ran what it got, the shape of its weights, and what it gave. The judge knows the
weights from their shapes, so it can work each layer out again: a layer is right if the numbers bear it out, whatever the layers
around it do and however it was written. From the layers that are borne out follows the student's own network, widths and all,
with which the other calls are predicted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from ps8.probes.tools import Numbers, weights
from torch import Tensor

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Criterion, Outcome, Question

DEPTH = 4
MAX_WIDTH, MAX_WEIGHTS, MAX_INPUT, MAX_KERNEL = 1024, 2**19, 2**19, 8  # what is worked out again is small; a claim may not be
Activation = Callable[[Tensor], Tensor]
# What may follow a layer, right or not; with it the rest of an answer can be judged for itself.
KNOWN_ACTIVATIONS: tuple[Activation, ...] = (
    torch.relu,
    torch.sigmoid,
    lambda x: x,
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
class Stack:
    """What 1.1 or 1.2 asks for: the convolution, which side of its weights is the output, and the activations."""

    convolution: Callable[..., Tensor]
    out_axis: int
    activations: tuple[Activation, ...]
    input: Callable[[Numbers], Tensor]
    small_input: Callable[[Numbers], Tensor]


ENCODER_STACK = Stack(
    F.conv2d,
    0,
    (torch.relu,) * DEPTH,
    lambda numbers: numbers.uniform("rgb", 2, 3, 64, 64),
    lambda numbers: numbers.uniform("gray", 3, 1, 64, 64),
)
DECODER_STACK = Stack(
    F.conv_transpose2d,
    1,
    (*(torch.relu,) * (DEPTH - 1), torch.sigmoid),
    lambda numbers: numbers.normal("codes", 2, 24, 4, 4),
    lambda numbers: numbers.normal("small", 3, 8, 4, 4),
)


class Geometry(NamedTuple):
    """How a convolution ran."""

    stride: int
    padding: int
    bias: bool


ASKED = Geometry(stride=2, padding=1, bias=True)
KNOWN = [Geometry(*g) for g in product((2, 1, 3, 4), (1, 0, 2, 3), (True, False))]  # starts with what is asked for


class Layers:
    """The layers of one answer: which are there, and which the numbers bear out.

    Attributes:
        count: how many ran.
        right_output: whether the whole is right, however it was done.
        geometry: for each layer how it ran, as far as its numbers bear that out.
        activation: for each layer what follows it, as far as its numbers bear that out.
        layer_right, activation_right: for each layer whether it, and what follows it, is what was asked for.
    """

    def __init__(self, case: Case, stack: Stack) -> None:
        self.case, self.stack, self.numbers = case, stack, Numbers(case.seed)
        self.count = sum(1 for key in case.got.arrays if re.fullmatch(r"layer\d+\.weight", key))
        self.right_output = all(not difference(case, key, "output") for key in ("out", "out_one"))
        self.geometry = [None if self.right_output else self._geometry(k) for k in range(1, DEPTH + 1)]
        self.layer_right = [
            geometry == ASKED and self.weight_shape(k)[2:] == (4, 4) for k, geometry in enumerate(self.geometry, start=1)
        ]
        self.activation = [None if self.right_output else self._activation(k) for k in range(1, DEPTH + 1)]
        self.activation_right = [found is asked for found, asked in zip(self.activation, stack.activations, strict=True)]

    def weight_shape(self, k: int) -> tuple[int, ...]:
        """The shape of a layer's weights as the answer tells it; () if it tells nothing that could be."""
        told = self.case.got.arrays.get(f"layer{k}.weight", np.zeros(0)).ravel()
        if len(told) != 4 or not all(1 <= n <= MAX_WIDTH and n == int(n) for n in told):
            return ()
        shape = tuple(int(n) for n in told)
        return shape if math.prod(shape) <= MAX_WEIGHTS and max(shape[2:]) <= MAX_KERNEL else ()

    def expected_shape(self, k: int) -> tuple[int, ...]:
        return tuple(int(n) for n in self.case.expected.arrays[f"layer{k}.weight"])

    def apply(self, x: Tensor, shape: tuple[int, ...], geometry: Geometry) -> Tensor:
        """The convolution of that geometry with weights of this shape."""
        bias = weights((shape[self.stack.out_axis],), self.numbers) if geometry.bias else None
        return self.stack.convolution(x, weights(shape, self.numbers), bias, stride=geometry.stride, padding=geometry.padding)

    def _geometry(self, k: int) -> Geometry | None:
        shape, arrays = self.weight_shape(k), self.case.got.arrays
        given, came = arrays.get(f"layer{k}.in"), arrays.get(f"layer{k}.out")
        if not shape or given is None or came is None or given.ndim != 4 or came.ndim != 4:
            return None
        if (
            max(given.size, came.size) > MAX_INPUT
            or given.shape[:2] != (2, shape[1 - self.stack.out_axis])
            or not min(given.shape)
        ):
            return None
        if not np.isfinite(given).all() or np.ptp(given) < 1e-3:
            return None  # nothing can be told from an empty image
        if k == 1 and not close(given, self.stack.input(self.numbers).numpy()):
            return None
        x = torch.from_numpy(given).float()
        for geometry in KNOWN:
            sides = tuple(self._side(side, kernel, geometry) for side, kernel in zip(given.shape[2:], shape[2:], strict=True))
            if came.shape != (2, shape[self.stack.out_axis], *sides):
                continue  # before anything is computed: what is claimed is no larger than what was handed over
            if close(came, self.apply(x, shape, geometry).numpy()):
                return geometry
        return None

    def _side(self, side: int, kernel: int, geometry: Geometry) -> int:
        """The side of the output; 0 or less if there is none."""
        if self.stack.out_axis == 1:
            return (side - 1) * geometry.stride - 2 * geometry.padding + kernel
        return (side + 2 * geometry.padding - kernel) // geometry.stride + 1

    def _activation(self, k: int) -> Activation | None:
        arrays = self.case.got.arrays
        after = arrays.get("out" if k == self.count else f"layer{k + 1}.in")
        if self.geometry[k - 1] is None or after is None:
            return None
        before = torch.from_numpy(arrays[f"layer{k}.out"]).float()
        asked = self.stack.activations[k - 1]
        return next((f for f in (asked, *KNOWN_ACTIVATIONS) if close(after, f(before).numpy())), None)

    def predicted_small(self) -> np.ndarray | None:
        """What this very network, widths and all, should give when other channels are asked for. None if not borne out."""
        if self.count != DEPTH:
            return None
        x = self.stack.small_input(self.numbers)
        for k, geometry in enumerate(self.geometry, start=1):
            if geometry is None:
                return None
            shape = list(self.weight_shape(k))
            if k == 1:
                shape[1 - self.stack.out_axis] = x.shape[1]
            if k == DEPTH and self.stack.out_axis == 1:
                shape[1] = 1
            side = self._side(x.shape[2], shape[2], geometry)
            if shape[1 - self.stack.out_axis] != x.shape[1] or side < 1:
                return None
            if x.shape[0] * shape[self.stack.out_axis] * side**2 > MAX_INPUT:
                return None
            x = self.apply(x, tuple(shape), geometry)
            activation = self.activation[k - 1]
            if activation is not None:
                x = activation(x)
            elif k != DEPTH:
                return None
        return x.numpy()


def _layer_by_layer(layers: list[bool], count: int, name: str, pays: float) -> Outcome:
    """Each layer that is not right, missing or too many costs its share, up to the whole.

    Args:
        layers: which of the layers asked for are right.
        count: how many ran.
        name: what is wrong with one that is not.
        pays: share that the first wrong layer costs, and each that follows.
    """
    wrong = [str(k) for k, right in enumerate(layers, start=1) if not right]
    if count != DEPTH:
        return Outcome(1 - pays * max(len(wrong), abs(count - DEPTH)), f"expected {DEPTH} layers, {count} ran")
    return Outcome(1 - pays * len(wrong), f"layer {', '.join(wrong)}: {name}") if wrong else MET


def _geometry(stack: Stack) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        layers = Layers(case, stack)
        if layers.right_output:
            return MET
        if not layers.count:
            return Outcome(0.0, _nothing(case))
        return _layer_by_layer(
            layers.layer_right, layers.count, "not a 4x4 kernel with stride 2, padding 1 and a bias on its input", 1 / DEPTH
        )

    return check


def _widths(stack: Stack) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        layers = Layers(case, stack)
        if layers.right_output:
            return _registered(case)
        if not layers.count:
            return Outcome(0.0, _nothing(case))
        expected = [layers.expected_shape(k)[stack.out_axis] for k in range(1, DEPTH + 1)]
        got = [(layers.weight_shape(k) or (0,) * 4)[stack.out_axis] for k in range(1, layers.count + 1)]
        if got != expected:
            return Outcome(
                0.0,
                f"expected output channels {expected} ({int(case.expected.arrays['parameters']):,} parameters), "
                f"got {got} ({_told(case, 'parameters')} parameters)",
            )
        return MET if any(layers.geometry) else Outcome(0.0, "the widths are right, but no layer gives what it should")

    return check


def _registered(case: Case) -> Outcome:
    """Right outputs, and yet other parameters than asked for: some that no optimizer will find, or some too many."""
    expected, told = case.expected.arrays["parameters"], case.got.arrays.get("parameters", np.zeros(0))
    if close(told, expected):
        return MET
    reason = f"expected {int(expected):,} parameters, got {_told(case, 'parameters')}"
    if told.size == 1 and told.item() > expected:
        return Outcome(2 / 3, f"{reason}: some belong to no layer that is asked for")
    return Outcome(0.0, f"{reason}: the others will never learn, are their layers kept in a plain list?")


def _comes_back(case: Case) -> Outcome:
    """Right outputs, and yet nothing can be learned through them, or they are others while training."""
    reason = difference(case, "gradient", "the gradient at the input", rtol=1e-2, atol=1e-3)
    if reason:
        return Outcome(0.0, f"{reason}: is the graph cut off somewhere?")
    if np.any(case.got.arrays.get("mode_matters", np.array(0))):
        return Outcome(0.0, "while training it gives something else: was a dropout or a normalisation added?")
    return MET


def _activations(stack: Stack) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        layers = Layers(case, stack)
        if layers.right_output:
            return _comes_back(case)
        if not layers.count:
            return Outcome(0.0, _nothing(case))
        return _layer_by_layer(layers.activation_right, layers.count, "what follows is not its activation", 0.5)

    return check


def _channels(stack: Stack, what: str) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        reason = difference(case, "out_gray", what)
        if not reason:
            return MET
        predicted = Layers(case, stack).predicted_small()
        got = case.got.arrays.get("out_gray")
        if predicted is not None and got is not None and close(got, predicted):
            return MET
        return Outcome(0.0, reason)

    return check


def _told(case: Case, key: str) -> str:
    told = case.got.arrays.get(key)
    return f"{told.item():,.0f}" if told is not None and told.size == 1 else "an unknown number of"


def _nothing(case: Case) -> str:
    return case.error() or "no convolution ran"


ENCODER = Question(
    "encoder",
    "1.1 Encoder",
    "encoder",
    (
        Criterion("layers", "four convolutions, 4x4, stride 2, padding 1, with a bias", 3, _geometry(ENCODER_STACK)),
        Criterion("widths", "12, 24, 48 and 24 output channels: 42,156 parameters", 3, _widths(ENCODER_STACK)),
        Criterion("activations", "a ReLU after each, and nothing else", 2, _activations(ENCODER_STACK)),
        Criterion("channels", "any number of input channels", 2, _channels(ENCODER_STACK, "Encoder(1)")),
    ),
)

DECODER = Question(
    "decoder",
    "1.2 Decoder",
    "decoder",
    (
        Criterion("layers", "four transposed convolutions, 4x4, stride 2, padding 1, with a bias", 3, _geometry(DECODER_STACK)),
        Criterion("widths", "48, 24, 12 and 3 output channels: 42,135 parameters", 3, _widths(DECODER_STACK)),
        Criterion("activations", "a ReLU between, a Sigmoid last, and nothing else", 2, _activations(DECODER_STACK)),
        Criterion("channels", "any number of output channels and code maps", 2, _channels(DECODER_STACK, "Decoder(1, 8)")),
    ),
)
