"""Figures made of numbers: curves by epoch, and bars of accuracies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ps8.runtime import is_grading

from .style import COLORS, DASHES, HIGHLIGHT, INK, cycle, new_figure, quiet_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
    words = _in_words(curves, reference or {}, title)
    with new_figure(1, max(1, len(panels)), (5.2 * max(1, len(panels)), 3.3), title, words) as (figure, axes):
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
    words = "Bars of the " + (title or "accuracy") + ": " + ", ".join(f"{n} {m:.3f}" for n, m in zip(names, means, strict=True))
    with new_figure(1, 1, (7.0, 0.42 * len(names) + 1.0), title, words) as (figure, axes):
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
        quiet_frame(ax)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
    return figure


def _in_words(curves: Mapping[str, Sequence[float]], reference: Mapping[str, float], title: str | None) -> str:
    """What the curves show: where each begins and ends, and the values to compare with."""
    told = [
        f"{name} from {values[0]:.4g} to {values[-1]:.4g} in {len(values)} epochs"
        for name, values in curves.items()
        if len(values)
    ]
    told += [f"dashed line, {label}: {value:.4g}" for label, value in reference.items() if math.isfinite(value)]
    return f"Curves by epoch{f', {title}' if title else ''}: {'; '.join(told) or 'none yet'}."


def _curves(ax: Axes, curves: Mapping[str, Sequence[float]], name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for color, dashes, (label, values) in zip(cycle(COLORS), cycle(DASHES), curves.items(), strict=False):
        ax.plot(
            range(len(values)),
            values,
            label=label,
            color=color,
            ls=dashes,
            lw=1.8,
            marker="o" if len(values) < 2 else None,
        )
    ax.set_xlabel("epoch")
    ax.set_ylabel(name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(color=INK, alpha=0.2)
    if len(curves) > 1:
        ax.legend(frameon=False, fontsize=9)
    quiet_frame(ax)


def _logarithmic(ax: Axes) -> None:
    """A logarithmic axis with plain numbers: 0.8, not 8 x 10^-1."""
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 4, 5, 6, 8)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def _is_probability(name: str) -> bool:
    return name.startswith(("p_", "prob"))
