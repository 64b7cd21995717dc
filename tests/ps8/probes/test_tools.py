"""What the probes share: numbers that follow from a seed, weights by shape, stand-ins, a record of layers."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from ps8.probes.tools import CONVOLUTIONS, Batches, LayerRecord, Numbers, fill, parameter_vector, stand_in, weights
from torch import nn


def test_numbers_follow_from_seed_and_name() -> None:
    a, b = Numbers(3), Numbers(3)
    assert torch.equal(a.normal("x", 2, 3), b.normal("x", 2, 3))
    assert not torch.equal(a.normal("x", 2, 3), a.normal("y", 2, 3))
    assert not torch.equal(a.normal("x", 2, 3), Numbers(4).normal("x", 2, 3))
    assert a.normal("x", 4).dtype == a.uniform("x", 4).dtype == torch.float32


def test_numbers_leave_the_sessions_generators_alone() -> None:
    before = torch.get_rng_state()
    numbers = Numbers(0)
    numbers.normal("x", 5), numbers.uniform("x", 5), numbers.integers("x", 3, 5), numbers.permutation("x", 5)
    assert torch.equal(torch.get_rng_state(), before)


def test_numbers_lie_in_their_ranges() -> None:
    numbers = Numbers(1)
    assert 0.2 <= numbers.number("m", 0.2, 0.4) <= 0.4
    assert sorted(numbers.permutation("p", 9).tolist()) == list(range(9))
    assert set(numbers.integers("i", 3, 100).tolist()) == {0, 1, 2}
    u = numbers.uniform("u", 1000)
    assert u.min() >= 0 and u.max() < 1


def test_weights_depend_on_the_shape_alone() -> None:
    first = [nn.Conv2d(3, 12, 4), nn.Conv2d(12, 24, 4)]
    other = [nn.Conv2d(12, 24, 4), nn.Conv2d(3, 12, 4)]
    fill(nn.Sequential(*first), Numbers(5))
    fill(nn.Sequential(*other), Numbers(5))
    assert torch.equal(first[0].weight, other[1].weight)
    assert first[1].bias is not None and other[0].bias is not None
    assert torch.equal(first[1].bias, other[0].bias)
    assert torch.equal(first[0].weight, weights((12, 3, 4, 4), Numbers(5)))


def test_filled_weights_keep_activations_near_one() -> None:
    layer = fill(nn.Conv2d(12, 48, 4), Numbers(0))
    out = F.relu(layer(torch.randn(4, 12, 16, 16, generator=torch.Generator().manual_seed(0))))
    assert 0.3 < out.std() < 3


def test_a_stand_in_lasts_for_the_block_only() -> None:
    names: dict = {"a": 1}
    with pytest.raises(ValueError), stand_in(names, a=2, b=3):
        assert names == {"a": 2, "b": 3}
        raise ValueError
    assert names == {"a": 1}


@pytest.mark.parametrize("style", ["module", "function", "torch"])
def test_a_layer_is_recorded_however_it_was_written(style: str) -> None:
    layer, x = nn.Conv2d(3, 5, 4, 2, 1), torch.randn(2, 3, 8, 8)
    with LayerRecord(*CONVOLUTIONS) as record:
        if style == "module":
            out = layer(x)
        elif style == "function":
            out = F.conv2d(x, layer.weight, layer.bias, stride=2, padding=1)
        else:
            out = torch.conv2d(x, layer.weight, layer.bias, 2, 1)
    assert len(record.calls) == 1
    given, shape, actual = record.calls[0]
    assert torch.equal(given, x) and shape == (5, 3, 4, 4) and torch.equal(actual, out)
    assert not actual.requires_grad


def test_a_record_is_bounded() -> None:
    layer, x = nn.Conv2d(1, 1, 1), torch.zeros(1, 1, 1, 1)
    with LayerRecord(*CONVOLUTIONS) as record:
        for _ in range(100):
            layer(x)
    assert len(record.calls) == 16


def test_batches_look_like_a_loader() -> None:
    loader = Batches(torch.arange(10), torch.arange(10) * 2, sizes=[4, 4, 2])
    assert len(loader) == 3 and len(loader.dataset) == 10 and loader.batch_size == 4
    assert [len(x) for x, _ in loader] == [4, 4, 2]
    assert torch.equal(torch.cat([y for _, y in loader]), torch.arange(10) * 2)
    assert len(list(loader)) == 3, "a second pass"


def test_state_is_every_parameter_as_it_is_now() -> None:
    model = nn.Linear(2, 3)
    before = parameter_vector(model, model)
    assert before.shape == (18,)
    with torch.no_grad():
        model.weight += 1
    assert not torch.equal(parameter_vector(model, model), before)
