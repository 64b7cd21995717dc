"""The layer table: what each layer of a model gives, and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

WIDTHS = (20, 20, 12)
LINE = "-" * (sum(WIDTHS) + 2)


def layer_table(model: nn.Module, input_size: Sequence[int], device: torch.device | str | None = None) -> str:
    """Run one zero batch through a model and list its layers in the order they ran.

    Args:
        model: it is left in the mode (train or eval) it was in; neither its weights nor its buffers change.
        input_size: the shape of one input, without the batch, e.g. (3, 64, 64).
        device: where to run; where the model's weights are when None.

    Returns:
        A table with a row per call of a layer: its name, the shape of its output (-1 for the batch) and its
        parameters (0 on a second call of the same layer, which has no further ones); the totals below.
    """
    parameters = list(model.parameters())
    where = device or (parameters[0].device if parameters else "cpu")
    rows = _run(model, torch.zeros(2, *input_size, device=where))
    total = sum(p.numel() for p in parameters)
    trainable = sum(p.numel() for p in parameters if p.requires_grad)
    header = _row("Layer (type)", "Output shape", "Param #")
    return "\n".join([
        LINE, header, LINE.replace("-", "="), *rows, LINE.replace("-", "="),
        f"Total params: {total:,}", f"Trainable params: {trainable:,}",
        f"Non-trainable params: {total - trainable:,}",
        LINE,
    ])  # fmt: skip


def _run(model: nn.Module, batch: torch.Tensor) -> list[str]:
    rows: list[str] = []
    counted: set[int] = set()

    def note(layer: nn.Module, _: Any, output: Any) -> None:
        # A layer's own weights only (not its children's), each once.
        fresh = [p for p in layer.parameters(recurse=not any(layer.children())) if id(p) not in counted]
        counted.update(map(id, fresh))
        name = f"{type(layer).__name__}-{len(rows) + 1}"
        rows.append(_row(name, _shape(output), f"{sum(p.numel() for p in fresh):,}"))

    leaves = [m for m in model.modules() if not any(m.children())]
    owners = [m for m in model.modules() if any(m.children()) and any(True for _ in m.parameters(recurse=False))]
    hooks = [layer.register_forward_hook(note) for layer in dict.fromkeys([*leaves, *owners])]
    modes = {layer: layer.training for layer in model.modules()}
    try:
        model.eval()  # batch norm's running means stay as they are
        with torch.no_grad():
            model(batch)
    finally:
        for hook in hooks:
            hook.remove()
        for layer, mode in modes.items():
            layer.training = mode
    return rows


def _shape(output: Any) -> str:
    if isinstance(output, torch.Tensor):
        return str([-1, *output.shape[1:]])
    if isinstance(output, (tuple, list)):
        return ", ".join(map(_shape, output))
    return type(output).__name__


def _row(*cells: str) -> str:
    return " ".join(cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))
