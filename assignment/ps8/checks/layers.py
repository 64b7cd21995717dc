"""Checks of 1.1 and 1.2: what the table of layers and the text say, layer by layer, shapes first.

Nothing here knows the networks. What is compared is public: sides, widths and parameter counts as the table prints them, and
for each activation what came in with what went on.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from ps8.checks.activations import check_activations
from ps8.checks.running import SEED, fail, given, run_probe, student
from ps8.checks.tables import DECODER, ENCODER, Table, shape_text, sides_text
from ps8.probes import Namespace
from ps8.probes.tools import LayerRecord, Numbers, fill

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
    mismatch = _MISMATCH | ({r"Kernel size can't be greater": "plain_convolutions"} if table is DECODER else {})
    with student(question, f"{table.name}() to give a module", errors):
        module = build()
    if not isinstance(module, nn.Module):
        fail(question, "general.not_a_module", "a module", f"{table.name}() is a {type(module).__name__}")
    numbers = Numbers(SEED)
    x = numbers.normal("input", *shape)
    if table.last == "ReLU":
        x = numbers.uniform("input", *shape)
    expected = f"{shape_text(shape)} -> {shape_text(table.shape(4))}, as in the table of layers"
    _registered(table, module)
    with student(question, expected, mismatch):
        module = module.cpu().eval()
        module(x.clone())
        fill(module, numbers)
        with LayerRecord(*table.functions) as record:
            out = module(x.clone())
    _unpad(table, record, out)
    if not record.calls and sum(p.numel() for p in module.parameters()) == table.parameters():
        return _by_other_means(table, module, x, out)
    if not isinstance(out, Tensor):
        cause = "nothing_returned" if out is None else "general.returns_other"
        fail(question, cause, "one tensor", f"forward gives {type(out).__name__}")
    _count(table, record, module)
    _input(table, record, x)
    _geometry(table, record)
    _widths(table, record, module)
    _output_shape(table, record, out)
    _parameters(table, module)
    check_activations(table, record, out)
    _zero_padding(table, module)
    _same_again(table, module, x, out)
    if not out.requires_grad:
        fail(
            question,
            "no_gradient",
            "an output that knows how it was computed",
            "an output without a gradient function",
        )
    with student(question, "a batch of one to work like any other", _MISMATCH, "a batch of one"):
        one = module(x[:1].clone())
    if tuple(one.shape) != table.shape(4, 1):
        fail(question, "batch_of_one", f"{shape_text(table.shape(4, 1))} for a batch of one", f"{shape_text(tuple(one.shape))}")


def _by_other_means(table: Table, module: nn.Module, x: Tensor, out: Any) -> None:
    """A network that calls no convolution, and yet has the table's parameters: only its whole can be looked at."""
    if not isinstance(out, Tensor) or tuple(out.shape) != table.shape(4):
        came = shape_text(tuple(out.shape)) if isinstance(out, Tensor) else type(out).__name__
        fail(table.question, "output_shape", f"an output of shape {shape_text(table.shape(4))}", came)
    _same_again(table, module, x, out)


def _unpad(table: Table, record: LayerRecord, final: Any) -> None:
    """Takes off what was padded before a convolution with no padding of its own, or cut off after a transposed one.

    Both are other ways to write one thing.
    """
    for k, (x, weight, out) in enumerate(record.calls[:4]):
        record.calls[k] = x, weight, out = x.float(), weight, out.float()
        if table is DECODER and out.dim() == 4 and out.shape[-1] == table.sides[k + 1] + 2:
            after = record.calls[k + 1][0] if k + 1 < len(record.calls) else final
            if isinstance(after, Tensor) and after.shape[-1] == table.sides[k + 1]:
                record.calls[k] = (x, weight, out[..., 1:-1, 1:-1])
            continue
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


def _input(table: Table, record: LayerRecord, x: Tensor) -> None:
    """The first layer gets the input as it is."""
    first = record.calls[0][0]
    if first.shape == x.shape and not torch.allclose(first, x, atol=1e-6):
        fail(table.question, "input_changed", "layer 1 to get the input as it is", "other numbers of that shape")


def _same_again(table: Table, module: nn.Module, x: Tensor, out: Tensor) -> None:
    """The same input gives the same output, at every call and while training."""
    with torch.no_grad():
        again, training = module(x.clone()), module.train()(x.clone())
    module.eval()
    if not torch.allclose(again, out, atol=1e-5):
        fail(table.question, "layers_made_in_forward", "the same output for the same input", "another one at the second call")
    if not torch.allclose(training, out, atol=1e-5):
        fail(table.question, "dropout_added", "the same output in training mode and in evaluation mode", "two different ones")


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
    if table is DECODER and not ran and any(type(m) is nn.Conv2d for m in module.modules()):
        fail(table.question, "plain_convolutions", f"{wanted} {table.layer} layers", "Conv2d layers")
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
                f"layer {k}: a weight of {shape_text(table.weight(k))}",
                f"layer {k}: {shape_text(weight)}",
            )


def _output_shape(table: Table, record: LayerRecord, out: Tensor) -> None:
    shape, wanted = tuple(out.shape), table.shape(4)
    if shape == wanted:
        return
    came = f"{shape_text(shape)}"
    if out.numel() == math.prod(wanted) and out.dim() != 4:
        fail(table.question, "flattened", f"an output of shape {shape_text(wanted)}", came)
    for k, (x, _, after) in enumerate(record.calls, start=1):
        if shape in (tuple(x.shape), tuple(after.shape)):
            inner = k if shape == tuple(after.shape) else k - 1
            what = f"the shape that layer {inner} gives" if inner else "the shape of the input"
            fail(table.question, "wrong_return", f"an output of shape {shape_text(wanted)}", f"{came}, {what}")
    fail(table.question, "output_shape", f"an output of shape {shape_text(wanted)}", came)


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
        came += f"; no parameter of shape {', '.join(map(shape_text, missing[:4]))}"
    if extra:
        came += f"; besides, {len(extra)} of shape {', '.join(map(shape_text, extra[:4]))}"
    norm = [type(m).__name__ for m in module.modules() if "Norm" in type(m).__name__ or "PReLU" in type(m).__name__]
    if norm:
        fail(table.question, "normalisation_added", expected, f"{came} ({norm[0]} has some)")
    if not extra and all(len(shape) == 1 for shape in missing):
        fail(table.question, "bias_off", expected, came)
    fail(table.question, "parameters", expected, came)


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
    expected = f"{name}: {shape_text(shape)} -> {shape_text(wanted)}"
    x = Numbers(SEED).uniform("small", *shape)
    with student(question, expected, {r"channels|expected input\[|unexpected keyword|size": cause}, name):
        module = build().cpu().eval()
        with LayerRecord(*table.functions) as record:
            out = module(x)
    k, weight_shape = weight
    got = tuple(record.calls[k - 1][1]) if len(record.calls) >= k else ()
    if not record.calls and tuple(out.shape) == wanted:
        return  # by other means than a convolution
    if tuple(out.shape) != wanted or got != weight_shape:
        came = f"{name}: {shape_text(tuple(out.shape))}, with a weight of {shape_text(got)} in layer {k}"
        fail(question, cause, f"{expected}, with a weight of {shape_text(weight_shape)} in layer {k}", came)
    fill(module, Numbers(SEED))
    with torch.no_grad(), LayerRecord(*table.functions) as record:
        out = module(x)
    _unpad(table, record, out)
    check_activations(table, record, out)
