"""The plateau of a collapsed run: its closed form, and the same numbers from the reference's own scores and loss."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from ps8.collapse import collapse_plateau

from solution.contrast import CMCScore, SoftmaxLoss


def collapsed(n: int, N: int, K: int, T: float, d: int) -> CMCScore:
    """A contrast after total collapse: one direction in the n rows of images trained on, noise as made in the others."""
    contrast = CMCScore(d, N, K, T=T)
    for bank in (contrast.memory_l, contrast.memory_ab):
        bank[:n] = direction(d)
    return contrast


def direction(d: int) -> torch.Tensor:
    return F.normalize(torch.randn(d, generator=torch.Generator().manual_seed(d)), dim=0)


def simulate(n: int, N: int, K: int, T: float, d: int = 384, batches: int = 12) -> tuple[float, float]:
    """Mean probability of the positive, and mean loss of both views, over some batches of collapsed features."""
    contrast, criterion = collapsed(n, N, K, T, d), SoftmaxLoss()
    live = 2.5 * direction(d).expand(32, d)
    losses, probabilities = [], []
    for _ in range(batches):
        out_l, out_ab = contrast(live, live, torch.randint(n, (32,)))
        losses.append((criterion(out_l) + criterion(out_ab)).item())
        probabilities.append(out_l.softmax(1)[:, 0].mean().item())
    return sum(probabilities) / batches, sum(losses) / batches


@pytest.mark.parametrize(
    ("n", "probability", "loss"),
    [(10_000, 0.00897, 9.427), (3_000, None, 9.213)],
)
def test_the_known_submission(n: int, probability: float | None, loss: float) -> None:
    """The numbers measured on a submission whose scores lacked the temperature, to every digit given."""
    p, one_view = collapse_plateau(K=256, n=n, N=100_000, T=1.0, d=384)
    assert 2 * one_view == pytest.approx(loss, abs=5e-4)
    if probability is not None:
        assert p == pytest.approx(probability, abs=1e-5)


@pytest.mark.parametrize(("n", "loss"), [(10_000, 6.529), (3_000, 4.218)])
def test_the_number_of_rows_drawn_that_belong_to_images_varies(n: int, loss: float) -> None:
    """With the course's temperature the mean over the draws differs from the loss of a mean draw: 6.563 and 4.325."""
    assert 2 * collapse_plateau(K=256, n=n, N=100_000, T=0.1, d=384)[1] == pytest.approx(loss, abs=1e-3)


@pytest.mark.parametrize(
    ("n", "N", "K", "T", "d"),
    [
        (1_000, 10_000, 256, 1.0, 384),  # a tenth of the rows, as in the known submission
        (300, 10_000, 256, 1.0, 384),
        (2_000, 2_000, 256, 0.1, 384),
        (1_000, 2_000, 512, 0.5, 128),  # half of them, another temperature
    ],
)
def test_a_collapsed_run_scored_by_the_reference(n: int, N: int, K: int, T: float, d: int) -> None:
    """Three digits of the loss, from the reference's scores; the bank, collapsed, stays collapsed through the updates."""
    torch.manual_seed(0)
    p, one_view = collapse_plateau(K, n, N, T, d)
    probability, loss = simulate(n, N, K, T, d)
    assert loss == pytest.approx(2 * one_view, rel=1e-3)
    assert probability == pytest.approx(p, rel=5e-3)


def test_a_collapsed_run_with_few_rows_of_images_scored_by_the_reference() -> None:
    """Seven or eight of 256 rows drawn belong to images, and it matters how many: the loss of a mean draw is 4.325."""
    torch.manual_seed(0)
    p, one_view = collapse_plateau(256, 300, 10_000, 0.1, 384)
    probability, loss = simulate(300, 10_000, 256, 0.1)
    assert loss == pytest.approx(2 * one_view, rel=8e-3)  # three standard errors of 768 draws
    assert probability == pytest.approx(p, rel=5e-2)


def test_a_bank_of_the_right_size_gives_chance() -> None:
    """All rows alike: 1 of K+1, whatever the temperature and the length of the features."""
    for K, T, d in [(256, 0.1, 384), (16, 1.0, 8), (1, 0.07, 128), (0, 0.1, 4)]:
        p, loss = collapse_plateau(K, 500, 500, T, d)
        assert p == pytest.approx(1 / (K + 1))
        assert loss == pytest.approx(math.log(K + 1))


def test_rows_that_no_image_owns_make_collapse_pay() -> None:
    losses = [collapse_plateau(256, n, 10_000, 0.1, 384)[1] for n in (10_000, 5_000, 1_000, 100, 0)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.1 * losses[0]


def test_a_small_temperature_does_not_overflow() -> None:
    p, loss = collapse_plateau(256, 500, 1_000, 1e-3, 10**6)
    assert p == pytest.approx(2 / 257) and math.isfinite(loss)  # the mean of 1 / (1 + M), for M of 256 at one half
    assert math.isfinite(collapse_plateau(256, 500, 1_000, 1e-3, 8)[1])


@pytest.mark.parametrize("wrong", [{"K": -1}, {"n": 11}, {"n": -1}, {"N": 0, "n": 0}, {"T": 0.0}, {"d": 0}])
def test_arguments_out_of_range(wrong: dict) -> None:
    with pytest.raises(ValueError, match="expected K >= 0"):
        collapse_plateau(**{"K": 4, "n": 5, "N": 10, "T": 0.1, "d": 8, **wrong})
