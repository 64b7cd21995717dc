"""A loss, and that it is one finite number: what the checks of 2.2 and of the optional part share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.checks.running import fail, student

SHAPES = {
    r"Expected target size": "squeeze_missing",
    r"multi-target|0D or 1D target|Expected.*target|(expected )?input batch|target dtype|scalar type": "target_shape",
    r"out of bounds|Target \d+ is out|out of range": "target_value",
    r"Dimension out of range|dimension specified|index \d+ is out of bounds for dimension": "squeeze_breaks",
}


EDGE = {r".": "squeeze_breaks"}  # whatever is raised for a batch of one or a row of one, when others work


def loss_of(question: str, criterion: nn.Module, scores: Tensor, ahead: str, errors: dict[str, str] | None = None) -> Tensor:
    """A loss, and that it is one finite number."""
    with student(question, f"one number for scores of shape {tuple(scores.shape)}", errors or SHAPES, ahead):
        loss = criterion(scores)
    if loss is None:
        fail(question, "general.returns_nothing", "one number", "forward gives None")
    if not isinstance(loss, Tensor):
        fail(question, "not_a_tensor", "a tensor of one number, with its gradient", type(loss).__name__)
    if loss.dim() != 0:
        cause = "not_reduced" if loss.numel() > 1 else "not_scalar"
        fail(question, cause, "one number, shape ()", f"{ahead}: shape {tuple(loss.shape)}")
    if not torch.isfinite(loss):
        large = float(scores.abs().max()) > 50
        fail(
            question,
            "overflow" if large else "not_finite",
            f"{ahead}: a finite loss",
            f"{loss.item()}",
        )
    return loss
