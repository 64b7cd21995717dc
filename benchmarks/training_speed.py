"""Training: the original's loops and ours, image for image; ours against the model alone; the probe; `import ps8`."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from statistics import median
from typing import Any

import numpy as np
import torch
from ps8.settings import Settings, settings
from torch import nn

from benchmarks import original_loops
from benchmarks.aside import Aside, Way, in_turn
from benchmarks.results_file import ratio, record

STEPS = 12  # timed in each turn
AHEAD = 3  # before them, untimed: workers start and fill their queue
ROUNDS = 7
CLOSE_ROUNDS = 41  # of two ways that are nearly equally fast


def full() -> Settings:
    """The settings that students train with."""
    return settings("full")


def images(count: int, split: str) -> tuple[np.ndarray, np.ndarray]:
    """As many images as the assignment has, uint8 (count, 3, 96, 96), and labels: the photo sample over and over."""
    from ps8.data import load_data

    dataset = getattr(load_data(), split)
    rows = torch.arange(count) % len(dataset)
    return dataset.images[rows].numpy(), dataset.labels[rows].numpy()


def timed(steps: Callable[[Iterator[Any]], object], batches: Iterable[Any]) -> float:
    """Seconds of STEPS steps over batches, after a few that are not timed."""
    iterator = iter(batches)
    steps(itertools.islice(iterator, AHEAD))
    start = time.perf_counter()
    steps(itertools.islice(iterator, STEPS))
    return time.perf_counter() - start


def plain_loader(lab: bool, workers: int) -> Any:
    found, labels = images(full().n_unlabeled, "unlabeled")
    return original_loops.loader(
        original_loops.Images(found, labels, original_loops.training_transform(lab)), full().batch_size, workers
    )


def our_loader(lab: bool) -> Any:
    from ps8.data import STL10, STL10_CMC, BatchLoader

    cfg, kind = full(), STL10_CMC if lab else STL10
    loader = BatchLoader(
        kind.from_arrays(*images(cfg.n_unlabeled, "unlabeled")),
        cfg.batch_size,
        crop="random",
        flip=True,
        color="lab" if lab else "rgb",
        lab_scale=cfg.lab_scale,
        shuffle=True,
        replace=lab and cfg.replace,
        device="cpu",
    )
    for _ in range(2):
        next(iter(loader))  # from its second epoch on a loader keeps the images as Lab
    return loader


def plain_ae(workers: int) -> Way:
    """The original's loop of 1.4."""
    model, loader = original_loops.autoencoder(), plain_loader(False, workers)
    return lambda: timed(lambda batches: original_loops.autoencoder_steps(model, batches), loader)


def our_ae(resident: bool) -> Way:
    """`train_ae` on the course's loader, or over one batch of it again and again."""
    from solution.autoencoder import Autoencoder, train_ae

    model, loader = Autoencoder(), our_loader(False)
    source = itertools.repeat(next(iter(loader))) if resident else loader
    return lambda: timed(lambda batches: train_ae(model, batches, epochs=1), source)


def plain_cmc(workers: int) -> Way:
    """The original's loop of 2.3, with its bank of 100,000 rows."""
    cfg = full()
    model, loader = original_loops.ViewEncoders(), plain_loader(True, workers)
    contrast = original_loops.Score(cfg.feat_dim, original_loops.BANK_ROWS, cfg.K, cfg.T, cfg.momentum)
    return lambda: timed(lambda batches: original_loops.cmc_steps(model, contrast, cfg.cmc_lr, batches), loader)


def our_cmc(resident: bool, straightforward: bool = False) -> Way:
    """`train_cmc` on the course's loader, or over one batch of it; with the reference's answers, or the plainest ones."""
    from solution.contrast import CMCScore, SoftmaxLoss
    from solution.multiview import EncoderCMC
    from solution.train_cmc import train_cmc

    cfg, loader = full(), our_loader(True)
    model = original_loops.ViewEncoders() if straightforward else EncoderCMC()
    score = original_loops.Score if straightforward else CMCScore
    contrast = score(cfg.feat_dim, cfg.n_unlabeled, cfg.K, cfg.T, cfg.momentum)
    source = itertools.repeat(next(iter(loader))) if resident else loader
    return lambda: timed(lambda batches: train_cmc(model, contrast, SoftmaxLoss(), SoftmaxLoss(), batches, epochs=1), source)


def plain_probe(workers: int) -> Way:
    """An epoch of the original's 1.5 with a frozen encoder, which it runs again in each."""
    cfg = full()
    found, labels = images(cfg.n_train, "train")
    loader = original_loops.loader(
        original_loops.Images(found, labels, original_loops.test_transform()), cfg.batch_size, workers
    )
    encoder, cls = original_loops.encoder(), nn.Linear(cfg.feat_dim, 10)
    optimizer = torch.optim.Adam(cls.parameters(), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)

    def way() -> float:
        start = time.perf_counter()
        original_loops.classifier_epoch(encoder, cls, optimizer, loader)
        return time.perf_counter() - start

    return way


def our_probe() -> Way:
    """All epochs of the lesson's `measure`: features once, then `train_classifier` on them."""
    from ps8 import STL10, BatchLoader, FeatureLoader

    from solution.autoencoder import Encoder
    from solution.classifier import train_classifier

    cfg, dataset = full(), STL10.from_arrays(*images(full().n_train, "train"))
    encoder = Encoder()
    loader = BatchLoader(dataset, cfg.batch_size, shuffle=True, device="cpu")

    def way() -> float:
        start = time.perf_counter()
        features = FeatureLoader(encoder, loader, shuffle=True)
        train_classifier(nn.Identity(), nn.Linear(cfg.feat_dim, 10), features, epochs=cfg.cls_epochs)
        return time.perf_counter() - start

    return way


def loops(key: str, ways: dict[str, tuple[Any, ...]], rounds: int = ROUNDS) -> None:
    """`train.*`: our loop over the original's, which has 0 or 2 workers, whichever is faster."""
    with ExitStack() as stack:
        seconds = in_turn({name: stack.enter_context(Aside(*how)) for name, how in ways.items()}, rounds)
    best = min(("plain, 0 workers", "plain, 2 workers"), key=lambda name: median(seconds[name]))
    per_second = {name: round(STEPS * full().batch_size / median(taken)) for name, taken in seconds.items()}
    record(f"{key}.vs_original", {**ratio(seconds[best], seconds["ours"]), "original": best, "images_per_second": per_second})
    if "straightforward" in seconds:
        record(f"{key}.straightforward", ratio(seconds[best], seconds["straightforward"]))


def model_only(key: str, ours: Callable[[bool], Way], rounds: int = CLOSE_ROUNDS) -> None:
    """`train.*.vs_model_only`: our loop over the same steps on one batch. Close, so in turns of their own, and more of them."""
    with Aside(ours, False) as loading, Aside(ours, True) as resident:
        seconds = in_turn({"ours": loading, "model only": resident}, rounds)
    per_second = {name: round(STEPS * full().batch_size / median(taken)) for name, taken in seconds.items()}
    record(f"{key}.vs_model_only", {**ratio(seconds["model only"], seconds["ours"]), "images_per_second": per_second})


def probe(rounds: int = 5) -> None:
    """`probe.vs_original`: the frozen classifier's epochs. The original's are one epoch, measured, times their number."""
    ways: dict[str, tuple[Any, ...]] = {"0": (plain_probe, 0), "2": (plain_probe, 2), "ours": (our_probe,)}
    with ExitStack() as stack:
        seconds = in_turn({name: stack.enter_context(Aside(*how)) for name, how in ways.items()}, rounds)
    workers = min(("0", "2"), key=lambda name: median(seconds[name]))
    epochs = full().cls_epochs
    record(
        "probe.vs_original",
        {
            **ratio([epochs * taken for taken in seconds[workers]], seconds["ours"]),
            "workers": int(workers),
            "seconds_an_epoch_original": round(median(seconds[workers]), 2),
            f"seconds_{epochs}_epochs_ours": round(median(seconds["ours"]), 2),
        },
    )


def start(code: str) -> float:
    """Seconds of a Python that runs one line."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin


def imports(rounds: int = 11) -> None:
    """`import.vs_torch`: a Python that imports ps8 over one that imports torch alone."""
    start("import ps8")  # into the system's cache
    pairs = [(start("import ps8"), start("import torch")) for _ in range(rounds)]
    record("import.vs_torch", ratio([ours for ours, _ in pairs], [alone for _, alone in pairs]))


def main() -> None:
    """All figures of training."""
    imports()
    loops("train.ae", {"plain, 0 workers": (plain_ae, 0), "plain, 2 workers": (plain_ae, 2), "ours": (our_ae, False)})
    loops(
        "train.cmc",
        {
            "plain, 0 workers": (plain_cmc, 0),
            "plain, 2 workers": (plain_cmc, 2),
            "ours": (our_cmc, False),
            "straightforward": (our_cmc, False, True),
        },
    )
    model_only("train.ae", our_ae)
    model_only("train.cmc", our_cmc)
    probe()
