"""The plain way does what ours does, so that their times may be compared."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ps8.data import STL10_CMC, rgb_to_lab
from torch import nn

from benchmarks import original_loops
from solution.autoencoder import Autoencoder
from solution.contrast import CMCScore, SoftmaxLoss
from solution.multiview import EncoderCMC


@pytest.mark.parametrize(
    ("theirs", "ours"), [(original_loops.autoencoder, Autoencoder), (original_loops.ViewEncoders, EncoderCMC)]
)
def test_same_models(theirs: type[nn.Module], ours: type[nn.Module]) -> None:
    model, reference = theirs(), ours()
    for a, b in zip(model.parameters(), reference.parameters(), strict=True):
        a.data.copy_(b.data)
    x = torch.rand(2, 3, 64, 64)
    for a, b in zip(*(out if isinstance(out, tuple) else (out,) for out in (model(x), reference(x))), strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_same_scores_loss_and_banks() -> None:
    ours, theirs = CMCScore(8, 10, 1, T=0.2, momentum=0.3), original_loops.Score(8, 10, 1, T=0.2, momentum=0.3)
    theirs.load_state_dict(ours.state_dict())
    l, ab, y = torch.randn(4, 8), torch.randn(4, 8), torch.tensor([3, 0, 9, 5])
    got, plainly = ours(l, ab, y), theirs(l, ab, y)
    for a, b in zip(got, plainly, strict=True):
        assert a.shape == b.shape and torch.allclose(a[:, 0], b[:, 0], atol=1e-5)  # the negatives are drawn
        assert torch.allclose(SoftmaxLoss()(a), original_loops.softmax_loss(a))
    for name, bank in ours.state_dict().items():
        assert torch.allclose(bank, theirs.state_dict()[name], atol=1e-6)


def test_images_item_by_item() -> None:
    images = torch.randint(0, 256, (3, 3, 96, 96), dtype=torch.uint8)
    dataset = STL10_CMC.from_arrays(images, torch.arange(3))
    items = original_loops.Images(images.numpy(), np.arange(3), original_loops.test_transform())
    x, label, index = items[2]
    assert torch.equal(x, images[2, :, 16:80, 16:80] / 255) and (label, index) == dataset[2][1:]
    lab = original_loops.Images(images.numpy(), np.arange(3), original_loops.training_transform(lab=True))[1][0]
    assert lab.shape == (3, 64, 64) and lab.dtype == torch.float32
    whole = rgb_to_lab(images[1:2])[0]
    crops = whole.unfold(1, 64, 1).unfold(2, 64, 1)  # (3, 33, 33, 64, 64): all crops there are
    off = [(crops - crop[:, None, None]).abs().amax((0, 3, 4)).min() for crop in (lab, lab.flip(2))]
    assert min(off) < 1e-3
