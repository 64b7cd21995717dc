"""Memory: all 100,000 images of STL-10, read or mapped, and trained on as CMC does."""

from __future__ import annotations

import itertools
import resource
import tempfile
from pathlib import Path

from ps8.data import layout

from benchmarks.aside import Aside, Way
from benchmarks.results_file import record

BATCHES = 50


def unlabelled(folder: Path) -> None:
    """A file as large as STL-10's unlabelled images, which are all black here and take no room on the disk."""
    (folder / layout.FOLDER).mkdir()
    with (folder / layout.FOLDER / layout.images_file("unlabeled")).open("wb") as file:
        file.truncate(layout.COUNTS["unlabeled"] * layout.IMAGE_BYTES)


def training(folder: Path, mapped: bool) -> Way:
    """Some batches of two epochs over all of them with a bank of as many rows; gives the gigabytes at their peak."""
    from ps8.data import STL10_CMC, BatchLoader
    from ps8.settings import settings

    from solution.contrast import CMCScore, SoftmaxLoss
    from solution.multiview import EncoderCMC
    from solution.train_cmc import train_cmc

    cfg = settings("full")

    def way() -> float:
        dataset = STL10_CMC(folder, "unlabeled", mmap=mapped)
        loader = BatchLoader(dataset, cfg.batch_size, crop="random", flip=True, color="lab", shuffle=True, device="cpu")
        contrast = CMCScore(cfg.feat_dim, len(dataset), cfg.K)
        for _ in range(2):
            batches = itertools.islice(loader, BATCHES)
            train_cmc(EncoderCMC(), contrast, SoftmaxLoss(), SoftmaxLoss(), batches, epochs=1)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2

    return way


def main() -> None:
    """`data.gigabytes`: the peak of a process that trains on 100,000 images, and of one that maps the file."""
    peaks = {}
    with tempfile.TemporaryDirectory(prefix="ps8-bench-") as name:
        unlabelled(Path(name))
        for mapped in (False, True):
            with Aside(training, Path(name), mapped) as aside:
                peaks[mapped] = round(aside(), 2)
    record("data.gigabytes", {"value": peaks[False], "mapped": peaks[True], "images": layout.COUNTS["unlabeled"]})
