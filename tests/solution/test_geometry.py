from __future__ import annotations

import math

import pytest
import torch

from solution.geometry import geometry


def look(l: torch.Tensor, ab: torch.Tensor) -> dict[str, float]:
    """Of features that are given, in two batches."""
    return geometry(lambda rows: (l[rows], ab[rows]), [(rows, None) for rows in torch.arange(len(l)).split(3)])


def test_images_that_all_look_alike() -> None:
    found = look(torch.tensor([[3.0, 4.0]]).expand(5, 2), torch.tensor([[4.0, -3.0]]).expand(5, 2))
    assert (found["alignment"], found["alike_l"], found["uniformity_l"], found["size_l"]) == (0, 1, 0, 5)


def test_images_at_right_angles() -> None:
    """Of unit vectors at right angles the squared distance is 2."""
    found = look(torch.eye(6), 2 * torch.eye(6))
    assert (found["alignment"], found["alike_l"], found["alike_ab"], found["size_ab"]) == (1, 0, 0, 2)
    assert found["uniformity_l"] == pytest.approx(-4, abs=1e-3)


def test_units_that_never_fire_and_images_without_a_feature() -> None:
    features = torch.tensor([[1.0, 0, 0, 0], [1, 2, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]])
    found = look(features, torch.ones(4, 4))
    assert (found["dead_l"], found["blank_l"], found["dead_ab"], found["blank_ab"]) == (0.5, 0.25, 0, 0)
    assert found["alike_l"] == pytest.approx(2 * (1 / math.sqrt(5) + 0 + 2 / math.sqrt(5)) / 12, abs=1e-3)
