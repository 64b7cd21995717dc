"""Checks of 1.1 and 1.2: what the table of layers and the text say, layer by layer, shapes first.

Nothing here knows the networks. What is compared is public: sides, widths and parameter counts as the table prints them, and
for each activation what came in with what went on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ps8.checks.running import SEED, fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.probes.tools import CONVOLUTIONS, TRANSPOSED_CONVOLUTIONS, LayerRecord, Numbers, fill


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
    functions: tuple
    widths: tuple[int, ...]
    sides: tuple[int, ...]
    out_axis: int
    last: str

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


ENCODER = Table("encoder", "Encoder", "Conv2d", CONVOLUTIONS, (3, 12, 24, 48, 24), (64, 32, 16, 8, 4), 0, "ReLU")
DECODER = Table(
    "decoder",
    "Decoder",
    "ConvTranspose2d",
    TRANSPOSED_CONVOLUTIONS,
    (24, 48, 24, 12, 3),
    (4, 8, 16, 32, 64),
    1,
    "Sigmoid",
)

_MISMATCH = {
    r"to have \d+ channels|expected input\[": "chain",
    r"in_channels|out_channels|feat_dim": "arguments",
}


def check_encoder(namespace: Namespace) -> str:
    """1.1: the table, the ReLUs, and another number of input channels."""
    cls = given(namespace, "encoder", "Encoder")
    _check_table(ENCODER, lambda: cls(3), {})
    _check_other(
        ENCODER,
        lambda: cls(in_channels=1),
        "Encoder(in_channels=1)",
        (3, 1, 64, 64),
        (3, 24, 4, 4),
        weight=(1, (12, 1, 4, 4)),
    )
    run_probe("encoder", namespace)
    return f"4 layers, {ENCODER.parameters():,} parameters, (3, 64, 64) -> (24, 4, 4)"


def check_decoder(namespace: Namespace) -> str:
    """1.2: the table, the ReLUs, the Sigmoid, and other numbers of channels."""
    cls = given(namespace, "decoder", "Decoder")
    _check_table(DECODER, cls, {})
    arguments = {"out_channels": 1, "feat_dim": 24}, {"out_channels": 3, "feat_dim": 8}
    for given_arguments in arguments:
        maps, planes = given_arguments["feat_dim"], given_arguments["out_channels"]
        name = f"Decoder(out_channels={planes}, feat_dim={maps})"
        wanted = (1, (8, 48, 4, 4)) if maps == 8 else (4, (12, 1, 4, 4))
        _check_other(
            DECODER,
            lambda kw=given_arguments: cls(**kw),
            name,
            (3, maps, 4, 4),
            (3, planes, 64, 64),
            weight=wanted,
        )
    run_probe("decoder", namespace)
    return f"4 layers, {DECODER.parameters():,} parameters, (24, 4, 4) -> (3, 64, 64) in [0, 1]"


def _check_table(table: Table, build, errors: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    """One network against its table: it runs, its layers, its parameters, its activations, its output."""
    question, shape = table.question, table.shape(0)
    with student(question, f"{table.name}() to give a module", errors):
        module = build()
    if not isinstance(module, nn.Module):
        fail(question, "general.not_a_module", "a module", f"{table.name}() is a {type(module).__name__}")
    numbers = Numbers(SEED)
    x = numbers.normal("input", *shape)
    if table.last == "ReLU":
        x = numbers.uniform("input", *shape)
    expected = f"{_of(shape)} -> {_of(table.shape(4))}, as in the table of layers"
    _registered(table, module)
    with student(question, expected, _MISMATCH):
        module = module.cpu().eval()
        module(x)
        fill(module, numbers)
        with LayerRecord(*table.functions) as record:
            out = module(x)
    _unpad(table, record)
    if not isinstance(out, Tensor):
        cause = "nothing_returned" if out is None else "general.returns_other"
        fail(question, cause, "one tensor", f"forward gives {type(out).__name__}")
    _count(table, record, module)
    _geometry(table, record)
    _widths(table, record, module)
    _output_shape(table, record, out)
    _parameters(table, module)
    _activations(table, record, out)
    _zero_padding(table, module)
    if not out.requires_grad:
        fail(
            question,
            "no_gradient",
            "an output that knows how it was computed",
            "an output without a gradient function",
        )
    with student(question, "a batch of one to work like any other", _MISMATCH, "a batch of one"):
        one = module(x[:1])
    if tuple(one.shape) != table.shape(4, 1):
        fail(question, "batch_of_one", f"{_of(table.shape(4, 1))} for a batch of one", f"{_of(tuple(one.shape))}")


def _unpad(table: Table, record: LayerRecord) -> None:
    """Takes off what was padded before a convolution with no padding of its own: two ways to write one thing."""
    for k, (x, weight, out) in enumerate(record.calls[:4]):
        if table.layer != "Conv2d" or x.shape[-1] != table.sides[k] + 2 or x.dim() != 4:
            continue
        inner = x[..., 1:-1, 1:-1]
        if float(x.abs().sum() - inner.abs().sum()) > 1e-3:
            fail(
                table.question,
                "padding_mode",
                f"layer {k + 1}: zeros beyond the border, as the default padding gives",
                "something else than zeros",
            )
        record.calls[k] = (inner, weight, out)


def _registered(table: Table, module: nn.Module) -> None:
    if any(True for _ in module.parameters()):
        return
    hidden = [
        name
        for name, value in vars(module).items()
        if isinstance(value, (list, tuple, dict)) and any(isinstance(v, nn.Module) for v in value)
    ]
    came = "no parameters at all" + (f"; the layers sit in a plain Python list, `{hidden[0]}`" if hidden else "")
    fail(table.question, "no_parameters", f"{table.parameters():,} parameters", came)


def _count(table: Table, record: LayerRecord, module: nn.Module) -> None:
    ran, wanted = len(record.calls), len(table.layers)
    if ran == wanted:
        return
    made = sum(type(m).__name__.endswith(table.layer) for m in module.modules())
    came = f"{ran} ran" + (f" ({made} were made)" if made != ran else "")
    if made == wanted and [tuple(w) for _, w, _ in record.calls] == [table.weight(k) for k in range(1, ran + 1)]:
        fail(table.question, "wrong_return", f"the result of layer {wanted}, the last", f"that of layer {ran}: {came}")
    if made == ran == wanted - 1:
        fail(table.question, "layer_missing", f"{wanted} {table.layer} layers", came)
    if made == wanted:
        fail(table.question, "layer_skipped", f"{wanted} {table.layer} layers to run", came)
    fail(table.question, "layer_count", f"{wanted} {table.layer} layers", came)


def _geometry(table: Table, record: LayerRecord) -> None:
    """Kernel, stride and padding of each layer, told from the sides."""
    previous: tuple[int, ...] = table.shape(0)
    for k, (x, weight, out) in enumerate(record.calls, start=1):
        kernel = tuple(weight[2:])
        if kernel != (4, 4):
            fail(
                table.question,
                "kernel",
                f"layer {k}: a 4x4 kernel",
                f"layer {k}: a kernel of {_times(kernel)} (weight {_of(weight)})",
            )
        if x.shape[-1] != previous[-1]:
            fail(
                table.question,
                "resized_between",
                f"layer {k} to get {_times(tuple(previous[-2:]))} maps, as layer {k - 1} gave them"
                if k > 1
                else f"layer 1 to get the input, {_of(table.shape(0))}",
                f"layer {k} got {_times(tuple(x.shape[-2:]))}",
            )
        side, wanted = out.shape[-1], table.sides[k]
        if side != wanted:
            fits = _fits(table, x.shape[-1], side)
            cause = "padding" if any(s == 2 for s, _ in fits) else "stride" if fits else "geometry"
            like = " or ".join(f"stride {s} with padding {p}" for s, p in fits[:2])
            fail(
                table.question,
                cause,
                f"layer {k}: {table.sides[k - 1]} -> {wanted} pixels wide (kernel 4, stride 2, padding 1)",
                f"layer {k}: {x.shape[-1]} -> {side}" + (f", as {like} would give" if like else ""),
            )
        previous = tuple(out.shape)


def _fits(table: Table, side: int, came: int) -> list[tuple[int, int]]:
    """The strides and paddings, likely ones first, with which a 4x4 kernel makes this side of that."""
    pairs = [(s, p) for s in (2, 1, 3, 4) for p in (0, 1, 2, 3)]
    if table.layer == "Conv2d":
        return [(s, p) for s, p in pairs if (side + 2 * p - 4) // s + 1 == came]
    return [(s, p) for s, p in pairs if (side - 1) * s - 2 * p + 4 == came]


def _widths(table: Table, record: LayerRecord, module: nn.Module) -> None:
    got = [weight[table.out_axis] for _, weight, _ in record.calls]
    wanted = list(table.widths[1:])
    if got != wanted:
        cause = "widths_order" if sorted(got) == sorted(wanted) else "widths"
        if got == [wanted[0] * 2**k for k in range(len(wanted))]:
            cause = "widths_doubled"
        count = sum(p.numel() for p in module.parameters())
        fail(
            table.question,
            cause,
            f"output channels {wanted}: {table.parameters():,} parameters",
            f"output channels {got}: {count:,} parameters",
        )
    for k, (_, weight, _) in enumerate(record.calls, start=1):
        if tuple(weight) != table.weight(k):
            fail(
                table.question,
                "groups",
                f"layer {k}: a weight of {_of(table.weight(k))}",
                f"layer {k}: {_of(weight)}",
            )


def _output_shape(table: Table, record: LayerRecord, out: Tensor) -> None:
    shape, wanted = tuple(out.shape), table.shape(4)
    if shape == wanted:
        return
    came = f"{_of(shape)}"
    if out.numel() == math.prod(wanted) and out.dim() != 4:
        fail(table.question, "flattened", f"an output of shape {_of(wanted)}", came)
    for k, (x, _, after) in enumerate(record.calls, start=1):
        if shape in (tuple(x.shape), tuple(after.shape)):
            inner = k if shape == tuple(after.shape) else k - 1
            what = f"the shape that layer {inner} gives" if inner else "the shape of the input"
            fail(table.question, "wrong_return", f"an output of shape {_of(wanted)}", f"{came}, {what}")
    fail(table.question, "output_shape", f"an output of shape {_of(wanted)}", came)


def _parameters(table: Table, module: nn.Module) -> None:
    """What is there beyond, or short of, a weight and a bias for each layer."""
    wanted = [shape for k in table.layers for shape in (table.weight(k), (table.widths[k],))]
    extra = [tuple(p.shape) for p in module.parameters()]
    missing = []
    for shape in wanted:
        if shape in extra:
            extra.remove(shape)
        else:
            missing.append(shape)
    if not extra and not missing:
        return
    count = sum(p.numel() for p in module.parameters())
    expected = f"{table.parameters():,} parameters: a weight and a bias for each of the 4 layers"
    came = f"{count:,} parameters"
    if missing:
        came += f"; no parameter of shape {', '.join(map(_of, missing[:4]))}"
    if extra:
        came += f"; besides, {len(extra)} of shape {', '.join(map(_of, extra[:4]))}"
    norm = [type(m).__name__ for m in module.modules() if "Norm" in type(m).__name__ or "PReLU" in type(m).__name__]
    if norm:
        fail(table.question, "normalisation_added", expected, f"{came} ({norm[0]} has some)")
    if not extra and all(len(shape) == 1 for shape in missing):
        fail(table.question, "bias_off", expected, came)
    fail(table.question, "parameters", expected, came)


def _activations(table: Table, record: LayerRecord, out: Tensor) -> None:
    """For each layer, what went on against what it gave."""
    calls = record.calls
    for k in table.layers:
        before = calls[k - 1][2]
        last = k == len(calls)
        after = (out if last else calls[k][0]).detach()
        wanted = table.last if last else "ReLU"
        if after.shape != before.shape:
            fail(
                table.question,
                "resized_between",
                f"layer {k + 1} to get {_of(tuple(before.shape))}",
                f"{_of(tuple(after.shape))}",
            )
        found = _activation(before, after)
        if found == wanted:
            continue
        where = f"after layer {k}" + (", the last" if last else "")
        expected = f"{where}: {_RANGES[wanted]}"
        came = f"{where}: {_RANGES.get(found, f'numbers in [{after.min():.3g}, {after.max():.3g}]')}"
        fail(table.question, _activation_cause(table, k, last, found, calls, after), expected, came)


_RANGES = {
    "ReLU": "a ReLU (what is negative becomes 0, what is positive stays)",
    "Sigmoid": "a Sigmoid (every number between 0 and 1, 0 becomes 0.5)",
    "nothing": "the layer's output as it was, negative numbers included",
    "leaky": "negative numbers made smaller, but not 0",
    "clamped": "the layer's output clipped to [0, 1]",
    "Tanh": "a Tanh (numbers between -1 and 1)",
    "ReLU, then Sigmoid": "no number below 0.5: a ReLU came before the Sigmoid",
}


def _activation(before: Tensor, after: Tensor) -> str:
    """Which activation turned one into the other, or "other"."""
    positive = before > 0
    if torch.allclose(after, before, atol=1e-5):
        return "nothing"
    if torch.allclose(after, before * positive, atol=1e-5):
        return "ReLU"
    if torch.allclose(after, 1 / (1 + (-before).exp()), atol=1e-4):
        return "Sigmoid"
    if torch.allclose(after[positive], before[positive], atol=1e-5) and (after[~positive].abs() > 0).any():
        return "leaky"
    if torch.allclose(after, before.clamp(0, 1), atol=1e-5):
        return "clamped"
    if torch.allclose(after.atanh(), before, atol=1e-2, rtol=1e-2):
        return "Tanh"
    if torch.allclose(after, 1 / (1 + (-before * positive).exp()), atol=1e-4):
        return "ReLU, then Sigmoid"
    return "other"


def _activation_cause(table: Table, k: int, last: bool, found: str, calls: list, after: Tensor) -> str:
    if last:
        inner = [x for x, _, _ in calls[1:]] + [out for _, _, out in calls[:-1]]
        if any(x.shape == after.shape and torch.allclose(x, after, atol=1e-5) for x in inner):
            return "wrong_return"
        if table.last == "Sigmoid":
            return {
                "nothing": "sigmoid_missing",
                "ReLU": "relu_last",
                "Tanh": "tanh_last",
                "clamped": "clamped",
                "ReLU, then Sigmoid": "relu_before_sigmoid",
            }.get(found, "last_activation")
        return {"nothing": "relu_last_missing", "Sigmoid": "sigmoid_last", "leaky": "leaky"}.get(found, "activation_other")
    causes = {"nothing": "relu_missing", "leaky": "leaky", "Sigmoid": "sigmoid_everywhere"}
    return causes.get(found, "activation_other")


def _zero_padding(table: Table, module: nn.Module) -> None:
    """A constant image: zeros beyond its border make the border of the first layer's output differ from its middle."""
    x = torch.ones(table.shape(0, 1))
    with torch.no_grad(), LayerRecord(*table.functions) as record:
        module(x)
    out = record.calls[0][2]
    middle = out[..., out.shape[-1] // 2, out.shape[-1] // 2]
    if torch.allclose(out[..., 0, 0], middle, atol=1e-5):
        fail(
            table.question,
            "padding_mode",
            "zeros beyond the border, as the default padding gives",
            "no difference at the border: it is padded with something else",
        )


def _check_other(  # type: ignore[no-untyped-def]
    table: Table,
    build,
    name: str,
    shape: tuple[int, ...],
    wanted: tuple[int, ...],
    *,
    weight: tuple[int, tuple[int, ...]],
) -> None:
    """The same network for other numbers of channels."""
    question, cause = table.question, "maps_fixed" if table is DECODER and shape[1] != 24 else "arguments"
    expected = f"{name}: {_of(shape)} -> {_of(wanted)}"
    x = Numbers(SEED).uniform("small", *shape)
    with student(question, expected, {r"channels|expected input\[|unexpected keyword|size": cause}, name):
        module = build().cpu().eval()
        with LayerRecord(*table.functions) as record:
            out = module(x)
    k, weight_shape = weight
    got = tuple(record.calls[k - 1][1]) if len(record.calls) >= k else ()
    if tuple(out.shape) != wanted or got != weight_shape:
        came = f"{name}: {_of(tuple(out.shape))}, with a weight of {_of(got)} in layer {k}"
        fail(question, cause, f"{expected}, with a weight of {_of(weight_shape)} in layer {k}", came)
    fill(module, Numbers(SEED))
    with torch.no_grad(), LayerRecord(*table.functions) as record:
        out = module(x)
    _unpad(table, record)
    _activations(table, record, out)


def _of(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _times(sides: tuple[int, ...]) -> str:
    return "x".join(map(str, sides))
