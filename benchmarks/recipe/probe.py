"""Linear probes on frozen features: as the original trains it, and on standardised features."""

from __future__ import annotations

import ps8
import torch
from ps8.data import STL10, LabScale
from torch import nn


def features(encoder: nn.Module, images: STL10, color: str, lab_scale: str | LabScale) -> ps8.FeatureLoader:
    """The features of the centre crops."""
    loader = ps8.BatchLoader(images, 128, color=color, lab_scale=lab_scale, device="cpu")  # type: ignore[arg-type]
    return ps8.FeatureLoader(encoder, loader, shuffle=True, batch_size=128)


def fit(train: ps8.FeatureLoader, held: ps8.FeatureLoader, epochs: int = 100, seed: int = 0, decay: float = 1e-4) -> float:
    """Adam 1e-3, weight decay 1e-4, cross entropy, as the assignment's; returns the held-out accuracy."""
    torch.manual_seed(seed)
    cls = nn.Linear(train.feat_dim, 10)
    optimizer = torch.optim.Adam(cls.parameters(), lr=1e-3, weight_decay=decay)
    for _ in range(epochs):
        for x, y in train:
            loss = nn.functional.cross_entropy(cls(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return round((cls(held.features).argmax(1) == held.labels).float().mean().item(), 4)


def both(train: ps8.FeatureLoader, held: ps8.FeatureLoader) -> dict[str, float]:
    """The accuracy on the features as they are, and standardised."""
    return {
        "plain": fit(train, held),
        "standardised": fit(train.standardised(), held.standardised(train)),
    }
