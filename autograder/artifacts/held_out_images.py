"""The instructor's test images, in memory once a process."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from ps8.data import BatchLoader, load_data
from ps8.data.store import Data, remembered_md5
from ps8.settings import Settings, settings

BATCH = 250
RESIDENT = 1_000  # images that are kept cropped, in RGB and in Lab: 50 MB each

_lock = threading.Lock()
Batch = tuple[torch.Tensor, ...]  # (B, 3, 64, 64) and (B,)


@dataclass
class HeldOut:
    """A data set's test images, as a notebook of a profile takes and prepares them.

    Attributes:
        data: the data set.
        id: tells these images from others: name and checksums.
    """

    data: Data
    id: str
    _kept: dict[tuple[str, str], list[Batch]] = field(default_factory=dict)

    def count(self, profile: str) -> int:
        """How many a notebook of this profile is tested on."""
        return min(settings(profile).n_test, len(self.data.test))

    def batches(self, color: str, profile: str, start: int, stop: int) -> Iterator[Batch]:
        """Images `start` to `stop` of those that a profile takes, in its (random) order, cropped and converted."""
        if (start, stop) != (0, min(RESIDENT, self.count(profile))):
            return iter(self._loader(color, settings(profile), start, stop))
        with _lock:
            if (color, profile) not in self._kept:
                self._kept[color, profile] = list(self._loader(color, settings(profile), start, stop))
            return iter(self._kept[color, profile])

    def _loader(self, color: str, cfg: Settings, start: int, stop: int) -> BatchLoader:
        chosen = self.data.test.take(cfg.n_test, seed=cfg.seed)
        part = type(chosen).from_arrays(chosen.images[start:stop], chosen.labels[start:stop], classes=chosen.classes)
        return BatchLoader(part, BATCH, color=color, lab_scale=cfg.lab_scale, device="cpu")  # type: ignore[arg-type]


def held_out(folder: Path) -> HeldOut:
    """The test images under a folder laid out like `data_cache/`, opened once a process.

    Raises:
        DataError: if the data set is incomplete or damaged.
    """
    with _lock:
        return _opened(folder)


@functools.cache
def _opened(folder: Path) -> HeldOut:
    data = load_data(folder, mmap=True)
    sums = [remembered_md5(data.folder / name) for name in ("test_X.bin", "test_y.bin")]
    return HeldOut(data, "\n".join([data.name, *map(str, sums)]))
