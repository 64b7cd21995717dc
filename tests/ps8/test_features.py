from __future__ import annotations

import pytest
import torch
from ps8.features import FeatureLoader
from torch import nn


def features(n: int = 50, seed: int = 0) -> FeatureLoader:
    """Three features of very different size, and a dead one."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn((n, 4), generator=generator) * torch.tensor([1e-3, 1.0, 1e4, 0.0]) + torch.tensor([1.0, -2.0, 3.0, 0.0])
    y = torch.randint(3, (n,), generator=generator)
    batches = [(x[i : i + 20], y[i : i + 20]) for i in range(0, n, 20)]
    return FeatureLoader(nn.Identity(), batches)


def test_it_gives_the_batches_of_the_loader() -> None:
    loader = features()
    assert (len(loader), loader.feat_dim, [len(y) for _, y in loader]) == (3, 4, [20, 20, 10])


def test_shuffled_epochs_differ_and_keep_features_with_their_labels() -> None:
    loader = features()
    loader.shuffle = True
    one, two = (torch.cat([torch.cat((x, y[:, None]), 1) for x, y in loader]) for _ in "12")
    assert not torch.equal(one, two)
    assert {tuple(row) for row in one.tolist()} == {tuple(row) for row in two.tolist()}


def test_standardised() -> None:
    x = features().standardised().features
    torch.testing.assert_close(x.mean(0), torch.zeros(4), atol=2e-3, rtol=0)
    torch.testing.assert_close(x.std(0), torch.tensor([1.0, 1.0, 1.0, 0.0]), atol=1e-3, rtol=0)


def test_held_out_images_by_the_figures_of_the_training_set() -> None:
    train, held_out = features(), features(seed=1)
    mean, spread = train.features.mean(0)[:3], train.features.std(0)[:3]
    torch.testing.assert_close(held_out.standardised(train).features[:, :3], (held_out.features[:, :3] - mean) / spread)


def test_a_unit_dead_in_training_stays_out_of_it() -> None:
    train, held_out = features(), features(seed=1)
    held_out.features[:, 3] = 5.0
    assert (held_out.standardised(train).features[:, 3] == 0).all()


def test_unstandardised_classifier_says_the_same_of_plain_features() -> None:
    train, held_out = features(), features(seed=1)
    cls = nn.Linear(4, 3)
    expected = cls(held_out.standardised(train).features)
    assert train.unstandardise(cls) is cls
    torch.testing.assert_close(cls(held_out.features), expected, atol=2e-3, rtol=1e-3)


def test_part() -> None:
    part = features().part(torch.tensor([4, 2]))
    assert torch.equal(part.features, features().features[[4, 2]])
    assert torch.equal(part.labels, features().labels[[4, 2]])
    assert len(part) == 1


def test_no_batches() -> None:
    with pytest.raises(ValueError, match="no batch"):
        FeatureLoader(nn.Identity(), [])
