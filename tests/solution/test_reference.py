from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from solution.autoencoder import Autoencoder, Decoder, Encoder
from solution.contrast import CMCScore, SoftmaxLoss
from solution.experiment import ROWS
from solution.multiview import EncoderCMC, EncoderCMC_Cat
from solution.nce import NCELoss


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("module", "count", "given", "actual"),
    [
        (Encoder(), 42_156, (2, 3, 64, 64), (2, 24, 4, 4)),
        (Decoder(), 42_135, (2, 24, 4, 4), (2, 3, 64, 64)),
        (Autoencoder(), 84_291, (2, 3, 64, 64), (2, 3, 64, 64)),
        (EncoderCMC_Cat(EncoderCMC()), 83_736, (2, 3, 64, 64), (2, 768)),
    ],
    ids=["encoder", "decoder", "autoencoder", "cmc"],
)
def test_parameters_and_shapes(module: nn.Module, count: int, given: tuple[int, ...], actual: tuple[int, ...]) -> None:
    assert parameters(module) == count
    assert module(torch.rand(given)).shape == actual


@pytest.mark.parametrize("K", [0, 1, 2, 15, 16, 17, 256])
def test_equal_scores_give_the_logarithm_of_their_number(K: int) -> None:
    assert SoftmaxLoss()(torch.full((3, K + 1, 1), 0.7)).item() == pytest.approx(math.log(K + 1), abs=1e-6)


def test_first_batch_of_cmc_is_what_the_lesson_predicts() -> None:
    """ln(K+1) + 1 / (2 d T^2) a view, for random unit rows."""
    torch.manual_seed(0)
    contrast = CMCScore(384, 2_000, 256)
    out_l, out_ab = contrast(torch.randn(512, 384), torch.randn(512, 384), torch.arange(512))
    expected = math.log(257) + 1 / (2 * 384 * 0.1**2)
    assert SoftmaxLoss()(out_l).item() == pytest.approx(expected, abs=0.05)
    assert SoftmaxLoss()(out_ab).item() == pytest.approx(expected, abs=0.05)


def test_negatives_never_hold_the_positive_and_reach_every_other_row() -> None:
    contrast = CMCScore(8, 12, 400, T=1.0)
    contrast.memory_ab.copy_(torch.eye(12, 8) + torch.arange(12.0)[:, None])  # rows told apart by their scores
    y = torch.tensor([0, 5, 11])
    bank = contrast.memory_ab.clone()
    l = nn.functional.normalize(torch.rand(3, 8), dim=1)
    out, _ = contrast(l, torch.rand(3, 8), y)
    rows = (out - (l @ bank.T)[:, None, :]).abs().argmin(dim=2)
    assert rows[:, 0].tolist() == y.tolist()
    for negatives, own in zip(rows[:, 1:], y.tolist(), strict=True):
        assert set(negatives.tolist()) == set(range(12)) - {own}


def test_nce_at_chance() -> None:
    """With equal scores p is 1/N for every row, so h = 1 / (1 + K) whatever N is."""
    N, K = 50, 7
    loss = NCELoss(N, K)(torch.full((4, K + 1, 1), 0.3)).item()
    assert loss == pytest.approx(math.log(1 + K) + K * math.log((1 + K) / K), abs=1e-5)


TRAINED = ("ae_losses", "supervised_losses", "cmc_history", "nce_history")
RETAKEN = ("supervised", "cmc_l", "cmc_ab", "cmc", "nce")  # after the autoencoder


def run(out: Path, *arguments: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "solution", "--out", str(out), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.slow
def test_a_run_again_gives_the_same_numbers(tmp_path: Path) -> None:
    results = []
    for name in ("one", "two"):
        assert run(tmp_path / name, "--profile", "grade", "--seeds", "3").returncode == 0
        results.append(json.loads((tmp_path / name / "seed-3" / "results.json").read_text()))
    assert set(results[0]["accuracy"]) == set(ROWS)
    table = json.loads((tmp_path / "one" / "results.json").read_text())
    assert table["accuracy"] == {row: [value] for row, value in results[0]["accuracy"].items()}
    for key in ("accuracy", *TRAINED):
        assert results[0][key] == results[1][key]


@pytest.mark.slow
def test_a_run_goes_on_from_an_earlier_one(tmp_path: Path) -> None:
    folder = tmp_path / "seed-3"
    assert run(tmp_path, "--profile", "grade", "--seeds", "3").returncode == 0
    encoders = [path for path in folder.glob("*.pth") if not path.name.startswith("probe_")]
    written = {path: path.stat().st_mtime_ns for path in encoders}
    first = json.loads((folder / "results.json").read_text())

    stopped = {**first, "seconds": {step: first["seconds"][step] for step in ("baselines", "autoencoder")}}
    (folder / "results.json").write_text(json.dumps({**stopped, "accuracy": {"pixels": 0.25}}))
    assert run(tmp_path, "--profile", "grade", "--seeds", "3", "--reuse").returncode == 0
    again = json.loads((folder / "results.json").read_text())
    assert again["accuracy"] == {"pixels": 0.25} | {row: first["accuracy"][row] for row in RETAKEN}, (
        "measured again from here on"
    )
    assert {key: again[key] for key in TRAINED} == {key: first[key] for key in TRAINED}
    assert {path: path.stat().st_mtime_ns for path in encoders} == written, "none is trained again"

    (folder / "results.json").write_text(json.dumps({**first, "recipe": "original"}))
    assert run(tmp_path, "--profile", "grade", "--seeds", "3", "--reuse").returncode == 0
    other = json.loads((folder / "results.json").read_text())
    assert other["accuracy"] == first["accuracy"] and "ae_losses" not in other, "another recipe's results are not taken over"


def test_missing_data_is_said_in_a_sentence(tmp_path: Path) -> None:
    ran = run(tmp_path / "out", "--profile", "grade", "--data", str(tmp_path / "nowhere"))
    assert ran.returncode == 2
    assert "nowhere" in ran.stderr
    assert "Traceback" not in ran.stderr
