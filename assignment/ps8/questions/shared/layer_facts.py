"""What the table of layers says of a network as a whole: how many layers, their geometry, widths and parameters."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ps8.checks.running import fail
from ps8.probes.tools import LayerRecord

from .tables import Table, shape_text, sides_text


def check_registered(table: Table, module: nn.Module) -> None:
    if any(True for _ in module.parameters()):
        return
    hidden = [
        name
        for name, value in vars(module).items()
        if isinstance(value, (list, tuple, dict)) and any(isinstance(v, nn.Module) for v in value)
    ]
    actual = "no parameters at all" + (f"; the layers sit in a plain Python list, `{hidden[0]}`" if hidden else "")
    fail(table.question, "no_parameters", f"{table.parameters():,} parameters", actual)


def check_count(table: Table, record: LayerRecord, module: nn.Module) -> None:
    ran, wanted = len(record.calls), len(table.layers)
    if ran == wanted:
        return
    made = sum(type(m).__name__.endswith(table.layer) for m in module.modules())
    actual = f"{ran} ran" + (f" ({made} were made)" if made != ran else "")
    if table.enlarges and not ran and any(type(m) is nn.Conv2d for m in module.modules()):
        fail(table.question, "plain_convolutions", f"{wanted} {table.layer} layers", "Conv2d layers")
    if made == wanted and [tuple(w) for _, w, _ in record.calls] == [table.weight(k) for k in range(1, ran + 1)]:
        fail(table.question, "wrong_return", f"the result of layer {wanted}, the last", f"that of layer {ran}: {actual}")
    if made == ran == wanted - 1:
        fail(table.question, "layer_missing", f"{wanted} {table.layer} layers", actual)
    if made == wanted:
        fail(table.question, "layer_skipped", f"{wanted} {table.layer} layers to run", actual)
    fail(table.question, "layer_count", f"{wanted} {table.layer} layers", actual)


def check_geometry(table: Table, record: LayerRecord) -> None:
    """Kernel, stride and padding of each layer, told from the sides."""
    previous: tuple[int, ...] = table.shape(0)
    for k, (x, weight, out) in enumerate(record.calls, start=1):
        kernel = tuple(weight[2:])
        if kernel != (4, 4):
            fail(
                table.question,
                "kernel",
                f"layer {k}: a 4x4 kernel",
                f"layer {k}: a kernel of {sides_text(kernel)} (weight {shape_text(weight)})",
            )
        if x.shape[-1] != previous[-1]:
            fail(
                table.question,
                "resized_between",
                f"layer {k} to get {sides_text(tuple(previous[-2:]))} maps, as layer {k - 1} gave them"
                if k > 1
                else f"layer 1 to get the input, {shape_text(table.shape(0))}",
                f"layer {k} got {sides_text(tuple(x.shape[-2:]))}",
            )
        side, wanted = out.shape[-1], table.sides[k]
        if side != wanted:
            fits = _fits(table, x.shape[-1], side)
            cause = "padding" if any(s == 2 for s, _ in fits) else "stride" if fits else "geometry"
            like = "".join(f"stride {s} with padding {p}" for s, p in fits[:1])
            fail(
                table.question,
                cause,
                f"layer {k}: {table.sides[k - 1]} -> {wanted} pixels wide (kernel 4, stride 2, padding 1)",
                f"layer {k}: {x.shape[-1]} -> {side}" + (f", as {like} would give" if like else ""),
            )
        previous = tuple(out.shape)


def _fits(table: Table, side: int, actual: int) -> list[tuple[int, int]]:
    """The strides and paddings, likely ones first, with which a 4x4 kernel makes this side of that."""
    pairs = [(s, p) for s in (2, 1, 3, 4) for p in (0, 1, 2, 3)]
    if table.layer == "Conv2d":
        return [(s, p) for s, p in pairs if (side + 2 * p - 4) // s + 1 == actual]
    return [(s, p) for s, p in pairs if (side - 1) * s - 2 * p + 4 == actual]


def check_widths(table: Table, record: LayerRecord, module: nn.Module) -> None:
    actual = [weight[table.out_axis] for _, weight, _ in record.calls]
    wanted = list(table.widths[1:])
    if actual != wanted:
        cause = "widths_order" if sorted(actual) == sorted(wanted) else "widths"
        if actual == [wanted[0] * 2**k for k in range(len(wanted))]:
            cause = "widths_doubled"
        count = sum(p.numel() for p in module.parameters())
        fail(
            table.question,
            cause,
            f"output channels {wanted}: {table.parameters():,} parameters",
            f"output channels {actual}: {count:,} parameters",
        )
    for k, (_, weight, _) in enumerate(record.calls, start=1):
        if tuple(weight) != table.weight(k):
            fail(
                table.question,
                "groups",
                f"layer {k}: a weight of {shape_text(table.weight(k))}",
                f"layer {k}: {shape_text(weight)}",
            )


def check_output_shape(table: Table, record: LayerRecord, out: Tensor) -> None:
    shape, wanted = tuple(out.shape), table.shape(4)
    if shape == wanted:
        return
    actual = f"{shape_text(shape)}"
    if out.numel() == math.prod(wanted) and out.dim() != 4:
        fail(table.question, "flattened", f"an output of shape {shape_text(wanted)}", actual)
    for k, (x, _, after) in enumerate(record.calls, start=1):
        if shape in (tuple(x.shape), tuple(after.shape)):
            inner = k if shape == tuple(after.shape) else k - 1
            what = f"the shape that layer {inner} gives" if inner else "the shape of the input"
            fail(table.question, "wrong_return", f"an output of shape {shape_text(wanted)}", f"{actual}, {what}")
    fail(table.question, "output_shape", f"an output of shape {shape_text(wanted)}", actual)


def check_parameters(table: Table, module: nn.Module) -> None:
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
    actual = f"{count:,} parameters"
    if missing:
        actual += f"; no parameter of shape {', '.join(map(shape_text, missing[:4]))}"
    if extra:
        actual += f"; besides, {len(extra)} of shape {', '.join(map(shape_text, extra[:4]))}"
    norm = [type(m).__name__ for m in module.modules() if "Norm" in type(m).__name__ or "PReLU" in type(m).__name__]
    if norm:
        fail(table.question, "normalisation_added", expected, f"{actual} ({norm[0]} has some)")
    if not extra and all(len(shape) == 1 for shape in missing):
        fail(table.question, "bias_off", expected, actual)
    fail(table.question, "parameters", expected, actual)


def check_zero_padding(table: Table, module: nn.Module) -> None:
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
