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
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.compare import ATOL, RTOL, Case, close, difference
from ps8.probes.tools import Numbers, weights
from torch import Tensor

from .stacks import (
    ASKED,
    DEPTH,
    KNOWN,
    KNOWN_ACTIVATIONS,
    Activation,
    Geometry,
    Other,
    Stack,
)

MAX_LAYERS = 8
MAX_WIDTH, MAX_WEIGHTS, MAX_INPUT, MAX_KERNEL = 1024, 2**19, 2**19, 8  # what is worked out again is small; a claim may not be


class Layers:
    """The layers of one answer: which are there, and which the numbers bear out.

    Attributes:
        count: how many ran.
        right_output: whether the whole is right, however it was done.
        geometry: for each layer that ran how it ran, as far as its numbers bear that out.
        activation: for each layer what follows it, as far as its numbers bear that out.
    """

    def __init__(self, case: Case, stack: Stack) -> None:
        self.case, self.stack, self.numbers = case, stack, Numbers(case.seed)
        self.count = sum(1 for key in case.actual.arrays if re.fullmatch(r"layer\d+\.weight", key))
        # Rounded as half precision does it, an output may hide what is off inside: then the layers are looked at, if they ran.
        self.right_output = not difference(case, "out", "output") and (not self.count or self._exact())
        ran = range(1, min(self.count, MAX_LAYERS) + 1)
        self.geometry = [None if self.right_output else self._geometry(k) for k in ran]
        self.activation = [None if self.right_output else self._activation(k) for k in ran]

    def _exact(self) -> bool:
        actual, expected = self.case.actual.arrays["out"], self.case.expected.arrays["out"]
        return bool(np.allclose(actual, expected, RTOL, ATOL))

    def weight_shape(self, k: int) -> tuple[int, ...]:
        """The shape of a layer's weights as the answer tells it; () if it tells nothing that could be."""
        recorded = self.case.actual.arrays.get(f"layer{k}.weight", np.zeros(0)).ravel()
        if len(recorded) != 4 or not all(1 <= n <= MAX_WIDTH and n == int(n) for n in recorded):
            return ()
        shape = tuple(int(n) for n in recorded)
        return shape if math.prod(shape) <= MAX_WEIGHTS and max(shape[2:]) <= MAX_KERNEL else ()

    def widths(self) -> list[int]:
        """The output channels of the layers that ran, those of groups included."""
        arrays = self.case.actual.arrays
        outs = [arrays.get(f"layer{k}.out", np.zeros(0)).shape for k in range(1, min(self.count, MAX_LAYERS) + 1)]
        return [shape[1] if len(shape) == 4 else 0 for shape in outs]

    def expected_widths(self) -> list[int]:
        return [int(self.case.expected.arrays[f"layer{k}.weight"][self.stack.out_axis]) for k in range(1, DEPTH + 1)]

    def asked(self, k: int) -> bool:
        """Whether layer k is one of those that were asked for, whatever its widths."""
        return self.geometry[k - 1] == ASKED and self.weight_shape(k)[2:] == (4, 4)

    def padded_before(self, k: int) -> bool:
        """Whether layer k is as asked, but that its border was added before it ran."""
        given, actual, geometry = (
            *(self.case.actual.arrays.get(f"layer{k}.{name}") for name in ("in", "out")),
            self.geometry[k - 1],
        )
        if given is None or actual is None or geometry != ASKED._replace(padding=0) or self.weight_shape(k)[2:] != (4, 4):
            return False
        return k <= DEPTH and actual.shape[2:] == self.case.expected.arrays[f"layer{k}.out"].shape[2:]

    def apply(self, x: Tensor, k: int, shape: tuple[int, ...], geometry: Geometry) -> Tensor:
        """The convolution of that geometry with layer k's weights, or those that follow from the shape."""
        weight, bias = weights(shape, self.numbers), weights((shape[self.stack.out_axis],), self.numbers)
        recorded, recorded_bias = (self.case.actual.arrays.get(f"layer{k}.{name}") for name in ("kernel", "bias"))
        if recorded is not None and recorded.shape == shape:
            weight = torch.from_numpy(recorded).float()
            bias = (
                torch.from_numpy(recorded_bias).float()
                if recorded_bias is not None and recorded_bias.shape == bias.shape
                else 0 * bias
            )
        more = {"output_padding": geometry.more} if self.stack.out_axis else {"dilation": geometry.more + 1}
        return self.stack.convolution(
            x, weight, bias if geometry.bias else None, stride=geometry.stride, padding=geometry.padding, **more
        )

    def _geometry(self, k: int) -> Geometry | None:
        shape, arrays = self.weight_shape(k), self.case.actual.arrays
        given, actual = arrays.get(f"layer{k}.in"), arrays.get(f"layer{k}.out")
        if not shape or given is None or actual is None or given.ndim != 4 or actual.ndim != 4:
            return None
        channels = shape[1 - self.stack.out_axis]
        if max(given.size, actual.size) > MAX_INPUT or given.shape[:2] != (2, channels) or not min(given.shape):
            return None
        if not np.isfinite(given).all() or np.ptp(given) < 1e-6:
            return None  # nothing can be told from an empty image
        x = torch.from_numpy(given).float()
        for geometry in KNOWN:
            if geometry.more and geometry.more >= geometry.stride and self.stack.out_axis:
                continue
            sides = tuple(self._side(side, kernel, geometry) for side, kernel in zip(given.shape[2:], shape[2:], strict=True))
            if actual.shape != (2, shape[self.stack.out_axis], *sides):
                continue  # before anything is computed: what is claimed is no larger than what was handed over
            if close(actual, self.apply(x, k, shape, geometry).numpy()):
                return geometry
        return None

    def _side(self, side: int, kernel: int, geometry: Geometry) -> int:
        """The side of the output; 0 or less if there is none."""
        if self.stack.out_axis == 1:
            return (side - 1) * geometry.stride - 2 * geometry.padding + kernel + geometry.more
        return (side + 2 * geometry.padding - (kernel - 1) * (geometry.more + 1) - 1) // geometry.stride + 1

    def gets_input(self) -> bool:
        """Whether the first layer got the input as it is, or with the zeros that its own padding would add."""
        given, asked = self.case.actual.arrays.get("layer1.in"), self.stack.input(self.numbers).numpy()
        if given is None or given.ndim != 4:
            return False
        if given.shape[2] == asked.shape[2] + 2 and given.shape[3] == asked.shape[3] + 2:
            given = given[:, :, 1:-1, 1:-1]
        return close(given, asked)

    def input_in_words(self) -> str:
        """What the first layer gets in place of the input, if that is the input on another scale or cut off; else empty."""
        given, asked = self.case.actual.arrays.get("layer1.in"), self.stack.input(self.numbers).numpy()
        if given is None or given.shape != asked.shape or not np.isfinite(given).all():
            return ""
        if close(given, np.maximum(asked, 0)):
            return ": numbers below 0 are set to 0"
        factor, more = np.polyfit(asked.ravel(), given.ravel(), 1)
        return f": it gets it {factor:.4g} times, {more:+.4g}" if close(given, factor * asked + more) else ""

    def after(self, k: int) -> np.ndarray | None:
        return self.case.actual.arrays.get("out" if k == self.count else f"layer{k + 1}.in")

    def _activation(self, k: int) -> Activation | None:
        after, before = self.after(k), self.case.actual.arrays.get(f"layer{k}.out")
        if after is None or before is None or before.size > MAX_INPUT:
            return None
        if after.ndim == 4 and before.ndim == 4 and before.shape[2] == after.shape[2] - 2:
            after = after[:, :, 1:-1, 1:-1]  # padded before the next layer
        if after.size != before.size:
            return None
        x = torch.from_numpy(before).float()
        asked = self.stack.activations[min(k, DEPTH) - 1] if k != self.count else self.stack.activations[-1]
        return next((f for f in (asked, *KNOWN_ACTIVATIONS) if close(after.reshape(before.shape), f(x).numpy())), None)

    def is_followed_by(self, k: int, activation: Activation) -> bool:
        """Whether this is what stands between layer k's output and what comes after it."""
        after, before = self.after(k), self.case.actual.arrays.get(f"layer{k}.out")
        if after is None or before is None or before.size > MAX_INPUT or after.size != before.size or before.ndim != 4:
            return False
        return close(after.reshape(before.shape), activation(torch.from_numpy(before).float()).numpy())

    def activation_asked(self, k: int) -> Activation:
        return self.stack.activations[-1] if k == self.count else self.stack.activations[0]

    def borne_out(self) -> bool:
        """Whether the first layer works on the judge's input as a convolution does, or the whole is right."""
        if self.right_output or (self.count > 0 and self.geometry[0] is not None and self._near_input()):
            return True
        return self.count == 0 and self._plain_convolution()

    def _plain_convolution(self) -> bool:
        """Whether a plain convolution, as a decoder may have it, worked on the input, as it was or enlarged."""
        arrays = self.case.actual.arrays
        given, actual, recorded = (arrays.get(f"plain1.{name}") for name in ("in", "out", "weight"))
        asked = self.stack.input(self.numbers)
        if (
            given is None
            or actual is None
            or recorded is None
            or given.ndim != 4
            or actual.ndim != 4
            or max(given.size, actual.size) > MAX_INPUT
        ):
            return False
        shape = tuple(int(n) for n in recorded.ravel()) if recorded.size == 4 and np.isfinite(recorded).all() else ()
        if not shape or min(shape) < 1 or math.prod(shape) > MAX_WEIGHTS or shape[1] != given.shape[1]:
            return False
        weight, bias = weights(shape, self.numbers), weights(shape[:1], self.numbers)
        for k, b in product(range(shape[2]), (bias, None)):
            if min(given.shape[2:]) + 2 * k < max(shape[2:]):
                continue
            out = F.conv2d(torch.from_numpy(given).float(), weight, b, padding=k)
            if out.shape == actual.shape and close(actual, out.numpy()):
                return _enlarged(given, asked)
        return False

    def _near_input(self) -> bool:
        """Whether what the first layer got follows from the judge's input."""
        given, asked = self.case.actual.arrays["layer1.in"], self.stack.input(self.numbers).numpy()
        if self.gets_input():
            return True
        if given.shape != asked.shape:
            return False
        return abs(float(np.corrcoef(given.ravel(), asked.ravel())[0, 1])) > 0.5

    def predicted(self, other: Other) -> np.ndarray | None:
        """What this very network, widths and all, should give when other channels are asked for. None if not borne out."""
        if self.right_output or None in self.geometry or None in self.activation:
            return None
        x = other.input(self.numbers)
        for k, geometry in enumerate(self.geometry, start=1):
            shape = list(self.weight_shape(k))
            if k == 1 and other.first:
                shape[1 - self.stack.out_axis] = x.shape[1]
            if k == self.count and other.last:
                shape[self.stack.out_axis] = other.last
            if geometry is None or shape[1 - self.stack.out_axis] != x.shape[1]:
                return None
            side = self._side(x.shape[2], shape[2], geometry)
            if side < 1 or x.shape[0] * shape[self.stack.out_axis] * side**2 > MAX_INPUT:
                return None
            activation = self.activation[k - 1]
            x = self.apply(x, 0, tuple(shape), geometry)
            x = activation(x) if activation is not None else x
        return x.numpy()


def _enlarged(given: np.ndarray, asked: Tensor) -> bool:
    """Whether this is the input, as it was or enlarged, pixel by pixel or smoothly."""
    if given.shape[:2] != asked.shape[:2]:
        return False
    ways = ({"mode": "nearest"}, {"mode": "bilinear"}, {"mode": "bilinear", "align_corners": True}, {"mode": "bicubic"})
    return any(close(given, F.interpolate(asked, size=given.shape[2:], **way).numpy()) for way in ways)


LayersOf = Callable[[Case], Layers]


def layers_of(stack: Stack) -> LayersOf:
    """What works out the layers of an answer to a question that asks for this stack."""

    def work_out(case: Case) -> Layers:
        return Layers(case, stack)

    return work_out
