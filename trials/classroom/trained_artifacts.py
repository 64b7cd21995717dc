"""What a student's training leaves behind, made by the reference in seconds: a few epochs on a few images, then five probes."""

from __future__ import annotations

import contextlib
import functools
import io
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import ps8
import torch
from ps8.artifacts import RESULTS
from ps8.data import BatchLoader, load_data
from ps8.training_doctor import quiet
from torch import nn

from autograder.artifacts.networks import ROWS
from autograder.judge.reference import namespace
from autograder.paths import DATA

IMAGES = 256  # trained on, without labels
EPOCHS = 2  # of each encoder
CLASSIFIER_EPOCHS = 20


def trained(claims: Mapping[str, float] = MappingProxyType({})) -> dict[str, bytes]:
    """The files that are handed in beside the notebook.

    Args:
        claims: row -> an accuracy to put into `results.json` in place of the measured one.
    """
    results, weights = _trained()
    told = {**results, "accuracy": {**results["accuracy"], **claims}}
    return {RESULTS: json.dumps(told, indent=2).encode(), **weights}


@functools.cache
def _trained() -> tuple[dict[str, Any], dict[str, bytes]]:
    with torch.random.fork_rng(devices=[]), quiet(), contextlib.redirect_stdout(io.StringIO()):
        torch.manual_seed(42)
        return _Training().run()


class _Training:
    """The lesson's cells, from loading the data to the last probe."""

    def __init__(self) -> None:
        self.cfg, self.data, self.answers = ps8.settings("full"), load_data(DATA), namespace()
        self.unlabeled = self.data.unlabeled.take(IMAGES, seed=self.cfg.seed)
        self.train = self.data.train.take(self.cfg.n_train, seed=self.cfg.seed)
        self.test = self.data.test.take(self.cfg.n_test, seed=self.cfg.seed)
        self.results: dict[str, Any] = {"data": self.data.name, "profile": "full", "accuracy": {}}
        self.weights: dict[str, bytes] = {}

    def run(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        give, results = self.answers, self.results
        model, results["ae_losses"] = give["train_ae"](give["Autoencoder"](), self._loader(self.unlabeled, "rgb", True), EPOCHS)
        self._save("ae.pth", model)
        views, results["cmc_history"] = self._contrasted()
        self._save("encoder_cmc.pth", views)
        self._measure("autoencoder", model.encoder)
        self._measure("supervised", give["Encoder"](), supervised=True)
        self._measure("random_rgb", give["Encoder"]())
        self._measure("random_lab", give["EncoderCMC_Cat"](give["EncoderCMC"]()))
        self._measure("cmc", give["EncoderCMC_Cat"](views))
        return results, self.weights

    def _contrasted(self) -> tuple[nn.Module, dict[str, list[float]]]:
        give, cfg, images = self.answers, self.cfg, self.unlabeled.indexed()
        views = give["EncoderCMC"]()
        contrast = give["CMCScore"](cfg.feat_dim, N=IMAGES, K=cfg.K, T=cfg.T, momentum=cfg.momentum)
        ps8.fill_bank(contrast, views, self._loader(images, "lab", True), cfg.bank_passes)
        loader = self._loader(images, "lab", True, replace=cfg.replace)
        return give["train_cmc"](views, contrast, give["SoftmaxLoss"](), give["SoftmaxLoss"](), loader, EPOCHS)

    def _measure(self, row: str, encoder: nn.Module, supervised: bool = False) -> None:
        """As the lesson's function of that name."""
        color, cls = ROWS[row].color, nn.Linear(ROWS[row].features, len(self.data.classes))
        train, held_out = self._loader(self.train, color), self._loader(self.test, color)
        fit, test = self.answers["train_classifier"], self.answers["test"]
        if supervised:
            fit(encoder, cls, train, epochs=EPOCHS, supervised=True)
            accuracy = test(encoder, cls, held_out)
        else:
            fit(nn.Identity(), cls, ps8.FeatureLoader(encoder, train, shuffle=True), epochs=CLASSIFIER_EPOCHS)
            accuracy = test(nn.Identity(), cls, ps8.FeatureLoader(encoder, held_out))
        self.results["accuracy"][row] = accuracy
        self._save(f"probe_{row}.pth", nn.ModuleDict({"encoder": encoder, "cls": cls}))

    def _loader(self, dataset: Any, color: Any, training: bool = False, replace: bool = False) -> BatchLoader:
        return BatchLoader(
            dataset,
            self.cfg.batch_size,
            crop="random" if training else "center",
            flip=training,
            color=color,
            lab_scale=self.cfg.lab_scale,
            shuffle=training,
            replace=replace,
            device="cpu",
        )

    def _save(self, name: str, model: nn.Module) -> None:
        file = io.BytesIO()
        torch.save(model.state_dict(), file)
        self.weights[name] = file.getvalue()
