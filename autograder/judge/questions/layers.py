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
from autograder.judge.criteria import MET, Criterion, Outcome, Question, runs, unjudged
from autograder.judge.severity import Severity

DEPTH, MAX_LAYERS = 4, 8
MAX_WIDTH, MAX_WEIGHTS, MAX_INPUT, MAX_KERNEL = 1024, 2**19, 2**19, 8  # what is worked out again is small; a claim may not be
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
        self.count = sum(1 for key in case.got.arrays if re.fullmatch(r"layer\d+\.weight", key))
        self.right_output = not difference(case, "out", "output")
        ran = range(1, min(self.count, MAX_LAYERS) + 1)
        self.geometry = [None if self.right_output else self._geometry(k) for k in ran]
        self.activation = [None if self.right_output else self._activation(k) for k in ran]

    def weight_shape(self, k: int) -> tuple[int, ...]:
        """The shape of a layer's weights as the answer tells it; () if it tells nothing that could be."""
        told = self.case.got.arrays.get(f"layer{k}.weight", np.zeros(0)).ravel()
        if len(told) != 4 or not all(1 <= n <= MAX_WIDTH and n == int(n) for n in told):
            return ()
        shape = tuple(int(n) for n in told)
        return shape if math.prod(shape) <= MAX_WEIGHTS and max(shape[2:]) <= MAX_KERNEL else ()

    def widths(self) -> list[int]:
        """The output channels of the layers that ran, those of groups included."""
        arrays = self.case.got.arrays
        outs = [arrays.get(f"layer{k}.out", np.zeros(0)).shape for k in range(1, min(self.count, MAX_LAYERS) + 1)]
        return [shape[1] if len(shape) == 4 else 0 for shape in outs]

    def expected_widths(self) -> list[int]:
        return [int(self.case.expected.arrays[f"layer{k}.weight"][self.stack.out_axis]) for k in range(1, DEPTH + 1)]

    def asked(self, k: int) -> bool:
        """Whether layer k is one of those that were asked for, whatever its widths."""
        return self.geometry[k - 1] == ASKED and self.weight_shape(k)[2:] == (4, 4)

    def apply(self, x: Tensor, k: int, shape: tuple[int, ...], geometry: Geometry) -> Tensor:
        """The convolution of that geometry with layer k's weights, or those that follow from the shape."""
        weight, bias = weights(shape, self.numbers), weights((shape[self.stack.out_axis],), self.numbers)
        told, told_bias = (self.case.got.arrays.get(f"layer{k}.{name}") for name in ("kernel", "bias"))
        if told is not None and told.shape == shape:
            weight = torch.from_numpy(told).float()
            bias = torch.from_numpy(told_bias).float() if told_bias is not None and told_bias.shape == bias.shape else 0 * bias
        more = {"output_padding": geometry.more} if self.stack.out_axis else {"dilation": geometry.more + 1}
        return self.stack.convolution(
            x, weight, bias if geometry.bias else None, stride=geometry.stride, padding=geometry.padding, **more
        )

    def _geometry(self, k: int) -> Geometry | None:
        shape, arrays = self.weight_shape(k), self.case.got.arrays
        given, came = arrays.get(f"layer{k}.in"), arrays.get(f"layer{k}.out")
        if not shape or given is None or came is None or given.ndim != 4 or came.ndim != 4:
            return None
        channels = shape[1 - self.stack.out_axis]
        if max(given.size, came.size) > MAX_INPUT or given.shape[:2] != (2, channels) or not min(given.shape):
            return None
        if not np.isfinite(given).all() or np.ptp(given) < 1e-6:
            return None  # nothing can be told from an empty image
        x = torch.from_numpy(given).float()
        for geometry in KNOWN:
            if geometry.more and geometry.more >= geometry.stride and self.stack.out_axis:
                continue
            sides = tuple(self._side(side, kernel, geometry) for side, kernel in zip(given.shape[2:], shape[2:], strict=True))
            if came.shape != (2, shape[self.stack.out_axis], *sides):
                continue  # before anything is computed: what is claimed is no larger than what was handed over
            if close(came, self.apply(x, k, shape, geometry).numpy()):
                return geometry
        return None

    def _side(self, side: int, kernel: int, geometry: Geometry) -> int:
        """The side of the output; 0 or less if there is none."""
        if self.stack.out_axis == 1:
            return (side - 1) * geometry.stride - 2 * geometry.padding + kernel + geometry.more
        return (side + 2 * geometry.padding - (kernel - 1) * (geometry.more + 1) - 1) // geometry.stride + 1

    def gets_input(self) -> bool:
        """Whether the first layer got the input as it is, or with the zeros that its own padding would add."""
        given, asked = self.case.got.arrays.get("layer1.in"), self.stack.input(self.numbers).numpy()
        if given is None or given.ndim != 4:
            return False
        if given.shape[2] == asked.shape[2] + 2 and given.shape[3] == asked.shape[3] + 2:
            given = given[:, :, 1:-1, 1:-1]
        return close(given, asked)

    def after(self, k: int) -> np.ndarray | None:
        return self.case.got.arrays.get("out" if k == self.count else f"layer{k + 1}.in")

    def _activation(self, k: int) -> Activation | None:
        after, before = self.after(k), self.case.got.arrays.get(f"layer{k}.out")
        if after is None or before is None or before.size > MAX_INPUT:
            return None
        if after.ndim == 4 and before.ndim == 4 and before.shape[2] == after.shape[2] - 2:
            after = after[:, :, 1:-1, 1:-1]  # padded before the next layer
        if after.size != before.size:
            return None
        x = torch.from_numpy(before).float()
        asked = self.stack.activations[min(k, DEPTH) - 1] if k != self.count else self.stack.activations[-1]
        return next((f for f in (asked, *KNOWN_ACTIVATIONS) if close(after.reshape(before.shape), f(x).numpy())), None)

    def activation_asked(self, k: int) -> Activation:
        return self.stack.activations[-1] if k == self.count else self.stack.activations[0]

    def borne_out(self) -> bool:
        """Whether the first layer works on the judge's input as a convolution does, or the whole is right."""
        return self.right_output or (self.count > 0 and self.geometry[0] is not None and self._near_input())

    def _near_input(self) -> bool:
        """Whether what the first layer got follows from the judge's input."""
        given, asked = self.case.got.arrays["layer1.in"], self.stack.input(self.numbers).numpy()
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


def _of(stack: Stack) -> Callable[[Case], Layers]:
    def work_out(case: Case) -> Layers:
        return Layers(case, stack)

    return work_out


ENCODER_LAYERS, DECODER_LAYERS = _of(ENCODER_STACK), _of(DECODER_STACK)
LayersOf = Callable[[Case], Layers]


def _raised(case: Case) -> Outcome:
    """Whether it runs at all. What ran before something was raised is judged all the same."""
    raised = runs({"build": "it could not be made", "forward": "forward"})(case)
    if raised.severity:
        return raised
    if "out" not in case.got.arrays:
        return Outcome(Severity.CANNOT_RUN, f"forward gives no tensor: {case.error() or 'nothing came'}")
    return MET


def _geometry(of: LayersOf) -> Callable[[Case], Outcome]:
    """How the layers ran. A layer that the numbers do not bear out counts as another one."""

    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output:
            return MET
        if not layers.count:
            known = _raised(case).severity
            return unjudged() if known else Outcome(Severity.LEARNS_ELSE, "no convolution ran")
        wrong = [k for k in range(1, layers.count + 1) if not layers.asked(k)]
        if layers.count != DEPTH:
            if layers.count < DEPTH and _raised(case).severity and not wrong:
                return unjudged()
            return Outcome(Severity.LEARNS_ELSE, f"expected {DEPTH} layers, {layers.count} ran")
        if not wrong:
            return MET
        found = layers.geometry[wrong[0] - 1]
        came = found.words(layers.weight_shape(wrong[0])[2:]) if found else "another one"
        reason = f"layer {', '.join(map(str, wrong))}: expected a 4x4 kernel with stride 2, padding 1 and a bias, got {came}"
        only_bias = all(g is not None and g._replace(bias=True) == ASKED for g in layers.geometry) and all(
            layers.weight_shape(k)[2:] == (4, 4) for k in wrong
        )
        return Outcome(Severity.OTHER_NUMBERS if only_bias or len(wrong) == 1 else Severity.LEARNS_ELSE, reason)

    return check


def _widths(of: LayersOf) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output or not layers.count:
            return MET
        expected, got = layers.expected_widths(), layers.widths()
        if layers.count != DEPTH:
            return unjudged()  # paid for there
        if got != expected:
            wrong = sum(a != b for a, b in zip(got, expected, strict=True))
            return Outcome(
                Severity.OTHER_NUMBERS if wrong == 1 else Severity.LEARNS_ELSE,
                f"expected output channels {expected} ({int(case.expected.arrays['parameters']):,} parameters), "
                f"got {got} ({_told(case, 'parameters')} parameters)",
            )
        return MET

    return check


def _shape(of: LayersOf) -> Callable[[Case], Outcome]:
    """The shape of the output, with the layers as they are: save what wrong layers explain."""

    def check(case: Case) -> Outcome:
        got, expected = case.got.arrays.get("out"), case.expected.arrays["out"]
        if got is None:
            return unjudged()
        if got.shape == expected.shape:
            return MET
        reason = f"output: expected shape {expected.shape}, got {got.shape}"
        if got.size == expected.size:
            return Outcome(Severity.OTHER_NUMBERS, reason)
        sides = got.ndim != 4 or got.shape[2:] != expected.shape[2:]
        return Outcome(Severity.OTHER_NUMBERS, f"{reason}: what follows does not fit it") if sides else unjudged()

    return check


def _activations(of: LayersOf) -> Callable[[Case], Outcome]:
    """What follows each layer: one other activation, or several, or none at all, which leaves a linear network."""

    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output:
            return MET
        if not layers.count:
            return unjudged()
        if not layers.gets_input():
            return Outcome(Severity.LEARNS_ELSE, "the first layer does not get the input as it is")
        judged = [k for k in range(1, min(layers.count, MAX_LAYERS) + 1) if layers.after(k) is not None]
        wrong = [k for k in judged if layers.activation[k - 1] is not layers.activation_asked(k)]
        if not wrong:
            return MET
        reason = f"layer {', '.join(map(str, wrong))}: what follows is not its activation alone"
        linear = [k for k in wrong if layers.activation[k - 1] is IDENTITY]
        unknown = [k for k in wrong if layers.activation[k - 1] is None]
        severe = len(linear) > 1 or bool(unknown)
        return Outcome(Severity.LEARNS_ELSE if severe else Severity.OTHER_NUMBERS, reason)

    return check


def _learns(of: LayersOf) -> Callable[[Case], Outcome]:
    """Whether the numbers can be learned: parameters that an optimizer finds, and a graph that leads back to them."""

    def check(case: Case) -> Outcome:
        if "parameters" not in case.got.arrays:
            return unjudged()
        told = float(case.got.arrays["parameters"].ravel()[0])
        layers = case.once(of)
        if told == 0 and (layers.count or layers.right_output):
            return Outcome(Severity.NOTHING_LEARNS, f"{_expected(case)}, got none: are the layers kept in a plain list?")
        frozen = float(case.got.arrays.get("frozen", np.zeros(1)).ravel()[0])
        if frozen:
            share = Severity.NOTHING_LEARNS if frozen >= told / 2 else Severity.LEARNS_ELSE
            return Outcome(share, f"{frozen:,.0f} of {told:,.0f} parameters ask for no gradient, so they never learn")
        gradient = case.got.arrays.get("gradient")
        cut = not np.any(gradient) if gradient is not None else "gradient" in case.got.errors
        if cut and np.any(case.got.arrays.get("out", np.zeros(1))):
            return Outcome(Severity.NOTHING_LEARNS, "no gradient comes back through it: is the graph cut off somewhere?")
        if layers.right_output and difference(case, "gradient", "the gradient", rtol=1e-2, atol=1e-3):
            return Outcome(Severity.LEARNS_ELSE, "part of the gradient does not come back: is the graph cut off somewhere?")
        if layers.right_output and not close(np.array(told), case.expected.arrays["parameters"]):
            short = told < case.expected.arrays["parameters"]
            return Outcome(
                Severity.LEARNS_ELSE if short else Severity.NOT_GENERAL,
                f"{_expected(case)}, got {told:,.0f}: " + ("the others never learn" if short else "some belong to no layer"),
            )
        return MET

    return check


def _same_again(of: LayersOf) -> Callable[[Case], Outcome]:
    """In training mode it gives what it gives in evaluation mode, and it starts from weights that differ."""

    def check(case: Case) -> Outcome:
        if case.flag("mode_matters") and _activations(of)(case).severity:
            return unjudged()  # something was added between the layers, and that is said there
        return _modes(case)

    return check


def _modes(case: Case) -> Outcome:
    if case.flag("mode_matters"):
        return Outcome(
            Severity.OTHER_NUMBERS, "while training it gives something else: was a dropout or a normalisation added?"
        )
    if case.flag("constant"):
        return Outcome(Severity.OTHER_NUMBERS, "all weights of a layer start with one value: its filters stay alike for ever")
    return MET


def _any_batch(of: LayersOf) -> Callable[[Case], Outcome]:
    """A batch of one gives what it gives in a larger one, and the input stays as it is."""

    def check(case: Case) -> Outcome:
        out, one = case.got.arrays.get("out"), case.got.arrays.get("out_one")
        if case.flag("input_changed"):
            return Outcome(Severity.NOT_GENERAL, "it changes its input in place: whoever made it still needs it")
        if out is None:
            return unjudged()
        if one is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.got.errors.get('one', 'nothing came')}")
        if out.ndim and one.size * len(out) == out.size and close(one.ravel(), out[:1].ravel()):
            return MET
        if case.once(of).right_output or one.size * max(len(out), 1) != out.size:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: shape {one.shape}, or other numbers than in a batch of two")
        return unjudged()

    return check


def _other_channels(of: LayersOf, other: Other) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        reason = difference(case, other.key, other.call)
        if not reason or _raised(case).severity or _shape(of)(case).severity:
            return MET if not reason else unjudged()
        got, expected, layers = case.got.arrays.get(other.key), case.expected.arrays[other.key], case.once(of)
        if got is None or layers.right_output:
            return Outcome(other.severity, reason)
        predicted = layers.predicted(other)
        if predicted is not None and got.size == predicted.size and close(got.reshape(predicted.shape), predicted):
            return MET
        first = case.got.arrays["out"]
        # Not borne out layer by layer: then the shape alone can tell, beside that for the usual channels.
        like = (len(expected), *first.shape[1:]) if not other.last else (len(expected), other.last, *first.shape[2:])
        return MET if got.shape == like else Outcome(other.severity, reason)

    return check


def _expected(case: Case) -> str:
    return f"expected {int(case.expected.arrays['parameters']):,} parameters"


def _told(case: Case, key: str) -> str:
    told = case.got.arrays.get(key)
    return f"{told.item():,.0f}" if told is not None and told.size == 1 else "an unknown number of"


def _question(name: str, title: str, of: LayersOf, stack: Stack, texts: dict[str, str]) -> Question:
    others = tuple(
        Criterion(other.key, f"other channels: {other.call}", 2 / len(stack.others), _other_channels(of, other))
        for other in stack.others
    )
    return Question(
        name,
        title,
        name,
        (
            Criterion("runs", "it runs", 0, _raised),
            Criterion("layers", texts["layers"], 3, _geometry(of)),
            Criterion("widths", texts["widths"], 2, _widths(of)),
            Criterion("activations", texts["activations"], 2, _activations(of)),
            Criterion("shape", texts["shape"], 0, _shape(of)),
            Criterion("learns", "every parameter can learn", 1, _learns(of)),
            Criterion("again", "the same in training mode, from weights that differ", 0, _same_again(of)),
            Criterion("batch", "any batch size, and the input stays as it is", 0, _any_batch(of)),
            *others,
        ),
        lambda case: case.once(of).borne_out(),
    )


ENCODER = _question(
    "encoder",
    "1.1 Encoder",
    ENCODER_LAYERS,
    ENCODER_STACK,
    {
        "layers": "four convolutions, 4x4, stride 2, padding 1, with a bias",
        "widths": "12, 24, 48 and 24 output channels: 42,156 parameters",
        "activations": "a ReLU after each, and nothing else",
        "shape": "an output of shape (batch_size, 24, 4, 4)",
    },
)
DECODER = _question(
    "decoder",
    "1.2 Decoder",
    DECODER_LAYERS,
    DECODER_STACK,
    {
        "layers": "four transposed convolutions, 4x4, stride 2, padding 1, with a bias",
        "widths": "48, 24, 12 and 3 output channels: 42,135 parameters",
        "activations": "a ReLU between, a Sigmoid last, and nothing else",
        "shape": "an output of shape (batch_size, 3, 64, 64)",
    },
)
