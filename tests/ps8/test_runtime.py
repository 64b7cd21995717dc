from __future__ import annotations

import random
import sys
from pathlib import Path
from types import SimpleNamespace

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
    runtime._fault_of.cache_clear()
    monkeypatch.setitem(runtime.GPUS, "mps", lambda: False)
    monkeypatch.delenv("PS8_PROFILE", raising=False)


def test_cpu_is_said_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert get_device() == get_device() == torch.device("cpu")
    assert capsys.readouterr().err.count("No GPU") == 1


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_gpu_that_works_is_taken_silently(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in runtime.GPUS:
        monkeypatch.setitem(runtime.GPUS, kind, lambda kind=kind: kind == name)
    monkeypatch.setattr(runtime, "_trial_step", lambda device: None)
    assert get_device() == torch.device(name)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA driver version is too old"), NotImplementedError("no kernel"), AssertionError()]
)
def test_a_gpu_that_does_not_work_is_told_and_not_taken(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    def fails(device: torch.device) -> None:
        tried.append(device.type)
        raise error

    for kind in runtime.GPUS:
        monkeypatch.setitem(runtime.GPUS, kind, lambda: True)
    monkeypatch.setattr(runtime, "_trial_step", fails)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert get_device() == get_device() == torch.device("cpu")
    assert tried == ["cuda", "mps"]  # once each
    said = capsys.readouterr().err
    assert said.count("A GPU is there (cuda), but a trial step on it fails") == 1 and type(error).__name__ in said
    assert "No GPU" not in said


def test_the_trial_is_a_step_that_any_device_can_take_and_draws_nothing() -> None:
    seed_everything(3)
    wanted = torch.rand(3)
    seed_everything(3)
    assert runtime._fault_of("cpu") == ""
    assert torch.equal(torch.rand(3), wanted)


def test_a_gpu_that_only_seems_to_be_there_fails_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    assert runtime._fault_of("cuda") and get_device() == torch.device("cpu")


def test_in_a_notebook_a_message_is_no_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    kernels = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", kernels)
    runtime.say_once("something to know")
    assert capsys.readouterr() == ("something to know\n", "")


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


class OneC:
    """A C library whose `mallopt` takes blocks up to `most` and tells what it was asked."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked: list[tuple[int, int]] = []

    def mallopt(self, what: int, size: int) -> int:
        self.asked.append((what, size))
        return int(what != runtime.M_MMAP_THRESHOLD or size <= self.most)


@pytest.mark.parametrize(
    ("most", "taken"), [(1 << 40, runtime.KEPT_BLOCK), (runtime.KEPT_BLOCK_OLD, runtime.KEPT_BLOCK_OLD), (0, None)]
)
def test_the_largest_block_that_the_c_library_takes_is_kept(
    monkeypatch: pytest.MonkeyPatch, most: int, taken: int | None
) -> None:
    """What that saves is measured in `benchmarks`: it is the machine's, and not the program's."""
    library = OneC(most)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(runtime.ctypes, "CDLL", lambda name: library)
    assert runtime.keep_memory.__wrapped__() == (taken is not None)
    if taken is not None:
        assert library.asked[-2:] == [(runtime.M_MMAP_THRESHOLD, taken), (runtime.M_TRIM_THRESHOLD, runtime.KEPT_IN_ALL)]


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_nothing_is_kept_where_there_is_no_such_setting(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(runtime.ctypes, "CDLL", lambda name: object())
    assert not runtime.keep_memory.__wrapped__()


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
