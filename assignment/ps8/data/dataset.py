"""STL-10 as a dataset: the images stay in memory as uint8, and everything else is done per batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from . import layout

D = TypeVar("D", bound="STL10")


class STL10:
    """One split of STL-10, or of any set in its binary layout.

    Attributes:
        images: uint8 tensor (N, 3, 96, 96), in memory, or mapped from the file (`mmap=True`).
        labels: int64 tensor (N,), 0-based; -1 for the unlabelled split.
        classes: the class names.
        split: "train", "test" or "unlabeled".
        indices: int64 tensor (N,): where each image stands in the file (`take` keeps track of it).

    `dataset[i]` is `(image, label)`: the uint8 tensor (3, 96, 96) as it is, or, when a `transform` was given,
    the transform of the PIL image, as torchvision's datasets do it.
    """

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable[[Any], Any] | None = None,
        *,
        mmap: bool = False,
    ) -> None:
        """Open one split.

        Args:
            root: the folder that holds `stl10_binary`, or that folder itself.
            split: "train", "test" or "unlabeled".
            transform: applied to the PIL image of each item that is indexed; loaders do not use it.
            mmap: map the file instead of reading it: little memory, slower batches.

        Raises:
            DataError: if a file is missing, truncated, or the two files disagree.
        """
        layout.check_split(split)
        folder = layout.find_folder(root)
        path = folder / layout.images_file(split)
        self.root, self.split, self.transform = Path(root), split, transform
        self.classes = layout.read_class_names(folder / layout.CLASS_NAMES_FILE)
        self.images = torch.from_numpy(layout.map_images(path) if mmap else layout.read_images(path))
        self.labels = self._read_labels(folder)
        self.indices = torch.arange(len(self.images))

    def _read_labels(self, folder: Path) -> torch.Tensor:
        name = layout.labels_file(self.split)
        n = len(self.images)
        if name is None:
            return torch.full((n,), -1, dtype=torch.int64)
        labels = layout.read_labels(folder / name, len(self.classes))
        if len(labels) != n:
            raise layout.DataError(
                f"{folder / layout.images_file(self.split)} holds {n:,} images, {name} {len(labels):,} "
                "labels: one of the two is truncated. Get both again."
            )
        return torch.from_numpy(labels)

    @classmethod
    def from_arrays(
        cls: type[D],
        images: torch.Tensor | np.ndarray,
        labels: torch.Tensor | np.ndarray | None = None,
        *,
        classes: tuple[str, ...] = layout.CLASS_NAMES,
        split: str = "train",
        transform: Callable[[Any], Any] | None = None,
    ) -> D:
        """A dataset of images in memory, uint8 (N, 3, H, W), with labels (N,), or None for none."""
        found = torch.as_tensor(images)
        if found.dtype != torch.uint8 or found.ndim != 4 or found.shape[1] != layout.CHANNELS:
            raise ValueError(f"Expected uint8 images (N, 3, H, W), actual {found.dtype} {tuple(found.shape)}.")
        made = cls.__new__(cls)
        made.root, made.split, made.transform, made.classes = Path(), split, transform, tuple(classes)
        made.images = found
        n = len(found)
        made.labels = torch.full((n,), -1) if labels is None else torch.as_tensor(labels).to(torch.int64)
        if made.labels.shape != (n,):
            raise ValueError(f"Expected {n} labels, actual a tensor of shape {tuple(made.labels.shape)}.")
        made.indices = torch.arange(n)
        return made

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        if not -len(self) <= i < len(self):
            raise IndexError(f"Index {i} is outside a dataset of {len(self)} images.")
        return self._image(i), int(self.labels[i])

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return (self[i] for i in range(len(self)))

    def _image(self, i: int) -> Any:
        image = self.images[i].contiguous()
        return image if self.transform is None else self.transform(to_pil(image))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.split!r}, {len(self):,} images, {len(self.classes)} classes)"

    def take(self: D, n: int, seed: int = 42) -> D:
        """A random subset, the same for the same seed, whose indices run 0..n-1.

        Args:
            n: how many images; all of them, in a random order, when there are fewer.
            seed: of a generator of its own: no global random state is read or changed.

        Returns:
            A dataset of the same class, its images in memory (also when this one is mapped).
        """
        if n < 1:
            raise ValueError(f"Expected at least one image to take, actual n = {n}.")
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))[:n]
        return self._select(order)

    def resident(self: D) -> D:
        """This dataset with its images in memory, row-major: itself if they are already."""
        return self if self.images.is_contiguous() else self._select(torch.arange(len(self)))

    def indexed(self) -> STL10_CMC:
        """The same images, their memory shared, as a dataset whose items and batches also carry the index."""
        made = STL10_CMC.__new__(STL10_CMC)
        made.__dict__.update(self.__dict__)
        return made

    def _select(self: D, order: torch.Tensor) -> D:
        # In file order first: a mapped file is then read once, forwards.
        ordered, back = order.sort()
        images = torch.empty((len(order), *self.images.shape[1:]), dtype=torch.uint8)
        for start in range(0, len(order), 2_048):
            images[back[start : start + 2_048]] = self.images[ordered[start : start + 2_048]]
        made = type(self).from_arrays(
            images, self.labels[order], classes=self.classes, split=self.split, transform=self.transform
        )
        made.root, made.indices = self.root, self.indices[order]
        return made


class STL10_CMC(STL10):
    """STL-10 for contrastive multiview coding: items, and a loader's batches, also carry the image's index.

    `dataset[i]` is `(image, label, i)`: the memory bank has a row per image, and `i` says which one.
    """

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        image, label = super().__getitem__(i)
        return image, label, i % len(self)


def to_pil(image: torch.Tensor) -> Any:
    """A uint8 tensor (3, H, W) as a PIL image."""
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(image.permute(1, 2, 0).numpy()))
