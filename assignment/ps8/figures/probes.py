"""What probes say of the test images: classes mixed up, neighbours, and the accuracies beside the bets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ps8.features import FeatureLoader
from ps8.runtime import is_grading

from .images import to_hwc
from .style import CHALK, COLORS, INK, bare, new_figure, quiet_frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FRAME = "#f0e442"  # around a neighbour of the query's class; the others have none
SHADES = "Blues"  # from light to dark: read in grey, too


@dataclass(frozen=True)
class Probe:
    """An encoder's features of the test images, and what a classifier says of them.

    Attributes:
        features: (N, feat_dim).
        labels: (N,), what the images are.
        said: (N,), what they are taken for.
    """

    features: Tensor
    labels: Tensor
    said: Tensor

    @classmethod
    @torch.no_grad()
    def of(cls, unseen: FeatureLoader, classifier: nn.Module) -> Probe:
        """What a classifier says of the features of a loader."""
        return cls(unseen.features, unseen.labels, classifier.to(unseen.features.device)(unseen.features).argmax(1))

    def confusion(self, classes: int) -> Tensor:
        """(classes, classes): of the images of a class, one a row, the share that is taken for each."""
        counts = torch.zeros(classes, classes)
        counts.index_put_((self.labels.cpu(), self.said.cpu()), torch.ones(len(self.labels)), accumulate=True)
        return counts / counts.sum(1, keepdim=True).clamp(min=1)

    def nearest(self, query: int, k: int) -> Tensor:
        """(k,): the images whose features point most nearly where the query's do, of features with mean 0 and spread 1."""
        spread, mean = torch.std_mean(self.features, dim=0)
        unit = F.normalize((self.features - mean) / torch.where(spread > 0, spread, torch.inf), dim=1)
        cosine = unit @ unit[query]
        cosine[query] = -torch.inf
        return cosine.topk(min(k, len(cosine) - 1)).indices.cpu()


def show_confusions(probes: Mapping[str, Probe], classes: Sequence[str]) -> Figure | None:
    """Show for each probe which classes it takes for which.

    Args:
        probes: by name.
        classes: the names of the classes.
    """
    if is_grading() or not probes:
        return None
    tables = {name: probe.confusion(len(classes)) for name, probe in probes.items()}
    words = "Each row is a class, each column what it is taken for. " + "; ".join(
        f"{name}: {_most_mixed(table, classes)}" for name, table in tables.items()
    )
    with new_figure(1, len(tables), (2.35 * len(tables) + 1.2, 3.7), None, words) as (figure, axes):
        for ax, (name, table) in zip(axes.flat, tables.items(), strict=True):
            drawn = ax.imshow(table.numpy(), cmap=SHADES, vmin=0, vmax=1)
            ax.set_title(f"{name}\n{table.diagonal().mean():.0%} on the diagonal", fontsize=8)
            ax.set_xticks(range(len(classes)), classes, rotation=90, fontsize=7)
            ax.set_yticks(range(len(classes)), classes if ax is axes.flat[0] else [""] * len(classes), fontsize=7)
            ax.tick_params(length=0)
            ax.spines[:].set_visible(False)
        axes.flat[0].set_ylabel("class of the image", fontsize=8)
        axes.flat[0].set_xlabel("taken for", fontsize=8)
        bar = figure.colorbar(drawn, ax=list(axes.flat), fraction=0.02, pad=0.01)
        bar.ax.tick_params(labelsize=7, color=INK, labelcolor=INK)
        bar.set_label("share of the row", fontsize=8, color=INK)
    return figure


def show_neighbours(images: Any, probes: Mapping[str, Probe], query: int | None = None, k: int = 8) -> Figure | None:
    """Show one image, and for each encoder the test images whose features are most like its own.

    Args:
        images: the test set, in the order of the probes.
        probes: by name of the encoder.
        query: the number of the image; by default one of which the encoders disagree most.
        k: how many neighbours.
    """
    if is_grading() or not probes:
        return None
    query = _telling(probes, k) if query is None else query
    found = {name: probe.nearest(query, k) for name, probe in probes.items()}
    labels = next(iter(probes.values())).labels.cpu()
    own = int(labels[query])
    counts = {name: int((labels[rows] == own).sum()) for name, rows in found.items()}
    of_class = images.classes[own] if getattr(images, "classes", None) else str(own)
    words = (
        f"An image of the class {of_class} and, for each encoder, its {k} nearest neighbours. Of that class are: "
        + ", ".join(f"{count} for {name}" for name, count in counts.items())
    )
    title = f"at the left an image of the class {of_class}; then its neighbours, those of its class framed"
    with new_figure(len(found), k + 1, (1.05 * (k + 1) + 1.5, 1.2 * len(found) + 0.3), title, words, True) as (figure, axes):
        for row, (name, rows) in zip(axes, found.items(), strict=True):
            shown = to_hwc(images.images[torch.cat([torch.tensor([query]), rows])])
            for ax in row:
                bare(ax)
            for ax, image, label in zip(row, shown, [None, *labels[rows].tolist()], strict=False):
                ax.imshow(image)
                if label == own:
                    ax.spines[:].set(visible=True, color=FRAME, linewidth=3)
            row[0].set_ylabel(f"{name}\n{counts[name]} of {k}", fontsize=8, rotation=0, ha="right", va="center", color=CHALK)
    return figure


def show_accuracies(
    results: Mapping[str, Mapping[str, float]], rows: Mapping[str, str], bets: object = None, n: int = 0, chance: float = 0.1
) -> Figure | None:
    """Show the accuracies of both columns, how much of them the choice of test images leaves open, and the bets.

    Args:
        results: with `accuracy` and `standardised`, by row.
        rows: the names of the rows, in order.
        bets: by row; what is no number is left out.
        n: of test images; 0 for no spread.
        chance: a dashed line at the accuracy of guessing.
    """
    if is_grading():
        return None
    columns = {"features as they come": results.get("accuracy", {}), "standardised": results.get("standardised", {})}
    rows = {row: " ".join(name.split()) for row, name in rows.items() if any(row in column for column in columns.values())}
    known = {row: float(bet) for row, bet in _numbers(bets).items() if row in rows}
    words = "Test accuracies. " + "; ".join(_told(row, name, columns, known) for row, name in rows.items())
    with new_figure(1, 1, (7.4, 0.62 * len(rows) + 1.2), None, words) as (figure, axes):
        ax = axes[0, 0]
        for place, row in enumerate(rows):
            for offset, (column, hatch, color) in zip((-0.2, 0.2), _looks(columns), strict=True):
                if row not in column:
                    continue
                value = column[row]
                spread = 2 * math.sqrt(value * (1 - value) / n) if n else None
                error = {"ecolor": INK, "capsize": 3, "lw": 1.2}
                ax.barh(place + offset, value, 0.36, xerr=spread, color=color, hatch=hatch, edgecolor="white", error_kw=error)
                ax.text(value + (spread or 0) + 0.012, place + offset, f"{value:.3f}", va="center", fontsize=8, color=INK)
            if row in known:
                ax.plot(known[row], place, marker="D", ms=8, mfc="white", mec="black", zorder=5)
        ax.axvline(chance, ls="--", lw=1, color=INK)
        ax.set_yticks(range(len(rows)), list(rows.values()))
        ax.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6), xlabel="test accuracy; dashed: chance")
        _legend(ax, bool(known), bool(n))
        quiet_frame(ax)
        ax.tick_params(axis="y", length=0)
    return figure


def _looks(columns: Mapping[str, Any]) -> list[tuple[Any, str, str]]:
    return [(column, hatch, color) for column, hatch, color in zip(columns.values(), ("", "///"), COLORS, strict=False)]


def _legend(ax: Any, with_bets: bool, with_spread: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[Any] = [
        Patch(facecolor=COLORS[0], label="as they come"),
        Patch(facecolor=COLORS[1], hatch="///", edgecolor="white", label="standardised"),
    ]
    if with_spread:
        marks.append(Line2D([], [], color=INK, marker="|", ms=8, label="± 2 standard errors: other test images"))
    if with_bets:
        marks.append(Line2D([], [], ls="", marker="D", mfc="white", mec="black", ms=7, label="your bet"))
    ax.legend(handles=marks, fontsize=8, frameon=False, ncols=len(marks), loc="lower center", bbox_to_anchor=(0.45, 1.0))


def _told(row: str, name: str, columns: Mapping[str, Mapping[str, float]], bets: Mapping[str, float]) -> str:
    values = [f"{column[row]:.3f} {what}" for what, column in columns.items() if row in column]
    return f"{name}: {', '.join(values)}" + (f", your bet {bets[row]:g}" if row in bets else "")


def _numbers(bets: object) -> dict[str, float]:
    found = bets if isinstance(bets, Mapping) else {}
    return {
        key: bet for key, bet in found.items() if isinstance(bet, (int, float)) and not isinstance(bet, bool) and 0 <= bet <= 1
    }


def _most_mixed(table: Tensor, classes: Sequence[str]) -> str:
    """The share on the diagonal, and the largest beside it."""
    beside = table.clone().fill_diagonal_(0)
    row, column = divmod(int(beside.argmax()), len(classes))
    right = f"{table.diagonal().mean():.0%} right"
    return f"{right}, most often mixed up: {classes[row]} taken for {classes[column]} ({beside[row, column]:.0%})"


def _telling(probes: Mapping[str, Probe], k: int) -> int:
    """The query, of the first few images, for which the encoders differ most in how many neighbours are of its class."""
    labels = next(iter(probes.values())).labels.cpu()
    tried = range(min(40, len(labels)))
    counts = np.array([[int((labels[probe.nearest(i, k)] == labels[i]).sum()) for probe in probes.values()] for i in tried])
    return int(np.ptp(counts, axis=1).argmax())
