"""Fills a memory bank before training, so that from the first step on a positive is a feature and not noise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from ps8.runtime import get_device


@torch.no_grad()
def fill_bank(contrast: nn.Module, model: nn.Module, dataloader: Iterable[Any], passes: int = 2) -> None:
    """Let the banks of `contrast` take up the features of the images, without training anything.

    A bank starts as noise. While most rows are noise, and so most positives, what pays is to score real rows no higher than
    noise: all features of one view turn away from all features of the other, and units die by the hundred.

    Args:
        contrast: a `CMCScore`; it updates its banks whenever it scores.
        model: images -> the features of L and of ab.
        dataloader: gives (images, labels, numbers of the images), each image once, so that no row stays noise.
        passes: over the dataloader. With a momentum m, a row that was seen p times keeps the share m^p of its noise.
    """
    device = get_device()
    model, contrast = model.to(device), contrast.to(device)
    for _ in range(passes):
        for images, _labels, idx in dataloader:
            contrast(*model(images.to(device)), idx.to(device))
