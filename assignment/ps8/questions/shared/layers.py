"""Checks of 1.1 and 1.2: what the table of layers and the text say, layer by layer, shapes first.

Nothing here knows the networks. What is compared is public: sides, widths and parameter counts as the table prints them, and
for each activation what came in with what went on.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ps8.checks.running import SEED, fail, student
from ps8.probes.tools import LayerRecord, Numbers, fill

from .activations import check_activations
from .layer_facts import (
    check_count,
    check_geometry,
    check_output_shape,
    check_parameters,
    check_registered,
    check_widths,
    check_zero_padding,
)
from .tables import Table, shape_text

MISMATCH = {
    r"to have \d+ channels|expected input\[": "chain",
    r"in_channels|out_channels|feat_dim": "arguments",
}


def check_table(table: Table, build, errors: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    """One network against its table: it runs, its layers, its parameters, its activations, its output."""
    question, shape = table.question, table.shape(0)
    mismatch = MISMATCH | ({r"Kernel size can't be greater": "plain_convolutions"} if table.enlarges else {})
    with student(question, f"{table.name}() to give a module", errors):
        module = build()
    if not isinstance(module, nn.Module):
        fail(question, "general.not_a_module", "a module", f"{table.name}() is a {type(module).__name__}")
    numbers = Numbers(SEED)
    x = numbers.normal("input", *shape)
    if table.last == "ReLU":
        x = numbers.uniform("input", *shape)
    expected = f"{shape_text(shape)} -> {shape_text(table.shape(4))}, as in the table of layers"
    check_registered(table, module)
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
    check_count(table, record, module)
    _input(table, record, x)
    check_geometry(table, record)
    check_widths(table, record, module)
    check_output_shape(table, record, out)
    check_parameters(table, module)
    check_activations(table, record, out)
    check_zero_padding(table, module)
    _same_again(table, module, x, out)
    if not out.requires_grad:
        fail(
            question,
            "no_gradient",
            "an output that knows how it was computed",
            "an output without a gradient function",
        )
    with student(question, "a batch of one to work like any other", MISMATCH, "a batch of one"):
        one = module(x[:1].clone())
    if tuple(one.shape) != table.shape(4, 1):
        fail(question, "batch_of_one", f"{shape_text(table.shape(4, 1))} for a batch of one", f"{shape_text(tuple(one.shape))}")


def _by_other_means(table: Table, module: nn.Module, x: Tensor, out: Any) -> None:
    """A network that calls no convolution, and yet has the table's parameters: only its whole can be looked at."""
    if not isinstance(out, Tensor) or tuple(out.shape) != table.shape(4):
        message = shape_text(tuple(out.shape)) if isinstance(out, Tensor) else type(out).__name__
        fail(table.question, "output_shape", f"an output of shape {shape_text(table.shape(4))}", message)
    _same_again(table, module, x, out)


def _unpad(table: Table, record: LayerRecord, final: Any) -> None:
    """Takes off what was padded before a convolution with no padding of its own, or cut off after a transposed one.

    Both are other ways to write one thing.
    """
    for k, (x, weight, out) in enumerate(record.calls[:4]):
        record.calls[k] = x, weight, out = x.float(), weight, out.float()
        if table.enlarges and out.dim() == 4 and out.shape[-1] == table.sides[k + 1] + 2:
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


def check_other(  # type: ignore[no-untyped-def]
    table: Table,
    build,
    name: str,
    shape: tuple[int, ...],
    wanted: tuple[int, ...],
    *,
    weight: tuple[int, tuple[int, ...]],
) -> None:
    """The same network for other numbers of channels."""
    question, cause = table.question, "maps_fixed" if table.enlarges and shape[1] != 24 else "arguments"
    expected = f"{name}: {shape_text(shape)} -> {shape_text(wanted)}"
    x = Numbers(SEED).uniform("small", *shape)
    with student(question, expected, {r"channels|expected input\[|unexpected keyword|size": cause}, name):
        module = build().cpu().eval()
        with LayerRecord(*table.functions) as record:
            out = module(x)
    k, weight_shape = weight
    actual = tuple(record.calls[k - 1][1]) if len(record.calls) >= k else ()
    if not record.calls and tuple(out.shape) == wanted:
        return  # by other means than a convolution
    if tuple(out.shape) != wanted or actual != weight_shape:
        message = f"{name}: {shape_text(tuple(out.shape))}, with a weight of {shape_text(actual)} in layer {k}"
        fail(question, cause, f"{expected}, with a weight of {shape_text(weight_shape)} in layer {k}", message)
    fill(module, Numbers(SEED))
    with torch.no_grad(), LayerRecord(*table.functions) as record:
        out = module(x)
    _unpad(table, record, out)
    check_activations(table, record, out)
