"""Batches of Lab for the search: as the course's loader gives them, or zoomed and jittered."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from ps8.data import STL10, BatchLoader
from torch import Tensor

from benchmarks.recipe.recipe import Recipe


def batches(images: STL10, recipe: Recipe, seed: int) -> Iterator[Iterator[tuple[Tensor, Tensor]]]:
    """An iterator over epochs without end; each epoch gives (Lab (B, 3, 64, 64), numbers of the images)."""
    loader = BatchLoader(
        images.indexed(),
        recipe.batch,
        crop="center" if recipe.zoom else "random",
        flip=not recipe.zoom,
        color="lab",
        lab_scale=recipe.lab_scale,
        shuffle=True,
        replace=bool(recipe.replace),
        device="cpu",
        seed=seed,
        crop_size=96 if recipe.zoom else 64,
        keep_lab=False,
    )
    generator = torch.Generator().manual_seed(seed + 1)

    def epoch() -> Iterator[tuple[Tensor, Tensor]]:
        for x, _, rows in loader:
            if recipe.zoom:
                x = zoomed(x, recipe.zoom, generator)
            if recipe.jitter:
                x = x + recipe.jitter * torch.randn((len(x), 3, 1, 1), generator=generator)
            yield x * recipe.gain, rows

    while True:
        yield epoch()


def zoomed(x: Tensor, least: float, generator: torch.Generator, size: int = 64) -> Tensor:
    """A random square window of each image, of `least` to 1 of its area, mirrored half of the time, at size x size."""
    b = len(x)
    side = torch.empty(b).uniform_(least, 1, generator=generator).sqrt()  # of the image's side
    room = 1 - side
    x0, y0 = ((2 * torch.rand(b, generator=generator) - 1) * room for _ in "xy")
    flip = (torch.rand(b, generator=generator) < 0.5).float() * -2 + 1
    theta = torch.zeros(b, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, 0, 2], theta[:, 1, 2] = side * flip, side, x0, y0
    grid = F.affine_grid(theta, [b, 3, size, size], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)
