"""What temperature and number of negatives make of scores that are there already: nothing is trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ps8.runtime import is_grading, one_thread

from .style import COLORS, DASHES, INK, cycle, new_figure, quiet_frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

IMAGES = 1_025  # whose features are scored against each other: one is the positive, the others are negatives
TEMPERATURES = tuple(0.01 * 10 ** (i / 8) for i in range(17))  # 0.01 to 1
NEGATIVES = (16, 64, 256, 1024)


def sweep(cosine: Tensor, temperatures: Sequence[float], negatives: Sequence[int]) -> tuple[Tensor, Tensor]:
    """The mean probability of the positive and the mean loss, of one view: each (len(negatives), len(temperatures)).

    Args:
        cosine: (N, N), of a view's features with the other's; on the diagonal are the positives.
        temperatures: that the cosines are divided by.
        negatives: how many, K <= N - 1: the next K images in the table, from the first on again.
    """
    n = len(cosine)
    columns = (torch.arange(n)[:, None] + torch.arange(n)) % n
    turned = cosine.gather(1, columns.to(cosine.device))  # the positive at column 0
    losses = torch.stack(
        [torch.stack([(turned[:, : k + 1] / t).log_softmax(1)[:, 0].neg() for t in temperatures]) for k in negatives]
    )  # (K, T, N)
    return losses.neg().exp().mean(2), losses.mean(2)


@torch.no_grad()
def show_sweep(
    model: nn.Module,
    dataloader: Iterable[Any],
    K: int,
    T: float,
    temperatures: Sequence[float] = TEMPERATURES,
    negatives: Sequence[int] = NEGATIVES,
) -> Figure | None:
    """Show what other temperatures and other numbers of negatives would make of the scores of a model as it is.

    Args:
        model: images in Lab -> the features of L and of ab.
        dataloader: of images; a thousand of them are used.
        K: negatives of the training.
        T: its temperature: a dotted line.
        temperatures: to try.
        negatives: to try; those that there are not images enough for are left out.
    """
    if is_grading():
        return None
    from ps8.viewing import first_images

    images = first_images(dataloader, IMAGES)
    weights = next(model.parameters(), None)
    views = model(images.to(weights.device) if weights is not None else images)
    feat_l, feat_ab = (F.normalize(view.detach().float(), dim=1).cpu() for view in views)
    negatives = [k for k in negatives if k < len(images)]
    with one_thread():
        found = [sweep(cosine, temperatures, negatives) for cosine in (feat_l @ feat_ab.T, feat_ab @ feat_l.T)]
    probability = (found[0][0] + found[1][0]) / 2
    loss = found[0][1] + found[1][1]
    nearest = min(range(len(temperatures)), key=lambda i: abs(math.log(temperatures[i] / T)))
    words = (
        f"Two charts against the temperature, a line for each number of negatives K, of {len(images)} images. At {T:g}: "
        + "; ".join(
            f"K = {k}, probability of the match {probability[i, nearest]:.2f}, loss {loss[i, nearest]:.2f}"
            for i, k in enumerate(negatives)
        )
    )
    panels = (("probability of the match, both views", probability), ("loss of both views", loss))
    with new_figure(1, 2, (10.4, 3.3), None, words) as (figure, axes):
        for ax, (name, values) in zip(axes.flat, panels, strict=True):
            for k, line, color, dashes in zip(negatives, values.tolist(), cycle(COLORS), cycle(DASHES), strict=False):
                ax.plot(temperatures, line, color=color, ls=dashes, lw=1.8, label=f"K = {k}{' (yours)' if k == K else ''}")
                if values is loss:
                    ax.axhline(2 * math.log(k + 1), color=color, ls=dashes, lw=0.8, alpha=0.7)
            ax.axvline(T, color=INK, ls=":", lw=1.4)
            ax.set(xscale="log", xlabel="temperature", ylabel=name)
            ax.set_xticks([0.01, 0.03, 0.1, 0.3, 1], ["0.01", "0.03", "0.1", "0.3", "1"])
            ax.minorticks_off()
            ax.grid(color=INK, alpha=0.2)
            quiet_frame(ax)
        axes.flat[1].set_ylim(0, 1.5 * float(max(2 * math.log(k + 1) for k in negatives)))
        axes.flat[0].legend(frameon=False, fontsize=8)
    return figure
