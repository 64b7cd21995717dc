"""The training doctor: what it says of sick trainings, once, and that it leaves healthy ones alone."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch
from ps8.doctor import Doctor, collapse_plateau, is_quiet, look_at_accuracy, quiet
from torch import Tensor, nn

from autograder.judge import reference
from autograder.judge.reference import Edit

NO_T = (
    Edit("contrast", "(l, self.memory_ab, idx)[:, :, None] / self.T", "(l, self.memory_ab, idx)[:, :, None]"),
    Edit("contrast", "(ab, self.memory_l, idx)[:, :, None] / self.T", "(ab, self.memory_l, idx)[:, :, None]"),
)


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
    assert "Doctor" not in train(capsys, Views(), Edit("train_cmc", "lr=cfg.cmc_lr", "lr=1e-2"))
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
    out = train(capsys, Views(bias), Edit("train_cmc", "lr=cfg.cmc_lr", "lr=1e-2"), epochs=6)
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


def test_a_classifier_at_chance() -> None:
    classifier = nn.Linear(4, 10)
    said: list[str] = []
    doctor = Doctor(said.append, classifier=classifier)
    for _ in range(6):
        for _ in range(10):
            classifier(torch.rand(3, 4))
        doctor.look(loss=10 * math.log(10))
    assert len(said) == 1 and "ln 10 = 2.303" in said[0]


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
