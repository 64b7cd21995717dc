"""Batches of 64x64 crops, cut, flipped and converted a whole batch at a time, on the model's device.

To a training loop a `BatchLoader` is a DataLoader: `len(loader)`, `loader.dataset`, and tuples when iterated.
There are no worker processes: the images are in memory as uint8, and a batch takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
import torch

from ..runtime import get_device, own_generator
from .dataset import STL10, STL10_CMC
from .lab import LabScale, rgb_to_lab

CROP: Final = 64
KEEP_BYTES: Final = 1_500_000_000
Crop = Literal["random", "center"]
Color = Literal["rgb", "lab"]


class Windows(NamedTuple):
    """Where a batch's crops lie: all (B,), on the CPU."""

    rows: torch.Tensor  # int64, which images (rows of the dataset)
    top: torch.Tensor  # int64, first row
    left: torch.Tensor  # int64, first column
    flip: torch.Tensor  # bool, mirrored left to right after the crop


class BatchLoader:
    """Iterates over a dataset in batches `(x, y)`, or `(x, y, index)` for an STL10_CMC.

    `x` is float32 (B, 3, 64, 64) on `device`: RGB in 0..1, or Lab scaled by `lab_scale`. `y` and `index` are
    int64 (B,) on `device`.

    The loader has a random generator of its own, seeded once: two loaders with the same arguments give the
    same batches, epoch after epoch, whatever else draws random numbers.
    """

    def __init__(
        self,
        dataset: STL10,
        batch_size: int = 128,
        *,
        crop: Crop = "center",
        flip: bool = False,
        color: Color = "rgb",
        lab_scale: str | LabScale = "gamut",
        shuffle: bool = False,
        replace: bool = False,
        device: torch.device | str | None = None,
        seed: int = 42,
        drop_last: bool = False,
        crop_size: int = CROP,
        keep_lab: bool | None = None,
    ) -> None:
        """Set up the loader; nothing is read yet.

        Args:
            dataset: the images.
            batch_size: images a batch; the last one may be smaller.
            crop: "random" (unlabelled images) or "center" (labelled ones).
            flip: mirror each image with probability one half.
            color: "rgb" or "lab".
            lab_scale: how Lab is scaled, see `LabScale`.
            shuffle: a new random order each epoch.
            replace: draw each batch from all images, so that an epoch shows some twice and some not at all. Those of one batch
                differ: where two of them write one row of a memory bank, a GPU does not say whose value stays.
            device: where the batches go; `get_device()` when None.
            seed: of the order, the crops and the flips.
            drop_last: leave out a last batch that is not full.
            crop_size: side of the crops, in pixels.
            keep_lab: from the second epoch on, keep the dataset in memory as Lab, in floats, and cut from
                that, which is faster; when None, on a CPU, if it takes at most 1.5 GB (13,500 images).

        Raises:
            ValueError: on an argument that cannot be; the message says which.
        """
        _one_of("crop", crop, ("random", "center"))
        _one_of("color", color, ("rgb", "lab"))
        height, width = dataset.images.shape[2:]
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}.")
        if not 1 <= crop_size <= min(height, width):
            raise ValueError(f"Cannot cut {crop_size}x{crop_size} crops from images of {height}x{width}.")
        self.dataset, self.batch_size = dataset, batch_size
        self.crop, self.flip, self.color, self.shuffle, self.replace = crop, flip, color, shuffle, replace
        self.lab_scale = LabScale.named(lab_scale)
        self.device = get_device() if device is None else torch.device(device)
        self.drop_last, self.crop_size = drop_last, crop_size
        self._keep_lab = color == "lab" and self._worth_keeping(keep_lab)
        self._lab: torch.Tensor | None = None
        self._begun = False
        self._generator = own_generator(self, seed)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, ...]]:
        """One epoch."""
        if self._begun and self._keep_lab and self._lab is None:
            self._lab = self._as_lab()
        self._begun = True  # a loader that is read only once does not pay for keeping
        for windows in self.windows():
            yield self.batch(windows)

    def windows(self) -> Iterator[Windows]:
        """One epoch of where to cut, without the images: with `batch`, the same batches as iterating."""
        n = len(self.dataset)
        order = torch.randperm(n, generator=self._generator) if self.shuffle else torch.arange(n)
        for start in range(0, min(n, len(self) * self.batch_size), self.batch_size):
            rows = order[start : start + self.batch_size]
            if self.replace:
                rows = torch.randperm(n, generator=self._generator)[: len(rows)]
            yield self._draw(rows)

    def batch(self, windows: Windows) -> tuple[torch.Tensor, ...]:
        """Cut, convert and deliver one batch."""
        y = self.dataset.labels[windows.rows].to(self.device)
        if isinstance(self.dataset, STL10_CMC):
            return self._images(windows), y, windows.rows.to(self.device)
        return self._images(windows), y

    def _images(self, windows: Windows) -> torch.Tensor:
        if self._lab is not None:
            if self.crop == "center":  # only the crops were kept
                zero = torch.zeros_like(windows.top)
                windows = windows._replace(top=zero, left=zero)
            return cut(self._lab, windows, self.crop_size, self.device)
        crops = cut(self.dataset.images, windows, self.crop_size, self.device)
        return rgb_to_lab(crops, self.lab_scale) if self.color == "lab" else crops.float().div_(255)

    def _as_lab(self) -> torch.Tensor:
        """The whole dataset as scaled Lab: it is made pixel by pixel, so it can be made before the crop."""
        images = self.dataset.images
        if self.crop == "center":
            (top, left), size = _center(images, self.crop_size), self.crop_size
            images = images[:, :, top : top + size, left : left + size]
        lab = torch.empty(images.shape, dtype=torch.float32)
        for start in range(0, len(images), 256):
            lab[start : start + 256] = rgb_to_lab(images[start : start + 256], self.lab_scale)
        return lab

    def _worth_keeping(self, keep: bool | None) -> bool:
        if keep is not None:
            return keep
        n, channels, height, width = self.dataset.images.shape
        pixels = self.crop_size**2 if self.crop == "center" else height * width
        return self.device.type == "cpu" and n * channels * pixels * 4 <= KEEP_BYTES

    def _draw(self, rows: torch.Tensor) -> Windows:
        b, g = len(rows), self._generator
        if self.crop == "random":
            room = [side - self.crop_size for side in self.dataset.images.shape[2:]]
            top, left = (torch.randint(r + 1, (b,), generator=g) for r in room)
        else:
            top, left = (torch.full((b,), at) for at in _center(self.dataset.images, self.crop_size))
        flip = torch.rand(b, generator=g) < 0.5 if self.flip else torch.zeros(b, dtype=torch.bool)
        return Windows(rows, top, left, flip)


def _center(images: torch.Tensor, size: int) -> tuple[int, int]:
    """Top and left of the center crop, rounded as torchvision's CenterCrop does."""
    height, width = images.shape[2:]
    return round((height - size) / 2), round((width - size) / 2)


def cut(images: torch.Tensor, windows: Windows, size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Cut one crop from each of a batch of images.

    Args:
        images: (N, 3, H, W) of any type, on the CPU (also mapped) or on `device`.
        windows: which images, and where.
        size: side of the crops.
        device: where the crops go.

    Returns:
        (B, 3, size, size) of the same type, on `device`.
    """
    if images.device.type == "cpu":
        return torch.from_numpy(_cut_rows(images.numpy(), windows, size)).to(device)
    return cut_by_index(images, windows, size).to(device)


def _cut_rows(images: np.ndarray, windows: Windows, size: int) -> np.ndarray:
    """One copy of rows per image: on a CPU some twenty times as fast as indexing all pixels at once."""
    out = np.empty((len(windows.rows), images.shape[1], size, size), images.dtype)
    unflipped = np.empty(out.shape[1:], out.dtype)  # read forwards and turned round here: backwards, memory is half as fast
    for crop, i, top, left, flip in zip(out, *(w.tolist() for w in windows), strict=True):
        seen = images[i, :, top : top + size, left : left + size]
        (unflipped if flip else crop)[...] = seen
        if flip:
            crop[...] = unflipped[:, :, ::-1]
    return out


def cut_by_index(images: torch.Tensor, windows: Windows, size: int) -> torch.Tensor:
    """The same crops by one index operation: the way for images that are on a GPU."""
    image, top, left, flip = (w.to(images.device) for w in windows)
    step = torch.arange(size, device=images.device)
    rows = top[:, None] + step
    columns = left[:, None] + torch.where(flip[:, None], size - 1 - step, step)
    channels = torch.arange(images.shape[1], device=images.device)
    return images[
        image[:, None, None, None],
        channels[None, :, None, None],
        rows[:, None, :, None],
        columns[:, None, None, :],
    ]


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, not {value!r}.")
