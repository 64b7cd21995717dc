"""Why the course's settings are what they are: the cheaper way that shuffled epochs leave open, and what closes it."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from ps8 import BatchLoader, FeatureLoader, fill_bank, load_data
from ps8.data import STL10_CMC
from ps8.training_doctor import quiet
from torch import Tensor, nn

from solution.autoencoder import Autoencoder, train_ae
from solution.classifier import test, train_classifier
from solution.common import cfg
from solution.contrast import CMCScore, SoftmaxLoss
from solution.multiview import EncoderCMC, EncoderCMC_Cat
from solution.train_cmc import train_cmc

test.__test__ = False  # the reference's measuring function, not one of ours


def floor(K: int) -> float:
    """The loss of both views for whoever knows the age of a row and nothing else, over an epoch that shows each image once."""
    return 2 * ((K + 1) / K * math.log(K + 1) - 1)


def test_views_that_trade_places_each_epoch_reach_the_floor() -> None:
    """L points where ab pointed an epoch ago, and ab where L did: the same for all images, and far below collapse."""
    torch.manual_seed(0)
    n, K = 4_000, 256
    contrast, criterion = CMCScore(8, n, K, momentum=0.0), SoftmaxLoss()
    one, other = torch.eye(8)[:2]
    contrast.memory_l.copy_(one.expand(n, 8))
    contrast.memory_ab.copy_(other.expand(n, 8))
    losses = []
    for rows in torch.randperm(n).split(40):
        out_l, out_ab = contrast(other.expand(40, 8), one.expand(40, 8), rows)
        losses.append((criterion(out_l) + criterion(out_ab)).item())
    assert sum(losses) / len(losses) == pytest.approx(floor(K), abs=0.05)
    assert floor(K) < 2 * math.log(K + 1) - 1.9


class SmallViews(nn.Module):
    """Stands in for `EncoderCMC`: two layers on 8x8 thumbnails, so that a training takes seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.l, self.ab = (
            nn.Sequential(nn.Linear(channels * 64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()) for channels in (1, 2)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        small = F.avg_pool2d(x, 8)
        return self.l(small[:, :1].flatten(1)), self.ab(small[:, 1:].flatten(1))


def alignment_after_one_epoch(images: STL10_CMC, replace: bool, passes: int) -> float:
    """The mean cosine of the live features of an image's two views."""
    torch.manual_seed(0)
    model, contrast, criterion = SmallViews(), CMCScore(128, len(images), K=64), SoftmaxLoss()
    once, loader = (
        BatchLoader(images, 64, crop="random", color="lab", lab_scale="standard", shuffle=True, replace=r, device="cpu")
        for r in (False, replace)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.5, 0.999))
    fill_bank(contrast, model, once, passes)
    for x, _, rows in loader:
        out_l, out_ab = contrast(*model(x), rows)
        loss = criterion(out_l) + criterion(out_ab)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return torch.cat([F.cosine_similarity(*model(x)) for x, *_ in once]).mean().item()


def test_a_filled_bank_and_replacement_let_the_views_meet() -> None:
    """Each of the two alone leaves them a reason to avoid each other."""
    images = load_data().unlabeled.take(1_500, seed=42).indexed()
    found = {
        (replace, passes): alignment_after_one_epoch(images, replace, passes) for replace in (False, True) for passes in (0, 2)
    }
    assert found[False, 0] < 0.05
    assert found[True, 2] > 0.3
    assert found[True, 2] > 2 * max(found[False, 2], found[True, 0])


TRAINING: dict[str, Any] = {"crop": "random", "flip": True, "shuffle": True, "device": "cpu"}


def probed(encoder: nn.Module, **how: Any) -> dict[str, float]:
    """Test accuracy on the photo sample, of the features as they come and of standardised ones."""
    data = load_data()
    seen, unseen = (
        FeatureLoader(encoder, BatchLoader(split.take(1_000), device="cpu", **how), shuffle=True)
        for split in (data.train, data.test)
    )
    plain, fair = nn.Linear(seen.feat_dim, 10), nn.Linear(seen.feat_dim, 10)
    with quiet():
        train_classifier(nn.Identity(), plain, seen, epochs=40)
        train_classifier(nn.Identity(), fair, seen.standardised(), epochs=40)
    return {
        "plain": test(nn.Identity(), plain, unseen),
        "standardised": test(nn.Identity(), seen.unstandardise(fair), unseen),
    }


def contrasted(lab_scale: str, replace: bool, passes: int, epochs: int) -> tuple[EncoderCMC, list[float]]:
    """Encoders trained on 1,500 crops of the photo sample, and the loss by epoch; K is a quarter of the course's, for speed."""
    images = load_data().unlabeled.take(1_500).indexed()
    torch.manual_seed(42)
    model, contrast = EncoderCMC(), CMCScore(cfg.feat_dim, len(images), 64, cfg.T, cfg.momentum)
    once, drawn = (BatchLoader(images, **TRAINING, color="lab", lab_scale=lab_scale, replace=each) for each in (False, replace))
    with quiet():
        fill_bank(contrast, model, once, passes)
        _, history = train_cmc(model, contrast, SoftmaxLoss(), SoftmaxLoss(), drawn, epochs=epochs)
    return model.eval(), history["loss"]


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_the_lesson_holds_on_the_photo_sample() -> None:
    """By five points each: random RGB < autoencoder < CMC with features as they come, random Lab < CMC in both probes."""
    torch.manual_seed(42)
    autoencoder, lab = Autoencoder(), {"color": "lab", "lab_scale": cfg.lab_scale}
    rgb, random_lab = probed(autoencoder.encoder), probed(EncoderCMC_Cat(EncoderCMC()), **lab)
    with quiet():
        train_ae(autoencoder, BatchLoader(load_data().unlabeled.take(1_500), **TRAINING), epochs=30)
    rebuilt = probed(autoencoder.encoder)
    model, losses = contrasted(cfg.lab_scale, cfg.replace, cfg.bank_passes, epochs=14)
    cmc = probed(EncoderCMC_Cat(model), **lab)
    print(rgb, random_lab, rebuilt, cmc, losses)
    assert losses[-1] < floor(64)  # age alone does not explain it
    assert rgb["plain"] + 0.05 < rebuilt["plain"]
    for worse in (rebuilt, random_lab):
        for probe in ("plain", "standardised"):
            assert worse[probe] + 0.05 < cmc[probe]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_under_the_originals_settings_the_views_avoid_each_other() -> None:
    """The cheaper way: the views of an image share nothing, all images share one direction, and the loss is below collapse."""
    model, losses = contrasted("raw", replace=False, passes=0, epochs=8)
    x, *_ = next(iter(BatchLoader(load_data().unlabeled.take(250), 250, color="lab", lab_scale="raw", device="cpu")))
    with torch.no_grad():
        l, ab = (F.normalize(view, dim=1, eps=1e-7) for view in model(x))
    print(losses, (l * ab).sum(1).mean(), (l @ l.T).mean(), (ab @ ab.T).mean())
    assert (l * ab).sum(1).mean() < 0.1
    assert min((l @ l.T).mean(), (ab @ ab.T).mean()) > 0.8
