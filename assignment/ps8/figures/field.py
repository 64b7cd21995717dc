"""What one number of an encoder's code depends on."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ps8.runtime import is_grading

from .images import to_hwc
from .style import bare, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE = 64
DIMMED = 0.25  # what is left of the brightness outside of the field


def receptive_field(encoder: nn.Module, row: int, column: int, channels: int = 3) -> Tensor:
    """Which pixels reach the numbers of a code at one place: (64, 64), True or False.

    The weights do not matter, only which layer follows which: in a copy they are made positive, so no ReLU cuts anything off.
    """
    copy = deepcopy(encoder).cpu().eval()
    with torch.no_grad():
        for name, weights in copy.named_parameters():
            weights.fill_(0.0 if name.endswith("bias") else 1e-3)
    pixels = torch.ones(1, channels, SIDE, SIDE, requires_grad=True)
    code = copy(pixels)
    (gradient,) = torch.autograd.grad(code[0, :, row, column].sum(), pixels)
    return gradient[0].abs().sum(0) > 0


def show_receptive_field(encoder: nn.Module, image: Any) -> Figure | None:
    """Show which part of an image one number of the code depends on: one from the middle, one from a corner.

    Args:
        encoder: (1, 3, 64, 64) -> (1, maps, height, width).
        image: (3, H, W), uint8 or floats 0..1; its middle is shown.
    """
    if is_grading():
        return None
    top, left = ((side - SIDE) // 2 for side in image.shape[1:])
    picture = to_hwc(torch.as_tensor(image)[None, :, top : top + SIDE, left : left + SIDE])[0].astype(np.float32)
    picture = picture / 255 if picture.max() > 1 else picture
    fields = {f"row {row + 1}, column {column + 1}": receptive_field(encoder, row, column) for row, column in ((1, 1), (0, 0))}
    told = {name: _measured(field) for name, field in fields.items()}
    words = "The pixels that one number of the code depends on; all others are dimmed. " + "; ".join(
        f"{name} of its map: {size}" for name, size in told.items()
    )
    with new_figure(1, len(fields), (3.4 * len(fields), 3.6), None, words, photographs=True) as (figure, axes):
        for ax, (name, field) in zip(axes.flat, fields.items(), strict=True):
            bare(ax)
            lit = np.where(field.numpy()[..., None], 1.0, DIMMED)
            ax.imshow(picture * lit)
            ax.contour(field.numpy(), levels=[0.5], colors="white", linewidths=1.2)
            ax.set_title(f"{name}:\n{told[name]}", fontsize=9)
    return figure


def _measured(field: Tensor) -> str:
    height, width = (int(field.any(dim).sum()) for dim in (1, 0))
    return f"{height}×{width} of {SIDE}×{SIDE} pixels, {field.float().mean():.0%} of the picture"
