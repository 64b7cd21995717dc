"""The figures of the assignment: grids of images, reconstructions, Lab views, curves and bars.

Each function returns the matplotlib Figure, which a notebook shows if it is a cell's last value; `show` shows
one at once, in the middle of a loop. Backgrounds are transparent and lines of a middle grey, so that a figure
reads on a light and on a dark page. While grading, nothing is drawn: they return None, and matplotlib is not
imported.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import torch
from torch import nn

from .runtime import is_grading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#7f7f7f"  # contrast of 4 : 1 with white and 5 : 1 with black
COLORS: Final = ("#2f86d1", "#e06c1f", "#2b9e68", "#c452a0", "#a88414", "#7d74d8")
HIGHLIGHT: Final = "#e06c1f"


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
    shown = _to_hwc(images[:n])
    side = max(1, int(np.ceil(np.sqrt(len(shown)))))
    rows = -(-len(shown) // side)
    names = _names(labels, classes, len(shown))
    tall = 1.2 if any(names) else 1.02
    with _figure(rows, side, (1.05 * side, 1.05 * tall * rows), title) as (figure, axes):
        for ax in axes.flat:
            ax.axis("off")
        for ax, image, name in zip(axes.flat, shown, names, strict=False):
            ax.imshow(image)
            if name:
                ax.set_title(name, fontsize=8, pad=2)
    return figure


def visualize_recon(model: nn.Module, dataloader: Iterable[Any], n: int = 8) -> Figure | None:
    """Show inputs and, below each, what the autoencoder makes of it.

    Args:
        model: takes and gives (B, 3, 64, 64) in 0..1.
        dataloader: its first batch is used; what comes after the images is ignored.
        n: how many.
    """
    if is_grading():
        return None
    batch = next(iter(dataloader))
    x = (batch[0] if isinstance(batch, (tuple, list)) else batch)[:n]
    weights = next(model.parameters(), None)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        output = model(x.to(weights.device) if weights is not None else x)
    model.train(was_training)
    pairs = [("input", _to_hwc(x)), ("reconstruction", _to_hwc(output))]
    with _figure(2, len(x), (1.25 * len(x) + 0.3, 2.6), None) as (figure, axes):
        for row, (name, images) in zip(axes, pairs, strict=True):
            for ax, image in zip(row, images, strict=True):
                _bare(ax)
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
    from .data.lab import RGB2Lab

    rgb = _one_image(image)
    lab = RGB2Lab()(rgb)
    reach = max(20.0, float(np.abs(lab[..., 1:]).max()))  # the same for a and b, so that they can be compared
    views: list[tuple[str, Any, dict[str, Any]]] = [
        ("RGB", rgb, {}),
        ("L: black to white", lab[..., 0], {"cmap": "gray", "vmin": 0, "vmax": 100}),
        ("a: green to red", lab[..., 1], {"cmap": _lab_map("a"), "vmin": -reach, "vmax": reach}),
        ("b: blue to yellow", lab[..., 2], {"cmap": _lab_map("b"), "vmin": -reach, "vmax": reach}),
    ]
    with _figure(1, 4, (11.5, 3.0), None) as (figure, axes):
        for ax, (name, view, options) in zip(axes.flat, views, strict=True):
            _bare(ax)
            drawn = ax.imshow(view, **options)
            ax.set_title(name, fontsize=10)
            if options:
                bar = figure.colorbar(drawn, ax=ax, fraction=0.046, pad=0.03)
                bar.outline.set_visible(False)
                bar.ax.tick_params(labelsize=8, color=INK, labelcolor=INK)
    return figure


def plot_curves(
    history: Mapping[str, Sequence[float]] | Sequence[float],
    title: str | None = None,
    *,
    reference: Mapping[str, float] | None = None,
    log: bool = False,
) -> Figure | None:
    """Plot what a training run returned against the epoch: losses left, probabilities (0..1) right.

    Args:
        history: a list per curve, by name, e.g. {"loss": [...], "p_l": [...]}; or a list of losses.
            Names that begin with p_ or prob are probabilities.
        title: above the plots.
        reference: values to compare with, by name; each is a dashed line in the plot of the losses, or, if
            its name is a curve's, in that curve's plot.
        log: a logarithmic axis for the losses.
    """
    if is_grading():
        return None
    curves = dict(history) if isinstance(history, Mapping) else {"loss": history}
    chances = {name: values for name, values in curves.items() if _is_probability(name)}
    panels = [
        ("loss", {k: v for k, v in curves.items() if k not in chances}),
        ("probability of the match", chances),
    ]
    panels = [(name, found) for name, found in panels if found]
    with _figure(1, max(1, len(panels)), (5.2 * max(1, len(panels)), 3.3), title) as (figure, axes):
        for ax, (name, found) in zip(axes.flat, panels, strict=False):
            _curves(ax, found, name)
            mine = {k: v for k, v in (reference or {}).items() if (k in found if k in curves else name == "loss")}
            for label, value in mine.items():
                ax.axhline(value, ls="--", lw=1, color=INK)
                ax.annotate(f"{label} {value:.4g}", (0.99, value), xycoords=("axes fraction", "data"),
                            ha="right", va="bottom", fontsize=8, color=INK)  # fmt: skip
            if log and name == "loss":
                _logarithmic(ax)
    return figure


def accuracy_bars(
    table: Mapping[str, float | Sequence[float]],
    title: str | None = "test accuracy",
    *,
    chance: float | None = 0.1,
    highlight: str | None = None,
) -> Figure | None:
    """Show accuracies as horizontal bars, in the order given.

    Args:
        table: accuracy in 0..1 by method; or several (one per seed), shown as their mean and range.
        title: above the bars.
        chance: a dashed line at the accuracy of guessing; None for no line.
        highlight: the method whose bar stands out.
    """
    if is_grading():
        return None
    names = list(table)
    runs = [np.atleast_1d(np.asarray(table[name], dtype=float)) for name in names]
    means = np.array([run.mean() for run in runs])
    spread = np.array([[m - run.min(), run.max() - m] for m, run in zip(means, runs, strict=True)]).T
    colors = [HIGHLIGHT if name == highlight else COLORS[0] for name in names]
    with _figure(1, 1, (7.0, 0.42 * len(names) + 1.0), title) as (figure, axes):
        ax = axes[0, 0]
        ax.barh(names, means, color=colors, height=0.65)
        for i, run in enumerate(runs):
            if len(run) > 1:
                ax.errorbar(means[i], i, xerr=spread[:, i : i + 1], ecolor=INK, capsize=3, lw=1.2)
        for i, (mean, over) in enumerate(zip(means, spread[1] if len(names) else [], strict=True)):
            ax.text(mean + over + 0.012, i, f"{mean:.3f}", va="center", fontsize=9, color=INK)
        if chance is not None:
            ax.axvline(chance, ls="--", lw=1, color=INK)
            ax.text(chance, -0.75, " chance", fontsize=8, color=INK)
        ax.set(xlim=(0, 1), ylim=(len(names) - 0.4, -1.1 if chance is not None else -0.6))
        _quiet(ax)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
    return figure


def show(figure: Figure | None) -> None:
    """Show a figure now, if this is a notebook and there is one (there is none while grading)."""
    if figure is not None and "IPython" in sys.modules:
        from IPython.display import display

        display(figure)


@cache
def _figure_class() -> type[Figure]:
    """A Figure that shows itself in a notebook also when nobody imported pyplot."""
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            self.savefig(buffer, format="png", facecolor="none")
            return buffer.getvalue()

    return NotebookFigure


@contextmanager
def _figure(rows: int, columns: int, size: tuple[float, float], title: str | None) -> Iterator[tuple[Figure, Any]]:
    """A figure in the house style, and its (rows, columns) axes. Unknown to pyplot: none is left open."""
    from matplotlib import rc_context

    style = {
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
    with rc_context(rc=cast(Any, style)):
        figure = _figure_class()(figsize=size, layout="constrained", facecolor="none")
        axes = figure.subplots(rows, columns, squeeze=False)
        for ax in axes.flat:
            ax.set_facecolor("none")
        if title:
            figure.suptitle(title, fontsize=11)
        yield figure, axes


def _curves(ax: Axes, curves: Mapping[str, Sequence[float]], name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for color, (label, values) in zip(_cycle(COLORS), curves.items(), strict=False):
        ax.plot(
            range(len(values)),
            values,
            label=label,
            color=color,
            lw=1.8,
            marker="o" if len(values) < 2 else None,
        )
    ax.set_xlabel("epoch")
    ax.set_ylabel(name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(color=INK, alpha=0.2)
    if len(curves) > 1:
        ax.legend(frameon=False, fontsize=9)
    _quiet(ax)


def _logarithmic(ax: Axes) -> None:
    """A logarithmic axis with plain numbers: 0.8, not 8 x 10^-1."""
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 4, 5, 6, 8)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def _cycle(colors: Sequence[str]) -> Iterator[str]:
    while True:
        yield from colors


def _is_probability(name: str) -> bool:
    return name.startswith(("p_", "prob"))


def _quiet(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)


def _bare(ax: Axes) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def _to_hwc(images: Any) -> np.ndarray:
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


def _lab_map(channel: str) -> Any:
    """From one end of a channel to the other, through the grey at its middle, at one lightness."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = {"a": ("#00a383", "#9a9a9a", "#e8467c"), "b": ("#2f86d8", "#9a9a9a", "#b8a000")}[channel]
    return LinearSegmentedColormap.from_list(channel, ends)
