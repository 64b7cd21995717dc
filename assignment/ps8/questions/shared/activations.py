"""Which activation follows each layer: what a layer gave against what went on."""

from __future__ import annotations

import torch
from torch import Tensor

from ps8.checks.running import fail
from ps8.probes.tools import LayerRecord

from .tables import Table, shape_text


def check_activations(table: Table, record: LayerRecord, out: Tensor) -> None:
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
                f"layer {k + 1} to get {shape_text(tuple(before.shape))}",
                f"{shape_text(tuple(after.shape))}",
            )
        found = _activation(before, after)
        if found == wanted:
            continue
        where = f"after layer {k}" + (", the last" if last else "")
        expected = f"{where}: {_RANGES[wanted]}"
        actual = f"{where}: {_RANGES.get(found, f'numbers in [{after.min():.3g}, {after.max():.3g}]')}"
        fail(table.question, _activation_cause(table, k, last, found, calls, after), expected, actual)


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


def _activation_cause(
    table: Table, k: int, last: bool, found: str, calls: list[tuple[Tensor, tuple[int, ...], Tensor]], after: Tensor
) -> str:
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
