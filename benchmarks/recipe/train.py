"""Trains CMC by a recipe: the reference's encoders, score and loss, in a loop with everything the search may change."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import ps8
import torch
from ps8.data import STL10
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.recipe.recipe import Recipe
from benchmarks.recipe.views import batches
from solution.contrast import CMCScore, SoftmaxLoss
from solution.geometry import geometry
from solution.multiview import EncoderCMC


def rate(recipe: Recipe, step: int, steps_an_epoch: int) -> float:
    """The share of the learning rate at a step: warm-up, then constant or a half cosine to zero."""
    done, warm, total = step / steps_an_epoch, recipe.warmup, recipe.epochs
    if done < warm:
        return done / warm
    if recipe.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (done - warm) / (total - warm)))
    return 1.0


class SharedScore(CMCScore):
    """The scores with the whole batch's negatives drawn out of `shared` rows of the bank: one small product."""

    def __init__(self, *args: Any, shared: int) -> None:
        super().__init__(*args)
        self.shared = shared

    def forward(self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        l, ab = (F.normalize(v, dim=1, eps=1e-7) for v in (l, ab))
        some = torch.randint(self.N, (self.shared,))
        drawn = torch.randint(self.shared, (len(y), self.K))
        own = some[drawn] == y[:, None]  # the positive must not be a negative
        out = []
        for live, bank in ((l, self.memory_ab), (ab, self.memory_l)):
            positive = (live * bank[y]).sum(1, keepdim=True)
            negatives = (live @ bank[some].T).gather(1, drawn).masked_fill(own, -1.0)
            out.append(torch.cat((positive, negatives), dim=1)[:, :, None] / self.T)
        with torch.no_grad():
            for live, bank in ((l, self.memory_l), (ab, self.memory_ab)):
                bank[y] = F.normalize(self.momentum * bank[y] + (1 - self.momentum) * live, dim=1, eps=1e-7)
        return out[0], out[1]


def train(images: STL10, recipe: Recipe, seed: int) -> tuple[EncoderCMC, dict[str, Any]]:
    """One training; returns the encoders and what happened: losses by epoch, seconds."""
    ps8.seed_everything(seed)
    model = EncoderCMC()
    bank = (384, len(images), recipe.K, recipe.T, recipe.momentum)
    contrast = SharedScore(*bank, shared=recipe.shared) if recipe.shared else CMCScore(*bank)
    criterion = SoftmaxLoss()
    kind = torch.optim.AdamW if recipe.decay else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=recipe.lr, betas=(recipe.beta1, recipe.beta2), weight_decay=recipe.decay)
    a_epoch = -(-len(images) // recipe.batch)
    cpu, losses, step = time.process_time(), [], 0
    epochs = batches(images, recipe, seed)
    once = batches(images, replace(recipe, replace=0), seed)  # each image once a pass, so that no row stays noise
    for _ in range(recipe.fill):
        with torch.no_grad():
            for x, rows in next(once):
                contrast(*model(x), rows)
    for epoch in range(recipe.epochs):
        total = 0.0
        for x, rows in next(epochs):
            for group in optimizer.param_groups:
                group["lr"] = recipe.lr * rate(recipe, step, a_epoch)
            out_l, out_ab = contrast(*model(x), rows)
            loss = criterion(out_l) + criterion(out_ab)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            step += 1
        losses.append(round(total / a_epoch, 4))
        print(epoch + 1, losses[-1], _look(model, images, recipe, 250), flush=True)
    found = {"losses": losses, "cpu_seconds": round(time.process_time() - cpu, 1)}
    return model.eval(), {**found, "features": _look(model, images, recipe)}


def _look(model: nn.Module, images: STL10, recipe: Recipe, n: int = 1_000) -> dict[str, float]:
    loader = ps8.BatchLoader(images.take(n), 250, color="lab", lab_scale=recipe.lab_scale, device="cpu")  # type: ignore[arg-type]
    return geometry(lambda x: model(x * recipe.gain), loader)
