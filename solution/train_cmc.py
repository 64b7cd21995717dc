"""Part 2.3, the loop that trains both encoders against each other's memory bank."""

from __future__ import annotations

from collections.abc import Iterable

import ps8
import torch
from torch import Tensor, nn

from solution.common import cfg, device


@torch.no_grad()
def match_probability(scores: Tensor) -> float:
    """The mean probability that the softmax of the scores gives to the positive, at column 0."""
    return scores.softmax(dim=1)[:, 0].mean().item()


def train_cmc(
    model: nn.Module,
    contrast: nn.Module,
    criterion_l: nn.Module,
    criterion_ab: nn.Module,
    dataloader: Iterable,
    epochs: int = cfg.cmc_epochs,
) -> tuple[nn.Module, dict[str, list[float]]]:
    """Trains an `EncoderCMC` with Adam to tell its images apart across views.

    Args:
        model: (batch_size, 3, 64, 64) in Lab -> the features of L and of ab.
        contrast: a `CMCScore` with a row for each image of the dataloader.
        criterion_l: the loss of the scores of L against the bank of ab.
        criterion_ab: the loss of the scores of ab against the bank of L.
        dataloader: gives (images, labels, numbers of the images).
        epochs: passes over the data. Interrupt the kernel to stop early: what was trained is kept.

    Returns:
        The model, and the means of each epoch: `loss`, and `prob_l`, `prob_ab`, the probability of
        the positive.
    """
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history: dict[str, list[float]] = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            sums = dict.fromkeys(history, 0.0)
            batches = 0
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                # One step of training. Leave the scores in `out_l` and `out_ab`,
                # and the sum of the two losses in `loss`.
                ### BEGIN SOLUTION
                feat_l, feat_ab = model(images)
                out_l, out_ab = contrast(feat_l, feat_ab, idx)
                loss = criterion_l(out_l) + criterion_ab(out_ab)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                ### END SOLUTION
                sums["loss"] += loss.item()
                sums["prob_l"] += match_probability(out_l)
                sums["prob_ab"] += match_probability(out_ab)
                batches += 1
            for name, total in sums.items():
                history[name].append(total / batches)
            bar.report(**{name: values[-1] for name, values in history.items()})
    return model, history
