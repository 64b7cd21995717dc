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
from statistics import mean
from typing import Any

import ps8
import torch
from matplotlib.figure import Figure
from ps8.artifacts import RESULTS
from ps8.data import STL10, Data
from ps8.figures import visualize_recon
from ps8.runtime import profile
from ps8.settings import recipe
from ps8.training_doctor import quiet
from ps8.viewing import Reconstructions
from torch import Tensor, nn

import solution.autoencoder
from solution.autoencoder import Autoencoder, Encoder, train_ae
from solution.classifier import supervised as methods
from solution.classifier import test, train_classifier
from solution.common import cfg, device
from solution.contrast import CMCScore, SoftmaxLoss
from solution.geometry import geometry
from solution.multiview import EncoderCMC, EncoderCMC_Cat
from solution.nce import NCELoss
from solution.train_cmc import train_cmc

# What is compared, and what differs from row to row. All but `supervised` are frozen, and probed in the same way.
ROWS = {
    "pixels": "raw pixels, RGB",
    "random_rgb": "random, RGB",
    "autoencoder": "autoencoder, RGB",
    "random_lab": "random, Lab",
    "cmc_l": "CMC, L alone",
    "cmc_ab": "CMC, ab alone",
    "cmc": "CMC, Lab",
    "nce": "CMC by NCE, Lab",
    "supervised": "supervised, RGB",
}
# Of these, accuracy against the number of labels: of the frozen ones on standardised features.
BY_LABELS = ("pixels", "random_rgb", "autoencoder", "random_lab", "cmc", "nce", "supervised")
DRAWS = (
    5  # of random weights: one draw's accuracy can be twice another's, with features as they come
)
IMAGES_LOOKED_AT = 1_000  # for the geometry of the features
LABELS_A_CLASS = (10, 25, 100, 500)


@torch.no_grad()
def accuracy(cls: nn.Module, held_out: ps8.FeatureLoader) -> float:
    """The share of the images whose features the classifier names right."""
    return (cls(held_out.features).argmax(1) == held_out.labels).double().mean().item()


@dataclass
class Experiment:
    """One run with one seed.

    Args:
        data: see `ps8.load_data`.
        out: folder for checkpoints, figures and `results.json`; made if it is not there.
        seed: of everything random.
        reuse: go on from an earlier run with the same settings into `out`. The steps that its `results.json` has are not run
            again, and the encoders that it left are read. Delete `results.json` to measure the same encoders anew.
        nce: whether to do the optional part.
    """

    data: Data
    out: Path
    seed: int = cfg.seed
    reuse: bool = False
    nce: bool = True
    results: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        self.train = self.data.train.take(cfg.n_train, seed=cfg.seed)
        self.test = self.data.test.take(cfg.n_test, seed=cfg.seed)
        self.unlabeled = self.data.unlabeled.take(cfg.n_unlabeled, seed=cfg.seed)
        made = {
            "data": self.data.name,
            "profile": profile(),
            "recipe": recipe(),
            "seed": self.seed,
            "settings": asdict(cfg),
            "machine": {
                "device": str(device),
                "python": platform.python_version(),
                "torch": torch.__version__,
            },
            "chance": 1 / len(self.data.classes),
        }
        self.results = {**made, "accuracy": {}, "standardised": {}, "labels": {}, "seconds": {}}
        earlier = self.out / RESULTS
        if self.reuse and earlier.is_file():
            found = json.loads(earlier.read_text())
            if {key: found.get(key) for key in made} == json.loads(json.dumps(made)):
                self.results = found

    def run(self) -> dict[str, Any]:
        """All of it, in the lesson's order. `results.json` is up to date after each step, so that a stop loses little."""
        steps: list[Callable[[], None]] = [
            self.baselines,
            self.autoencoder,
            self.supervised,
            self.views,
            self.cmc,
            *([self.optional] if self.nce else []),
        ]
        for step in steps:
            if step.__name__ in self.results["seconds"]:
                continue
            ps8.seed_everything(self.seed)
            start = time.perf_counter()
            step()
            self.results["seconds"][step.__name__] = round(time.perf_counter() - start, 2)
            self._write()
        measured = self.results["accuracy"]
        table = {title: measured[row] for row, title in ROWS.items() if row in measured}
        self._figure("accuracies", ps8.accuracy_bars(table, f"test accuracy, {self.data.name}"))
        return self.results

    def baselines(self) -> None:
        """What needs no training: the pixels themselves, and encoders with random weights, in RGB and in Lab."""
        self._probe("pixels", nn.Identity(), "rgb")
        self._probe("random_rgb", [Encoder() for _ in range(DRAWS)], "rgb")
        self._probe("random_lab", [EncoderCMC_Cat(EncoderCMC()) for _ in range(DRAWS)], "lab")

    def autoencoder(self) -> None:
        """Part 1: trained to reconstruct, then probed with the encoder frozen."""
        model = Autoencoder()
        if not self._recalled("ae", model):
            loader = self._loader(self.unlabeled, "rgb", training=True)
            with self._keeping_reconstructions():
                _, losses = train_ae(model, loader)
            self.results["ae_losses"] = losses
            self._checkpoint("ae", model)
            self._figure("ae_loss", ps8.plot_curves(losses, "autoencoder: loss an epoch"))
        self._probe("autoencoder", model.encoder, "rgb")

    def supervised(self) -> None:
        """Method II: encoder and classifier trained end to end on the labels, and, from the start, on fewer of them."""
        *counts, every = self._label_counts("supervised")
        accuracy = self._learned_from(self.train, "supervised")
        curve = {}
        for labels in counts:
            rows = self._few(self.train.labels, labels)
            few = STL10.from_arrays(
                self.train.images[rows], self.train.labels[rows], classes=self.data.classes
            )
            curve[labels] = self._learned_from(few, f"supervised_{labels}")
        self.results["accuracy"]["supervised"] = accuracy
        self.results["labels"]["supervised"] = {**curve, every: accuracy}

    def _learned_from(self, images: STL10, name: str) -> float:
        """The test accuracy of an encoder and a classifier trained on these images and their labels, or read from a file."""
        ps8.seed_everything(self.seed)
        model = nn.ModuleDict(
            {"encoder": Encoder(), "cls": nn.Linear(cfg.feat_dim, len(self.data.classes))}
        )
        if not self._recalled(name, model):
            loader, epochs = self._loader(images, "rgb", shuffle=True), self._epochs(len(images))
            _, _, losses = train_classifier(
                model["encoder"], model["cls"], loader, epochs, supervised=methods["II"]
            )
            self.results[f"{name}_losses"] = losses
            self._checkpoint(name, model)
        return test(model["encoder"], model["cls"], self._loader(self.test, "rgb"))

    def views(self) -> None:
        """The two views of an image."""
        self._figure("lab", ps8.show_lab(self.unlabeled.images[0]))

    def cmc(self) -> None:
        """Part 2: trained to tell its images apart across views, then probed on each view's features and on both."""
        model = self._contrasted("encoder_cmc", "cmc", SoftmaxLoss(), SoftmaxLoss())
        self._probe("cmc_l", model.encoder_l, "lab", channels=slice(0, 1))
        self._probe("cmc_ab", model.encoder_ab, "lab", channels=slice(1, 3))
        self._probe("cmc", EncoderCMC_Cat(model), "lab")

    def optional(self) -> None:
        """The optional part: the same training with the paper's loss."""
        rows = self._bank_rows()
        model = self._contrasted("encoder_nce", "nce", NCELoss(rows, cfg.K), NCELoss(rows, cfg.K))
        self._probe("nce", EncoderCMC_Cat(model), "lab")

    def _contrasted(
        self, name: str, row: str, criterion_l: nn.Module, criterion_ab: nn.Module
    ) -> EncoderCMC:
        """Encoders trained by contrast with these losses, or read from an earlier run."""
        model = EncoderCMC()
        if not self._recalled(name, model):
            contrast = CMCScore(
                cfg.feat_dim, N=self._bank_rows(), K=cfg.K, T=cfg.T, momentum=cfg.momentum
            )
            loader = self._loader(
                self.unlabeled.indexed(), "lab", training=True, replace=cfg.replace
            )
            once = self._loader(self.unlabeled.indexed(), "lab", training=True)
            ps8.fill_bank(contrast, model, once, cfg.bank_passes)
            _, history = train_cmc(
                model, contrast, criterion_l.to(device), criterion_ab.to(device), loader
            )
            self.results[f"{row}_history"] = history
            self._checkpoint(name, model)
            self._figure(
                f"{row}_curves",
                ps8.plot_curves(history, f"{ROWS[row]}: loss, and probability of the match"),
            )
        looked_at = self._loader(self.unlabeled.take(IMAGES_LOOKED_AT), "lab")
        self.results[f"{row}_geometry"] = geometry(model.to(device).eval(), looked_at)
        return model

    def _bank_rows(self) -> int:
        return cfg.bank_rows or len(self.unlabeled)

    def _loader(
        self,
        dataset: Any,
        color: Any,
        training: bool = False,
        shuffle: bool = False,
        replace: bool = False,
    ) -> ps8.BatchLoader:
        return ps8.BatchLoader(
            dataset,
            cfg.batch_size,
            crop="random" if training else "center",
            flip=training,
            color=color,
            lab_scale=cfg.lab_scale,
            shuffle=training or shuffle,
            replace=replace,
            device=device,
            seed=self.seed,
        )

    def _probe(
        self,
        row: str,
        encoder: nn.Module | list[nn.Module],
        color: str,
        channels: slice = slice(None),
    ) -> None:
        """Test accuracies of linear classifiers on a frozen encoder's features; of several encoders, the mean.

        `accuracy` is that of the features as they come. What depends on their size does not count as the encoder's merit, so
        `standardised` is that of standardised features, and so are those with fewer labels.
        """
        encoders = encoder if isinstance(encoder, list) else [encoder]
        measured = [self._measured(row, each, color, channels) for each in encoders]
        self.results["accuracy"][row] = mean(plain for plain, _ in measured)
        self.results["standardised"][row] = mean(
            curve[self._labels_a_class()] for _, curve in measured
        )
        if row in BY_LABELS:
            self.results["labels"][row] = {
                count: mean(curve[count] for _, curve in measured) for count in measured[0][1]
            }
        print(
            f"{ROWS[row]:20} {self.results['accuracy'][row]:.3f} {self.results['standardised'][row]:8.3f}"
        )

    def _measured(
        self, row: str, encoder: nn.Module, color: str, channels: slice
    ) -> tuple[float, dict[int, float]]:
        """One encoder's accuracy, and that of standardised features by the number of labels a class."""
        ps8.seed_everything(
            self.seed
        )  # the same whether the encoder was trained just now or read from a file
        encoder = encoder.to(device).eval()
        train, held_out = (
            ps8.FeatureLoader(encoder, ((x[:, channels], y) for x, y in self._loader(split, color)))
            for split in (self.train, self.test)
        )
        train.batch_size, train.shuffle = cfg.batch_size, True
        cls = self._classify(train)
        self._checkpoint(f"probe_{row}", nn.ModuleDict({"encoder": encoder, "cls": cls}))
        fewer = {
            count: train.part(self._few(train.labels, count))
            for count in self._label_counts(row)[:-1]
        }
        curve = {count: self._standardised(part, held_out) for count, part in fewer.items()}
        return accuracy(cls, held_out), {
            **curve,
            self._labels_a_class(): self._standardised(train, held_out),
        }

    def _standardised(self, train: ps8.FeatureLoader, held_out: ps8.FeatureLoader) -> float:
        """The test accuracy of a classifier on standardised features."""
        return accuracy(train.unstandardise(self._classify(train.standardised())), held_out)

    def _classify(self, train: ps8.FeatureLoader) -> nn.Linear:
        """A classifier of these features."""
        cls = nn.Linear(train.feat_dim, len(self.data.classes))
        with quiet():
            train_classifier(
                nn.Identity(), cls, train, self._epochs(len(train.labels)), supervised=methods["I"]
            )
        return cls

    def _epochs(self, labels: int) -> int:
        """Of a classifier. Few labels make few steps an epoch: up to ten times as many epochs."""
        return cfg.cls_epochs * min(10, len(self.train) // labels)

    def _labels_a_class(self) -> int:
        return len(self.train) // len(self.data.classes)

    def _label_counts(self, row: str) -> list[int]:
        """The numbers of labels a class that a row is measured with; the last is all of them."""
        every = self._labels_a_class()
        return [*(count for count in LABELS_A_CLASS if row in BY_LABELS and count < every), every]

    def _few(self, labels: Tensor, count: int) -> Tensor:
        """The rows of `count` images of each class, drawn by the seed."""
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(self.seed)).to(
            labels.device
        )
        return torch.cat([order[labels[order] == k][:count] for k in range(len(self.data.classes))])

    def _recalled(self, name: str, model: nn.Module) -> bool:
        """Whether the weights were there from an earlier run into the same folder, and are in the model now."""
        path = self.out / f"{name}.pth"
        if not (self.reuse and path.is_file()):
            return False
        ps8.load(model, path)
        return True

    def _checkpoint(self, name: str, model: nn.Module) -> None:
        torch.save(model.state_dict(), self.out / f"{name}.pth")

    def _figure(self, name: str, figure: Figure | Reconstructions | None) -> None:
        if figure is not None:  # none is drawn in the grade profile
            figure.savefig(self.out / f"{name}.png", dpi=120, bbox_inches="tight")

    def _write(self) -> None:
        path = self.out / RESULTS
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(self.results, indent=2) + "\n")
        partial.replace(path)

    @contextmanager
    def _keeping_reconstructions(self) -> Iterator[None]:
        """Writes some of the pictures that `train_ae` shows into files, by epoch."""
        original, epochs = solution.autoencoder.visualize_recon, count()

        def keep(model: nn.Module, dataloader: Any) -> None:
            if (epoch := next(epochs)) % cfg.show_every == 0:
                self._figure(f"reconstructions_{epoch:03d}", visualize_recon(model, dataloader))

        solution.autoencoder.visualize_recon = keep  # type: ignore[assignment]
        try:
            yield
        finally:
            solution.autoencoder.visualize_recon = original
