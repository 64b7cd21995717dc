"""Features of a frozen encoder, computed once: what `train_classifier` then sees in every epoch without running the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

import torch
from torch import Tensor, nn

from ps8.runtime import own_generator


class FeatureLoader:
    """Looks like a loader of images to `train_classifier` and `test`, but gives features: (batch_size, feat_dim) and labels.

    Use it with `nn.Identity()` in the encoder's place. It is exact only if the loader gives the same images in every epoch, as
    one with centre crops does.

    Args:
        encoder: images -> features of any shape; run once, in eval mode, without gradient.
        loader: gives (images, labels, ...).
        shuffle: a new order in every epoch.
        batch_size: of the features; by default that of the loader.
        seed: of the order.
    """

    def __init__(
        self, encoder: nn.Module, loader: Iterable[Any], *, shuffle: bool = False, batch_size: int | None = None, seed: int = 42
    ) -> None:
        features, labels = [], []
        was_training = encoder.training
        encoder.eval()
        with torch.no_grad():
            for batch in loader:
                features.append(encoder(batch[0]).flatten(1))
                labels.append(batch[1])
        encoder.train(was_training)
        if not features:
            raise ValueError("The loader gave no batch: there is nothing to compute features of.")
        self.features, self.labels = torch.cat(features), torch.cat(labels)
        self.batch_size = batch_size or len(features[0])
        self.shuffle = shuffle
        self.dataset = self
        self._generator = own_generator(self, seed)

    @property
    def feat_dim(self) -> int:
        """Length of one image's features."""
        return self.features.shape[1]

    def standardised(self, like: FeatureLoader | None = None) -> FeatureLoader:
        """The same with each feature at mean 0 and spread 1, by the figures of `like` (the training set) or its own."""
        mean, spread = (like or self)._moments()
        return self._with(features=(self.features - mean) / spread)

    def unstandardise(self, cls: nn.Linear) -> nn.Linear:
        """Make a classifier of `self.standardised()` one of `self`, in place: it then says the same of features as they are."""
        mean, spread = self._moments()
        with torch.no_grad():
            cls.weight.div_(spread)
            cls.bias.sub_(cls.weight @ mean)
        return cls

    def part(self, rows: Tensor) -> FeatureLoader:
        """The features of some of the images, in this order."""
        return self._with(features=self.features[rows], labels=self.labels[rows])

    def _moments(self) -> tuple[Tensor, Tensor]:
        """Mean and spread of each feature; the spread of a constant one, such as a dead unit, is infinite: it becomes 0."""
        spread, mean = torch.std_mean(self.features, dim=0)
        return mean, torch.where(spread > 1e-6 * mean.abs(), spread, torch.inf)

    def _with(self, **changed: Tensor) -> FeatureLoader:
        other = copy(self)
        other.__dict__.update(changed)
        other.dataset = other
        return other

    def __len__(self) -> int:
        return -(-len(self.labels) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n = len(self.labels)
        order = torch.randperm(n, generator=self._generator) if self.shuffle else torch.arange(n)
        for rows in order.to(self.labels.device).split(self.batch_size):
            yield self.features[rows], self.labels[rows]
