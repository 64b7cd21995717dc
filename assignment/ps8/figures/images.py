"""Figures made of images: grids, inputs above reconstructions, the channels of Lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from ps8.runtime import is_grading

from .style import CHALK, bare, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ps8.viewing import Reconstructions


def show_grid(
    images: Any,
    labels: Sequence[int] | torch.Tensor | None = None,
    classes: Sequence[str] | None = None,
    n: int = 64,
    title: str | None = None,
) -> Figure | None:
    """Show the first images in a square grid, with their class names if there are labels.

    Args:
        images: uint8 0..255 or floats 0..1, (N, 3, H, W); or a dataset (its labels are used).
        labels: (N,), 0-based; negative ones (unlabelled) get no name.
        classes: the names; numbers are shown when None.
        n: at most so many.
        title: above the grid.
    """
    if is_grading():
        return None
    if hasattr(images, "images"):
        labels = images.labels if labels is None else labels
        images, classes = images.images, classes or images.classes
    shown = to_hwc(images[:n])
    side = max(1, int(np.ceil(np.sqrt(len(shown)))))
    rows = -(-len(shown) // side)
    names = _names(labels, classes, len(shown))
    tall = 1.2 if any(names) else 1.02
    words = f"{len(shown)} images in a grid" + _counted(names)
    with new_figure(rows, side, (1.05 * side, 1.05 * tall * rows), title, words, photographs=True) as (figure, axes):
        for ax in axes.flat:
            ax.axis("off")
        for ax, image, name in zip(axes.flat, shown, names, strict=False):
            ax.imshow(image)
            if name:
                ax.set_title(name, fontsize=8, pad=2)
    return figure


def visualize_recon(model: nn.Module, dataloader: Iterable[Any], n: int = 8) -> Reconstructions | None:
    """Show inputs and, below each, what the autoencoder makes of it.

    Args:
        model: takes and gives (B, 3, 64, 64) in 0..1.
        dataloader: its first images are used, of a `BatchLoader` always the same; what comes after the images is ignored.
        n: how many.

    Returns:
        What a notebook shows as a figure, drawn when it is shown.
    """
    if is_grading():
        return None
    from ps8.viewing import Reconstructions

    return Reconstructions(model, dataloader, n)


def rows_of_images(rows: Mapping[str, Any], words: str) -> Figure:
    """Images in rows, each row with its name at the left."""
    columns = max(len(images) for images in rows.values())
    with new_figure(len(rows), columns, (1.25 * columns + 0.3, 1.3 * len(rows)), None, words, photographs=True) as (
        figure,
        axes,
    ):
        for row, (name, images) in zip(axes, rows.items(), strict=True):
            for ax in row:
                bare(ax)
            for ax, image in zip(row, to_hwc(images), strict=False):
                ax.imshow(image)
            row[0].set_ylabel(name, fontsize=9)
    return figure


def show_lab(image: Any) -> Figure | None:
    """Show an image and its three channels in Lab.

    Args:
        image: a PIL image, or uint8 (H, W, 3) or (3, H, W), or floats 0..1 (3, H, W).
    """
    if is_grading():
        return None
    from ps8.data.lab import RGB2Lab

    rgb = _one_image(image)
    lab = RGB2Lab()(rgb)
    reach = max(20.0, float(np.abs(lab[..., 1:]).max()))  # the same for a and b, so that they can be compared
    views: list[tuple[str, Any, dict[str, Any]]] = [
        ("RGB", rgb, {}),
        ("L: black to white", lab[..., 0], {"cmap": "gray", "vmin": 0, "vmax": 100}),
        ("a: green to red", lab[..., 1], {"cmap": _lab_map("a"), "vmin": -reach, "vmax": reach}),
        ("b: blue to yellow", lab[..., 2], {"cmap": _lab_map("b"), "vmin": -reach, "vmax": reach}),
    ]
    means = ", ".join(f"{name} {lab[..., i].mean():.0f}" for i, name in enumerate("Lab"))
    words = f"An image and its channels L, a and b, each as a picture of its own. Their means: {means}."
    with new_figure(1, 4, (11.5, 3.0), None, words, photographs=True) as (figure, axes):
        for ax, (name, view, options) in zip(axes.flat, views, strict=True):
            bare(ax)
            drawn = ax.imshow(view, **options)
            ax.set_title(name, fontsize=10)
            if options:
                bar = figure.colorbar(drawn, ax=ax, fraction=0.046, pad=0.03)
                bar.outline.set_visible(False)
                bar.ax.tick_params(labelsize=8, color=CHALK, labelcolor=CHALK)
    return figure


def to_hwc(images: Any) -> np.ndarray:
    """Images (N, 3, H, W) on any device, uint8 or floats, as (N, H, W, 3) for imshow."""
    array: np.ndarray = np.asarray(torch.as_tensor(images).detach().cpu())
    array = array.transpose(0, 2, 3, 1)
    return array if array.dtype == np.uint8 else np.nan_to_num(array.astype(np.float32)).clip(0, 1)


def _one_image(image: Any) -> np.ndarray:
    """One image as uint8 (H, W, 3)."""
    array = np.asarray(image.detach().cpu() if isinstance(image, torch.Tensor) else image)
    if array.ndim == 3 and array.shape[0] == 3 and array.shape[2] != 3:
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(f"Expected one image, (H, W, 3) or (3, H, W), actual {array.shape}.")
    return array if array.dtype == np.uint8 else (array.clip(0, 1) * 255).round().astype(np.uint8)


def _names(labels: Any, classes: Sequence[str] | None, n: int) -> list[str]:
    if labels is None:
        return [""] * n
    found = [int(label) for label in labels[:n]]
    return ["" if i < 0 else classes[i] if classes is not None else str(i) for i in found]


def _counted(names: Sequence[str]) -> str:
    """How often which name is there, in words."""
    known = [name for name in dict.fromkeys(names) if name]
    return f", each with its class: {', '.join(f'{names.count(name)} {name}' for name in known)}." if known else "."


def _lab_map(channel: str) -> Any:
    """From one end of a channel to the other, through the grey at its middle, at one lightness."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = {"a": ("#00a383", "#9a9a9a", "#e8467c"), "b": ("#2f86d8", "#9a9a9a", "#b8a000")}[channel]
    return LinearSegmentedColormap.from_list(channel, ends)
