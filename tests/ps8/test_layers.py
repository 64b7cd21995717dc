from __future__ import annotations

import pytest
import torch
from ps8.layers import layer_table
from torch import nn


def encoder() -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in zip((3, 12, 24, 48), (12, 24, 48, 24), strict=True):
        layers += [nn.Conv2d(before, after, 4, 2, 1), nn.ReLU()]
    return nn.Sequential(*layers)


def cells(table: str) -> list[list[str]]:
    """The rows between the two double lines: name, shape, parameters."""
    body = table.split("=\n")[1].split("\n=")[0]
    return [[row[:20].strip(), row[21:41].strip(), row[42:].strip()] for row in body.splitlines()]


def test_the_encoders_table() -> None:
    table = layer_table(encoder(), (3, 64, 64))
    rows = cells(table)
    assert [row[2] for row in rows] == ["588", "0", "4,632", "0", "18,480", "0", "18,456", "0"]
    assert rows[0] == ["Conv2d-1", "[-1, 12, 32, 32]", "588"]
    assert rows[-1] == ["ReLU-8", "[-1, 24, 4, 4]", "0"]
    assert "Total params: 42,156\nTrainable params: 42,156\nNon-trainable params: 0" in table
    assert {len(line) for line in table.splitlines()[:3]} == {54}


def test_frozen_parameters_are_told_apart() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    model[0].requires_grad_(False)
    assert "Trainable params: 6\nNon-trainable params: 8" in layer_table(model, (3,))


def test_a_layer_called_twice_counts_once() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.act = nn.Linear(3, 3), nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.act(self.layer(self.act(self.layer(x))))

    table = layer_table(Twice(), (3,))
    assert [row[0] for row in cells(table)] == ["Linear-1", "ReLU-2", "Linear-3", "ReLU-4"]
    assert [row[2] for row in cells(table)] == ["12", "0", "0", "0"]
    assert "Total params: 12" in table


def test_several_outputs_and_parameters_beside_layers() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.scale = nn.Linear(4, 2), nn.Parameter(torch.ones(5))

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.layer(x), x

    rows = cells(layer_table(Two(), (4,)))
    assert rows == [["Linear-1", "[-1, 2]", "10"], ["Two-2", "[-1, 2], [-1, 4]", "5"]]


def test_the_model_is_left_as_it_was() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout())
    model[2].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    layer_table(model, (3, 8, 8))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training and model[1].training and not model[2].training
    assert not any(module._forward_hooks for module in model.modules())
    assert torch.equal(torch.get_rng_state(), state)


def test_an_error_in_forward_comes_through_and_hooks_go() -> None:
    model = encoder()
    with pytest.raises(RuntimeError, match="channels"):
        layer_table(model, (1, 64, 64))
    assert model.training and not any(module._forward_hooks for module in model.modules())
