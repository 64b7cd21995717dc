"""The whole experiment of the assignment on one data set: every training, every probe, every figure."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import ps8
import torch
from matplotlib.figure import Figure
from ps8.artifacts import RESULTS
from ps8.data import Data
from ps8.figures import visualize_recon
from ps8.runtime import profile
from torch import nn

import solution.autoencoder
from solution.autoencoder import Autoencoder, Encoder, train_ae
from solution.classifier import supervised as methods
from solution.classifier import test, train_classifier
from solution.common import cfg, device
from solution.contrast import CMCScore, SoftmaxLoss
from solution.multiview import EncoderCMC, EncoderCMC_Cat
from solution.train_cmc import train_cmc

ROWS = {
    "random_rgb": "random, RGB",
    "autoencoder": "autoencoder, RGB",
    "supervised": "supervised, RGB",
    "random_lab": "random, Lab",
    "cmc": "CMC, Lab",
}


@dataclass
class Experiment:
    """One run with one seed.

    Args:
        data: see `ps8.load_data`.
        out: folder for checkpoints, figures and `results.json`; made if it is not there.
        seed: of everything random.
    """

    data: Data
    out: Path
    seed: int = cfg.seed
    results: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        self.train = self.data.train.take(cfg.n_train, seed=cfg.seed)
        self.test = self.data.test.take(cfg.n_test, seed=cfg.seed)
        self.unlabeled = self.data.unlabeled.take(cfg.n_unlabeled, seed=cfg.seed)
        self.results = {
            "data": self.data.name,
            "profile": profile(),
            "seed": self.seed,
            "settings": asdict(cfg),
            "machine": {"device": str(device), "python": platform.python_version(), "torch": torch.__version__},
            "accuracy": {},
            "seconds": {},
        }

    def run(self) -> dict[str, Any]:
        """All of it, in the lesson's order. `results.json` is up to date after each step, so that a stop loses little."""
        steps: list[Callable[[], None]] = [
            self.baselines,
            self.autoencoder,
            self.supervised,
            self.views,
            self.cmc,
        ]
        for step in steps:
            ps8.seed_everything(self.seed)
            start = time.perf_counter()
            step()
            self.results["seconds"][step.__name__] = round(time.perf_counter() - start, 2)
            self._write()
        table = {ROWS[row]: value for row, value in self.results["accuracy"].items()}
        self._figure("accuracies", ps8.accuracy_bars(table, f"test accuracy, {self.data.name}"))
        return self.results

    def baselines(self) -> None:
        """Encoders with random weights, in RGB and in Lab: what an encoder is worth that has learned nothing."""
        self._probe("random_rgb", Encoder(), "rgb")
        self._probe("random_lab", EncoderCMC_Cat(EncoderCMC()), "lab")

    def autoencoder(self) -> None:
        """Part 1: trained to reconstruct, then probed with the encoder frozen."""
        loader = self._loader(self.unlabeled, "rgb", training=True)
        with self._keeping_reconstructions():
            model, losses = train_ae(Autoencoder(), loader)
        self.results["ae_losses"] = losses
        self._checkpoint("ae", model)
        self._figure("ae_loss", ps8.plot_curves(losses, "autoencoder: loss an epoch"))
        assert isinstance(model, Autoencoder)
        self._probe("autoencoder", model.encoder, "rgb")

    def supervised(self) -> None:
        """Method II: encoder and classifier trained end to end on the labels."""
        train, held_out = self._loader(self.train, "rgb", shuffle=True), self._loader(self.test, "rgb")
        encoder, cls, losses = train_classifier(
            Encoder(), nn.Linear(cfg.feat_dim, len(self.data.classes)), train, supervised=methods["II"]
        )
        self.results["supervised_losses"] = losses
        self.results["accuracy"]["supervised"] = test(encoder, cls, held_out)
        self._checkpoint("supervised", nn.ModuleDict({"encoder": encoder, "cls": cls}))

    def views(self) -> None:
        """The two views of an image."""
        self._figure("lab", ps8.show_lab(self.unlabeled.images[0]))

    def cmc(self) -> None:
        """Part 2: trained to tell its images apart across views, then probed on both views' features."""
        contrast = CMCScore(cfg.feat_dim, N=len(self.unlabeled), K=cfg.K, T=cfg.T, momentum=cfg.momentum)
        loader = self._loader(self.unlabeled.indexed(), "lab", training=True)
        model, history = train_cmc(EncoderCMC(), contrast, SoftmaxLoss(), SoftmaxLoss(), loader)
        self.results["cmc_history"] = history
        self._checkpoint("encoder_cmc", model)
        self._figure("cmc_curves", ps8.plot_curves(history, "CMC: loss, and probability of the match"))
        assert isinstance(model, EncoderCMC)
        self._probe("cmc", EncoderCMC_Cat(model), "lab")

    def _loader(self, dataset: Any, color: Any, training: bool = False, shuffle: bool = False) -> ps8.BatchLoader:
        return ps8.BatchLoader(
            dataset,
            cfg.batch_size,
            crop="random" if training else "center",
            flip=training,
            color=color,
            lab_scale=cfg.lab_scale,
            shuffle=training or shuffle,
            device=device,
            seed=self.seed,
        )

    def _probe(self, row: str, encoder: nn.Module, color: str) -> None:
        """Test accuracy of a linear classifier on the frozen encoder's features, which are computed once."""
        encoder = encoder.to(device)
        train = ps8.FeatureLoader(encoder, self._loader(self.train, color), shuffle=True, seed=self.seed)
        held_out = ps8.FeatureLoader(encoder, self._loader(self.test, color))
        _, cls, _ = train_classifier(
            nn.Identity(), nn.Linear(train.feat_dim, len(self.data.classes)), train, supervised=methods["I"]
        )
        self.results["accuracy"][row] = test(nn.Identity(), cls, held_out)
        self._checkpoint(f"probe_{row}", cls)

    def _checkpoint(self, name: str, model: nn.Module) -> None:
        torch.save(model.state_dict(), self.out / f"{name}.pth")

    def _figure(self, name: str, figure: Figure | None) -> None:
        if figure is not None:  # none is drawn in the grade profile
            figure.savefig(self.out / f"{name}.png", dpi=120, bbox_inches="tight")

    def _write(self) -> None:
        path = self.out / RESULTS
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(self.results, indent=2) + "\n")
        partial.replace(path)

    @contextmanager
    def _keeping_reconstructions(self) -> Iterator[None]:
        """Writes the pictures that `train_ae` shows every few epochs into files, by epoch."""
        original, epochs = solution.autoencoder.visualize_recon, count(0, cfg.show_every)

        def keep(model: nn.Module, dataloader: Any) -> None:
            self._figure(f"reconstructions_{next(epochs):03d}", visualize_recon(model, dataloader))

        solution.autoencoder.visualize_recon = keep  # type: ignore[assignment]
        try:
            yield
        finally:
            solution.autoencoder.visualize_recon = original
