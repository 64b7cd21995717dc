"""The training doctor: what it says of sick trainings, once, and that it leaves healthy ones alone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import ps8
import pytest
import torch
from ps8.collapse import collapse_plateau
from ps8.probes.tools import Numbers
from ps8.questions.train_ae.probe import TinyAutoencoder
from ps8.training_doctor import Doctor, is_quiet, look_at_accuracy, quiet
from torch import Tensor, nn

from assignment.builder.checkout import LESSON
from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.judge.reference import Edit

KNOWN = {mistake.id: mistake.edits for mistake in catalogue()}
NO_T = KNOWN["cmc_score.temperature_forgotten"]
FAST = Edit("train_cmc", "lr=cfg.cmc_lr", "lr=1e-2")


@pytest.fixture(autouse=True)
def as_a_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PS8_PROFILE", raising=False)


def after(losses: list[float], **watched: object) -> list[str]:
    """What is said of these losses."""
    said: list[str] = []
    doctor = Doctor(said.append, **watched)  # type: ignore[arg-type]
    for loss in losses:
        doctor.look(loss=loss)
    doctor.leave()
    return [" ".join(text.split()) for text in said]


class Views(nn.Module):
    """Two linear maps with a ReLU, (3, 4, 4) -> twice (8,)."""

    def __init__(self, bias: float = 0.0) -> None:
        super().__init__()
        self.l, self.ab = nn.Linear(16, 8), nn.Linear(32, 8)
        for layer in (self.l, self.ab):
            nn.init.constant_(layer.bias, bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.l(x[:, :1].flatten(1)).relu(), self.ab(x[:, 1:].flatten(1)).relu()


class Collapsed(Views):
    """Every image gets the same feature; its parameters get no gradient to speak of."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        l, ab = super().forward(x)
        return torch.ones_like(l) + 0 * l, torch.ones_like(ab) + 0 * ab


def train(
    capsys: pytest.CaptureFixture[str], model: nn.Module, *edits: Edit, N: int = 64, K: int = 32, epochs: int = 18
) -> str:
    """What is printed while the reference's loop trains a model on 64 images."""
    torch.manual_seed(0)
    ns = reference.namespace(*edits)
    common = torch.randn(64, 1, 4, 4)
    images = torch.cat([common + 0.1 * torch.randn(64, 1, 4, 4) for _ in range(3)], dim=1)
    loader = [(images[k : k + 8], torch.zeros(8), torch.arange(k, k + 8)) for k in range(0, 64, 8)]
    contrast = ns["CMCScore"](8, N, K)
    ns["train_cmc"](model, contrast, ns["SoftmaxLoss"](), ns["SoftmaxLoss"](), loader, epochs)
    return " ".join(capsys.readouterr().out.split())


def test_a_healthy_training_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Doctor" not in train(capsys, Views(), FAST)
    assert not after([3.8 * 0.9**k + 0.6 for k in range(60)])
    assert not after([2.3, *[2.3 - 0.05 * k + 0.04 * (-1) ** k for k in range(1, 30)]])


def test_a_collapsed_training_is_told_its_plateau_once(capsys: pytest.CaptureFixture[str]) -> None:
    out = train(capsys, Collapsed())
    assert out.count("Doctor") == 1
    assert f"2 ln(K+1) = {2 * math.log(33):.3f}" in out and "plateau of collapse" in out


def test_a_forgotten_temperature_is_seen_in_the_plateau(capsys: pytest.CaptureFixture[str]) -> None:
    out = train(capsys, Collapsed(), *NO_T, N=4_000, K=512)
    assert "64 images, 4,000 rows and temperature 1" in out
    assert "are the scores divided by T?" in out


def test_rows_without_images_are_seen_in_the_plateau() -> None:
    contrast = reference.namespace()["CMCScore"](384, 1_000, 256)
    said: list[str] = []
    doctor = Doctor(said.append, contrast=contrast)
    doctor.images = 100
    p, loss = collapse_plateau(256, 100, 1_000, 0.1, 384)
    for _ in range(5):
        doctor.look(loss=2 * loss, prob_l=p, prob_ab=p)
    assert len(said) == 1 and "one for each image" in " ".join(said[0].split())


def test_passing_a_plateau_is_no_collapse() -> None:
    contrast = reference.namespace()["CMCScore"](384, 100, 256)
    doctor = Doctor(pytest.fail, contrast=contrast)
    doctor.images = 100
    for loss in (11.948, 11.185, 11.118, 11.098, 11.099, 11.034, 10.706):  # the reference on 1,280 photo crops
        doctor.look(loss=loss, prob_l=1 / 257, prob_ab=1 / 257)


def test_a_number_that_is_not_finite_is_named() -> None:
    said = after([1.0, math.nan, math.nan, math.inf])
    assert len(said) == 1 and "after epoch 2" in said[0] and "loss is nan" in said[0]


@pytest.mark.parametrize(("bias", "share"), [(-1e3, "every feature of L is 0"), (0.0, "")])
def test_dead_units(capsys: pytest.CaptureFixture[str], bias: float, share: str) -> None:
    out = train(capsys, Views(bias), FAST, epochs=6)
    assert (share in out) if share else ("0 for every image" not in out)


def test_nine_tenths_of_dead_units_are_said() -> None:
    class Encoder(nn.Module):
        mask: Tensor

        def __init__(self, alive: int) -> None:
            super().__init__()
            self.register_buffer("mask", (torch.arange(100) < alive).float())

        def forward(self, x: Tensor) -> Tensor:
            return x * self.mask

    for alive, expected in [(5, 1), (40, 0), (0, 1)]:
        said: list[str] = []
        model = Encoder(alive)
        doctor = Doctor(said.append, model=model)
        for _ in range(3):
            for _ in range(6):
                model(torch.rand(8, 100))
            doctor.look(loss=1 / (len(doctor.losses) + 1))
        assert len(said) == expected, said
        if expected:
            assert ("95%" if alive else "every feature") in said[0]


def test_a_loss_that_never_falls() -> None:
    said = after([0.7] * 8)
    assert len(said) == 1 and "not gone below its first value" in said[0] and "after epoch 6" in said[0]


def test_a_few_steps_prove_nothing() -> None:
    model = nn.Linear(4, 4)
    said: list[str] = []
    doctor = Doctor(said.append, model=model)
    for _ in range(8):
        model(torch.rand(2, 4))
        doctor.look(loss=0.7)
    assert not said


def test_a_training_that_comes_apart() -> None:
    said = after([4.0, 2.0, 1.0, *[5.0] * 6])
    assert len(said) == 1 and "came apart" in said[0]


def test_a_loss_that_was_next_to_nothing_and_is_a_little_more_has_not_come_apart() -> None:
    """A supervised net that knows its training images by heart: its loss goes up and down by factors, all of them tiny."""
    assert not after([18.4, 9.0, 2.0, 0.5, 0.02, *[0.3, 0.2, 0.15, 0.2, 0.1, 0.3]])


def at_chance(features: Tensor, *, moving: bool) -> list[str]:
    """What is said of a classifier whose loss stays that of a guess."""
    classifier, said = nn.Linear(4, 10), list[str]()
    doctor = Doctor(said.append, classifier=classifier)
    for _ in range(12):
        for _ in range(10):
            classifier(features)
        if moving:
            with torch.no_grad():
                classifier.weight += 1e-6
        doctor.look(loss=10 * math.log(10) * (1 - 1e-4 * len(doctor.losses)))
    return [" ".join(text.split()) for text in said]


def test_a_classifier_at_chance_is_told_why() -> None:
    (said,) = at_chance(torch.ones(3, 4), moving=True)
    assert "ln 10 = 2.303" in said and "the features hold nothing" in said
    (said,) = at_chance(torch.rand(3, 4), moving=False)
    assert "no step reaches the classifier" in said


def test_a_classifier_that_learns_slowly_from_small_features_is_left_alone() -> None:
    """Method III with few images and few steps: random features of little size."""
    assert not at_chance(1e-3 * torch.rand(3, 4), moving=True)


@pytest.mark.parametrize(
    ("right", "total", "said"),
    [(100, 1_000, True), (110, 1_000, True), (150, 1_000, False), (300, 1_000, False), (0, 0, False)],
)
def test_an_accuracy_at_chance(right: int, total: int, said: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []
    assert look_at_accuracy(right, total, say=words.append) is said
    assert bool(words) is said
    monkeypatch.setenv("PS8_PROFILE", "grade")
    assert not look_at_accuracy(right, total, say=words.append)


def test_hooks_are_taken_away() -> None:
    model = Views()
    doctor = Doctor(pytest.fail, model=model)
    assert len(model._forward_hooks) == 2
    doctor.leave()
    assert not model._forward_hooks


def test_quiet_can_be_nested() -> None:
    def states() -> Iterator[bool]:
        yield is_quiet()
        with quiet():
            with quiet():
                yield is_quiet()
            yield is_quiet()
        yield is_quiet()

    assert list(states()) == [False, True, True, False]


def train_autoencoder(capsys: pytest.CaptureFixture[str], *edits: Edit) -> str:
    """What is printed while the reference's `train_ae`, changed or not, trains a small model on 40 images."""
    torch.manual_seed(0)
    images = torch.rand(40, 3, 8, 8)
    loader = [(images[k : k + 8], torch.zeros(8)) for k in range(0, 40, 8)]
    reference.namespace(*edits)["train_ae"](TinyAutoencoder(Numbers(1)), loader, 16)
    return " ".join(capsys.readouterr().out.split())


def train_classifier(capsys: pytest.CaptureFixture[str], encoder: nn.Module, *edits: Edit) -> str:
    """What is printed while the reference trains and tests a classifier of ten classes, eight images each."""
    torch.manual_seed(0)
    names, labels = reference.namespace(*edits), torch.arange(80) % 10
    images = torch.randn(10, 3, 2, 2)[labels] + 0.3 * torch.randn(80, 3, 2, 2)
    loader = [(images[k : k + 16], labels[k : k + 16]) for k in range(0, 80, 16)]
    _, classifier, _ = names["train_classifier"](encoder, nn.Linear(12, 10), loader, 20)
    names["test"](encoder, classifier, loader)
    return " ".join(capsys.readouterr().out.split())


def test_a_real_collapse_ends_where_the_formula_says(capsys: pytest.CaptureFixture[str]) -> None:
    out = train(capsys, Views(), *NO_T, FAST, N=4_000, K=512, epochs=30)
    _, loss = collapse_plateau(512, 64, 4_000, 1.0, 8)
    assert out.count("Doctor") == 1
    assert f"plateau of collapse, {2 * loss:.3f}" in out and "are the scores divided by T?" in out


def test_a_length_of_zero_is_seen_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    no_eps = Edit("contrast", "        l = F.normalize(l, dim=1, eps=1e-7)\n", "        l = l / l.norm(dim=1, keepdim=True)\n")
    out = train(capsys, Views(bias=-1e3), no_eps, epochs=3)
    assert out.count("loss is nan") == 1 and "after epoch 1" in out and "that is what eps is for" in out


def test_units_that_never_fire_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    model = Views()
    model.l, model.ab = nn.Linear(16, 100), nn.Linear(32, 100)
    for layer in (model.l, model.ab):
        nn.init.constant_(layer.bias[:94], -1e3)
    torch.manual_seed(0)
    names, images = reference.namespace(FAST), torch.randn(64, 3, 4, 4)
    loader = [(images[k : k + 8], torch.zeros(8), torch.arange(k, k + 8)) for k in range(0, 64, 8)]
    names["train_cmc"](model, names["CMCScore"](100, 64, 32), names["SoftmaxLoss"](), names["SoftmaxLoss"](), loader, 8)
    out = " ".join(capsys.readouterr().out.split())
    for view in ("L", "ab"):
        assert out.count(f"94% of the features of {view} were 0 for every image") == 1


@pytest.mark.parametrize("mistake", ["no_step", "maximised"])
def test_an_autoencoder_that_does_not_learn(capsys: pytest.CaptureFixture[str], mistake: str) -> None:
    out = train_autoencoder(capsys, *KNOWN[f"train_ae.{mistake}"])
    assert out.count("Doctor") == 1 and "has not gone below its first value" in out


def test_a_classifier_of_dead_features_stays_at_chance(capsys: pytest.CaptureFixture[str]) -> None:
    out = train_classifier(capsys, Zeros())
    assert out.count("ln 10 = 2.303") == 1
    assert "Doctor: 0.100 is what guessing among 10 classes gives" in out


class Zeros(nn.Module):
    """An encoder whose units are all dead."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


def test_right_trainings_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Doctor" not in train_autoencoder(capsys)
    assert "Doctor" not in train_classifier(capsys, nn.Identity(), Edit("classifier", "lr=cfg.cls_lr", "lr=1e-2"))
    assert "Doctor" not in train(capsys, Views(), FAST, epochs=40)


def test_a_model_of_flat_outputs_is_no_classifier() -> None:
    model = nn.Linear(4, 10)
    doctor = Doctor(say=pytest.fail, model=model)
    for epoch in range(20):
        for _ in range(10):
            model(torch.randn(8, 4))
        doctor.look(loss=10 / (1 + epoch))


RUNS = sorted((LESSON / "runs").glob("*.json"))


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_the_references_own_runs_are_left_alone(path: Path) -> None:
    """Of the solved notebook, with several seeds: what was said then, and what today's doctor says of the same curves."""
    table = json.loads(path.read_text())
    cfg = ps8.settings(table["profile"])
    contrast = nn.Module()
    contrast.K, contrast.T = cfg.K, cfg.T  # type: ignore[assignment]
    contrast.memory_l = torch.zeros(cfg.n_unlabeled, cfg.feat_dim)
    for seed, run in table["runs"].items():
        assert run["doctor"] == [], seed
        history = run["cmc_history"]
        doctor = Doctor(pytest.fail, contrast=contrast)
        doctor.images = cfg.n_unlabeled
        for loss, prob_l, prob_ab in zip(history["loss"], history["prob_l"], history["prob_ab"], strict=True):
            doctor.batches, doctor.steps = 24, doctor.steps + 24
            doctor.look(loss=loss, prob_l=prob_l, prob_ab=prob_ab)
        assert not after(run["ae_losses"]) and not after(run["debug_losses"])


def test_there_are_runs_to_look_at() -> None:
    assert {"photo_sample-quick"} <= {path.stem for path in RUNS}
