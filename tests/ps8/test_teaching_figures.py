"""The pictures that teach: what they compute, against numbers worked out by hand, and what they say in words."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from ps8.data import STL10
from ps8.features import FeatureLoader
from ps8.figures import (
    Probe,
    receptive_field,
    show_accuracies,
    show_confusions,
    show_neighbours,
    show_receptive_field,
    show_sweep,
    sweep,
)
from torch import Tensor, nn

IMAGES = torch.randint(0, 256, (6, 3, 96, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def _full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PS8_PROFILE", raising=False)


def words(figure: Any) -> str:
    assert figure is not None
    return str(figure._repr_mimebundle_()["text/plain"])


def encoder() -> nn.Module:
    """As the assignment asks for it, with units that never fire: they hide nothing."""
    sizes = (3, 12, 24, 48, 24)
    layers = [layer for i, o in pairwise(sizes) for layer in (nn.Conv2d(i, o, 4, 2, 1), nn.ReLU())]
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for weights in model.parameters():
            weights.copy_(-weights.abs())
    return model


@pytest.mark.parametrize(("place", "rows", "columns"), [((1, 1), (1, 47), (1, 47)), ((0, 2), (0, 31), (17, 63))])
def test_one_number_of_the_code_sees_46_pixels_each_way(
    place: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    field = receptive_field(encoder(), *place)
    wanted = torch.zeros(64, 64, dtype=torch.bool)
    wanted[slice(*rows), slice(*columns)] = True
    assert torch.equal(field, wanted)


def test_what_one_number_sees_is_drawn_and_said() -> None:
    model = encoder()
    before = [weights.clone() for weights in model.parameters()]
    assert "row 2, column 2 of its map: 46×46 of 64×64 pixels, 52% of the picture" in words(
        show_receptive_field(model, IMAGES[0])
    )
    assert all(map(torch.equal, before, model.parameters()))


def a_probe(said: list[int], features: Tensor | None = None) -> Probe:
    return Probe(torch.eye(6) if features is None else features, torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor(said))


def test_a_confusion_is_the_share_of_each_row() -> None:
    probe = a_probe([0, 0, 1, 1, 0, 0])
    assert torch.allclose(probe.confusion(4), torch.tensor([[2, 1, 0, 0], [1.5, 1.5, 0, 0], [3, 0, 0, 0], [0] * 4]) / 3)
    said = words(show_confusions({"CMC": probe}, ["cat", "dog", "deer", "ship"]))
    assert said.endswith("CMC: 29% right, most often mixed up: deer taken for cat (100%)")


def test_a_probe_is_what_a_classifier_says_of_features() -> None:
    batches = [(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 0]))]
    probe = Probe.of(FeatureLoader(nn.Identity(), batches), nn.Linear(2, 2, bias=False).requires_grad_(False))
    weights = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        weights.weight.copy_(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    probe = Probe.of(FeatureLoader(nn.Identity(), batches), weights)
    assert probe.said.tolist() == [1, 0] and probe.labels.tolist() == [0, 0]


def test_neighbours_do_not_depend_on_a_features_unit_nor_on_dead_ones() -> None:
    features = torch.tensor([[1.0, 5.0], [1.1, 5.1], [3.0, 1.0], [3.1, 1.1], [5.0, 3.0], [5.1, 3.1]])
    plain = a_probe([0] * 6, features)
    rescaled = a_probe([0] * 6, torch.cat([features * torch.tensor([1000.0, 0.01]), torch.zeros(6, 1)], dim=1))
    for query, nearest in ((0, 1), (1, 0), (2, 3), (5, 4)):
        assert plain.nearest(query, 1).tolist() == rescaled.nearest(query, 1).tolist() == [nearest]
    assert len(plain.nearest(0, 99)) == 5 and 0 not in plain.nearest(0, 99)


def test_the_neighbours_of_one_query_are_drawn_for_each_encoder() -> None:
    tests = STL10.from_arrays(IMAGES, torch.tensor([0, 0, 0, 1, 1, 2]), classes=("cat", "dog", "deer"))
    near = a_probe([0] * 6, torch.tensor([[1.0, 0.1], [1.0, 0.2], [1.0, 0.0], [-1, 0], [-1, 0.1], [-1, -0.1]]))
    far = a_probe([0] * 6, torch.tensor([[1.0, 0.1], [-1, 0.2], [-1, 0.0], [1, 0.2], [1, 0.05], [-1, -0.1]]))
    figure = show_neighbours(tests, {"CMC": near, "random": far}, k=2)
    assert words(figure) == (
        "An image of the class cat and, for each encoder, its 2 nearest neighbours. Of that class are: 2 for CMC, 0 for random"
    )
    assert figure is not None
    framed = [ax.spines["top"].get_visible() for ax in figure.axes]
    assert framed == [False, True, True, False, False, False]


def test_accuracies_stand_beside_the_bets_that_are_numbers() -> None:
    results = {"accuracy": {"cmc": 0.5, "supervised": 0.4}, "standardised": {"cmc": 0.6}}
    rows = {"supervised": "II   supervised", "cmc": "     CMC", "random_lab": "random"}
    figure = show_accuracies(results, rows, {"cmc": 0.7, "supervised": "0.3 to 0.5", "random_lab": 0.2}, n=100)
    said = words(figure)
    assert "II supervised: 0.400 features as they come; CMC: 0.500 features as they come, 0.600 standardised" in said
    assert said.endswith("your bet 0.7") and "random" not in said
    assert figure is not None
    (ax,) = figure.axes
    ends = [segment[:, 0] for bars in ax.collections for segment in bars.get_segments()]  # type: ignore[attr-defined]
    assert [0.4, 0.6] in [pytest.approx(end.tolist()) for end in ends]  # 0.5 ± 2 sqrt(0.5 * 0.5 / 100)
    for bets in (None, 7, {"cmc": True}):
        assert "your bet" not in words(show_accuracies({}, rows, bets))


def test_a_sweep_gives_closed_forms() -> None:
    n, t = 9, 0.5
    apart = sweep(torch.eye(n), [t], [3, 8])  # the positive has cosine 1, all others 0
    for i, k in enumerate((3, 8)):
        p = math.exp(1 / t) / (math.exp(1 / t) + k)
        assert apart[0][i, 0].item() == pytest.approx(p) and apart[1][i, 0].item() == pytest.approx(-math.log(p))
    alike = sweep(torch.ones(n, n), [0.01, 1.0], [8])
    assert alike[1].flatten().tolist() == pytest.approx([math.log(9)] * 2)  # the plateau, whatever the temperature


def test_a_sweep_agrees_with_the_loss_of_the_training() -> None:
    scores = F.normalize(torch.randn(5, 7), dim=1) @ F.normalize(torch.randn(5, 7), dim=1).T
    _, loss = sweep(scores, [0.2], [4])
    assert loss.item() == pytest.approx(F.cross_entropy(scores / 0.2, torch.arange(5)).item(), rel=1e-5)


def test_a_sweep_is_drawn_of_the_images_that_there_are() -> None:
    class Views(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return x[:, 0].flatten(1), x[:, 1].flatten(1)

    said = words(show_sweep(Views(), [torch.rand(20, 3, 4, 4)], K=16, T=0.1))
    assert "of 20 images. At 0.1: K = 16, probability of the match 0." in said and "K = 64" not in said


def test_nothing_is_computed_while_grading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    nothing: Any = None
    assert show_receptive_field(nothing, nothing) is None
    assert show_confusions({"a": nothing}, []) is None and show_neighbours(nothing, {"a": nothing}) is None
    assert show_accuracies({}, {}) is None and show_sweep(nothing, nothing, 1, 1.0) is None
