"""When two accuracies are the same, and how many images that takes."""

from __future__ import annotations

import pytest
import torch
from ps8.data import BatchLoader, load_data
from torch import nn

from autograder.artifacts import held_out_images as images_module
from autograder.artifacts import reevaluation as module
from autograder.artifacts.held_out_images import HeldOut, held_out
from autograder.artifacts.networks import RGB
from autograder.artifacts.reevaluation import TOLERANCE, Measured, measure
from autograder.paths import DATA


def test_all_images_leave_room_for_rounding_only() -> None:
    measured = Measured(0.42, 8_000, 8_000)
    assert measured.agrees(0.42 + TOLERANCE)
    assert measured.agrees(0.42 - TOLERANCE)
    assert not measured.agrees(0.42 + 1.2 * TOLERANCE)


def test_some_images_leave_room_for_chance() -> None:
    measured = Measured(0.42, 1_000, 8_000)
    assert measured.agrees(0.45)
    assert not measured.agrees(0.47)


@pytest.fixture
def networks() -> dict[str, nn.ModuleDict]:
    """Two encoders that were never trained, each with a classifier of its own."""
    made = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for row in ("random_rgb", "autoencoder"):
            network = RGB.network(10).to_empty(device="cpu")
            for parameter in network.parameters():
                nn.init.normal_(parameter, std=0.1)
            made[row] = network.eval()
    return made


def plainly(network: nn.ModuleDict, profile_images: int) -> float:
    """The accuracy, as the lesson's `test` has it."""
    test = load_data(DATA).test.take(profile_images, seed=42)
    right = 0
    with torch.no_grad():
        for x, y in BatchLoader(test, 128, device="cpu"):
            right += int((network["cls"](network["encoder"](x).flatten(1)).argmax(1) == y).sum())
    return right / len(test)


def test_only_what_the_first_images_contradict_is_measured_on_all(
    networks: dict[str, nn.ModuleDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    images = HeldOut(held_out(DATA).data, "a copy of its own")
    for where in (images_module, module):
        monkeypatch.setattr(where, "RESIDENT", 200)
    truth = {row: plainly(network, 1_000) for row, network in networks.items()}
    measured = measure(networks, {"random_rgb": truth["random_rgb"], "autoencoder": 0.9}, images, "quick")
    assert measured["random_rgb"].images == 200
    assert measured["random_rgb"].agrees(truth["random_rgb"])
    assert measured["autoencoder"] == Measured(truth["autoencoder"], 1_000, 1_000)
    assert not measured["autoencoder"].agrees(0.9)


def test_a_profile_measures_on_its_own_images(networks: dict[str, nn.ModuleDict]) -> None:
    actual = measure(networks, {}, held_out(DATA), "grade")["random_rgb"]
    assert actual == Measured(plainly(networks["random_rgb"], 32), 32, 32)


def test_the_grader_is_left_as_it_was(networks: dict[str, nn.ModuleDict]) -> None:
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    measure(networks, {}, held_out(DATA), "grade")
    RGB.network(10)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)  # the judge draws from it in another thread
