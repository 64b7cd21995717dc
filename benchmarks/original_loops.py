"""The plain way, written as the original's loops were: image by image through PIL and scikit-image, a large bank, no cache."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from skimage.color import rgb2lab
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

BANK_ROWS = 100_000  # of the original, whatever number of images is trained on


class Images(Dataset):
    """uint8 images (N, 3, H, W): each item is made a PIL image, transformed, and given with its label and number."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, transform: Callable[[Any], Tensor]) -> None:
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Tensor, int, int]:
        image = Image.fromarray(np.transpose(self.images[i], (1, 2, 0)))
        return self.transform(image), int(self.labels[i]), i


def encoder(in_channels: int = 3) -> nn.Sequential:
    """The network of 1.1, laid out anew: the plain way imports nothing of the course."""
    widths = (in_channels, 12, 24, 48, 24)
    layers = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(widths)]
    return nn.Sequential(*(part for layer in layers for part in (layer, nn.ReLU())))


def autoencoder() -> nn.Sequential:
    """The network of 1.3."""
    layers = [nn.ConvTranspose2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise((24, 48, 24, 12, 3))]
    between = [part for layer in layers for part in (layer, nn.ReLU())]
    return nn.Sequential(encoder(), *between[:-1], nn.Sigmoid())


class ViewEncoders(nn.Module):
    """The network of 2.1."""

    def __init__(self) -> None:
        super().__init__()
        self.l, self.ab = encoder(1), encoder(2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        feat_l, feat_ab = self.l(x[:, :1]), self.ab(x[:, 1:])
        return feat_l.view(len(x), -1), feat_ab.view(len(x), -1)


def to_lab(image: Image.Image) -> np.ndarray:
    """A PIL image as Lab, by scikit-image."""
    return rgb2lab(np.asarray(image, np.uint8)).astype(np.float32)


def training_transform(lab: bool) -> Callable[[Any], Tensor]:
    """Random flip, random crop, and Lab if asked for, image by image."""
    steps: list[Any] = [transforms.RandomHorizontalFlip(), transforms.RandomCrop(64)]
    return transforms.Compose([*steps, *([to_lab] if lab else []), transforms.ToTensor()])


def test_transform() -> Callable[[Any], Tensor]:
    """The centre crop of labelled images."""
    return transforms.Compose([transforms.CenterCrop(64), transforms.ToTensor()])


def loader(images: Images, batch_size: int, workers: int) -> DataLoader:
    """The DataLoader of the original."""
    return DataLoader(images, batch_size=batch_size, shuffle=True, num_workers=workers)


class Score(nn.Module):
    """The scores against two banks: rows are copied out, scored, and written back one view after the other."""

    memory_l: Tensor
    memory_ab: Tensor

    def __init__(self, feat_dim: int, N: int, K: int, T: float, momentum: float) -> None:
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.rand(N, feat_dim) * 2 * bound - bound)
        self.register_buffer("memory_ab", torch.rand(N, feat_dim) * 2 * bound - bound)

    def forward(self, l: Tensor, ab: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        l, ab = F.normalize(l, dim=1, eps=1e-7), F.normalize(ab, dim=1, eps=1e-7)
        idx = torch.randint(self.N, (len(y), self.K + 1), device=y.device)
        idx[:, 0] = y
        scores = [self._against(bank, live, idx) for bank, live in ((self.memory_ab, l), (self.memory_l, ab))]
        with torch.no_grad():
            for bank, live in ((self.memory_l, l), (self.memory_ab, ab)):
                row = bank.index_select(0, y) * self.momentum + live * (1 - self.momentum)
                bank.index_copy_(0, y, row / row.pow(2).sum(1, keepdim=True).sqrt())
        return scores[0], scores[1]

    def _against(self, bank: Tensor, live: Tensor, idx: Tensor) -> Tensor:
        rows = bank.index_select(0, idx.flatten()).view(*idx.shape, -1)
        return torch.bmm(rows, live.unsqueeze(2)) / self.T


def autoencoder_steps(model: nn.Module, batches: Iterator[Any]) -> None:
    """The original's loop of 1.4 over some batches."""
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr=1e-3), nn.MSELoss()
    total = 0.0
    for images, *_ in batches:
        loss = criterion(model(images), images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()


def softmax_loss(scores: Tensor) -> Tensor:
    """The cross entropy with the right answer at column 0."""
    return F.cross_entropy(scores.squeeze(2), torch.zeros(len(scores), dtype=torch.long))


def cmc_steps(model: nn.Module, contrast: Score, lr: float, batches: Iterator[Any]) -> None:
    """The original's loop of 2.3 over some batches."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.5, 0.999))
    total = [0.0, 0.0, 0.0]
    for images, _, index in batches:
        out_l, out_ab = contrast(*model(images), index)
        loss = softmax_loss(out_l) + softmax_loss(out_ab)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        probabilities = [out.detach().softmax(1)[:, 0].mean().item() for out in (out_l, out_ab)]
        total = [a + b for a, b in zip(total, [loss.item(), *probabilities], strict=True)]


def classifier_epoch(encoder: nn.Module, cls: nn.Module, optimizer: torch.optim.Optimizer, batches: Iterable[Any]) -> None:
    """An epoch of 1.5 with the encoder frozen, and run again over the same images."""
    criterion = nn.CrossEntropyLoss()
    for images, labels, _ in batches:
        with torch.no_grad():
            features = encoder(images).flatten(1)
        loss = criterion(cls(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
