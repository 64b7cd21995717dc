from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from ps8 import runtime
from ps8.data import BatchLoader, load_data, photo_sample
from ps8.features import FeatureLoader
from ps8.runtime import get_device, is_grading, profile, seed_everything
from torch import nn


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_said", set())
    monkeypatch.delenv("PS8_PROFILE", raising=False)


def test_cpu_is_said_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert get_device() == get_device() == torch.device("cpu")
    assert capsys.readouterr().err.count("No GPU") == 1


def test_gpu_is_taken_silently(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert get_device() == torch.device("cuda")
    assert capsys.readouterr().err == ""


def test_seeds_repeat() -> None:
    def draw() -> tuple[float, float, float]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    seed_everything()
    first = draw()
    seed_everything(42)
    assert draw() == first
    seed_everything(43)
    assert all(a != b for a, b in zip(first, draw(), strict=True))


def test_a_loader_begins_anew_where_everything_is_seeded(tmp_path: Path) -> None:
    """A cell with it at its head gives the same when it is run twice."""
    loader = BatchLoader(
        load_data(photo_sample(tmp_path, unlabeled=60, train=40, test=20).parent).unlabeled,
        16,
        crop="random",
        flip=True,
        shuffle=True,
        device="cpu",
        seed=7,
    )
    features = FeatureLoader(nn.Flatten(), loader, shuffle=True)
    next(iter(loader))  # another cell looked at a batch

    def cell() -> list[torch.Tensor]:
        seed_everything(42)
        return [x for x, _ in loader] + [x for x, _ in features.standardised()]

    first, second = cell(), cell()
    assert all(map(torch.equal, first, second))
    seed_everything(43)
    assert not torch.equal(torch.rand(3), torch.rand(3)) and torch.equal(next(iter(loader))[0], first[0])


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seed_out_of_range(seed: int) -> None:
    with pytest.raises(ValueError, match=str(seed)):
        seed_everything(seed)


def test_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert profile() == "full"
    for name in ("full", "quick", "grade"):
        monkeypatch.setenv("PS8_PROFILE", name)
        assert profile() == name
        assert is_grading() == (name == "grade")
    monkeypatch.setenv("PS8_PROFILE", " ")
    assert profile() == "full"
    monkeypatch.setenv("PS8_PROFILE", "fast")
    with pytest.raises(ValueError, match="PS8_PROFILE is 'fast', expected one of: full, quick, grade"):
        profile()


FREE_AND_TAKE = """
import resource, sys, torch
from ps8.runtime import keep_memory
kept = keep_memory() if sys.argv[1] == "keep" else False
for _ in range(5):
    torch.ones(12 << 20)  # 48 MB, freed at once
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.ones(12 << 20)
print(int(kept), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of glibc")
def test_memory_of_a_step_is_kept_for_the_next() -> None:
    """Counted in pages that the system had to hand out again."""
    run = [sys.executable, "-c", FREE_AND_TAKE]
    _, pages = map(int, subprocess.run([*run, "let go"], capture_output=True, text=True, check=True).stdout.split())
    kept, fewer = map(int, subprocess.run([*run, "keep"], capture_output=True, text=True, check=True).stdout.split())
    if not kept:
        pytest.skip("this C library has no such setting")
    assert fewer < pages / 10


def test_one_thread_ends_as_it_began_even_after_an_error() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with pytest.raises(KeyError), runtime.one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
