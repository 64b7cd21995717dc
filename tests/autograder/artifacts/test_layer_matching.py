"""Whose layer is which, whatever students call them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autograder.artifacts.layer_matching import CannotMeasure, fill
from autograder.artifacts.networks import LAB, RGB, trained

from .naming import Cat, Named, Views, probe

State = dict[str, np.ndarray]


def arrays(model: nn.Module) -> State:
    return {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}


def outputs(network: nn.ModuleDict, x: Tensor) -> Tensor:
    with torch.no_grad():
        logits: Tensor = network["cls"](network["encoder"](x).flatten(1))
    return logits


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "registered backwards"])
def test_other_names_in_rgb(backwards: bool) -> None:
    theirs, ours = probe(Named(backwards=backwards)), RGB.network(10)
    fill(ours, arrays(theirs))
    x = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(outputs(theirs, x), outputs(ours, x))


@pytest.mark.parametrize(
    "views",
    [Views(), Views(("luma", "chroma")), Views(backwards=True)],
    ids=["given names", "renamed views", "views registered backwards"],
)
def test_other_names_in_lab(views: nn.Module) -> None:
    theirs, ours = probe(Cat(views), 768), LAB.network(10)
    fill(ours, arrays(theirs))
    x = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(outputs(theirs, x), outputs(ours, x))


def test_other_precisions_are_taken_over() -> None:
    ours = RGB.network(10)
    fill(ours, {name: array.astype(np.float64) for name, array in arrays(probe(Named())).items()})
    assert all(p.dtype == torch.float32 for p in ours.parameters())


def test_an_autoencoder_keeps_its_halves_apart() -> None:
    """The last layer of the encoder and the second of the decoder have weights of one shape."""
    source = trained("Autoencoder")
    fill(source, {name: np.full(t.shape, k, np.float32) for k, (name, t) in enumerate(source.state_dict().items())})
    assert [int(t.flatten()[0]) for t in source.state_dict().values()] == list(range(16))


def wrong(change: Callable[[State], object]) -> str:
    """Why a probe cannot be measured after a change to its state."""
    state = arrays(probe(Named(twice=False)))
    change(state)
    with pytest.raises(CannotMeasure) as caught:
        fill(RGB.network(10), state)
    return str(caught.value)


def test_what_does_not_fit_is_named() -> None:
    wider = {"encoder.first.weight": np.zeros((16, 3, 4, 4))}
    assert wrong(lambda s: s.update(wider)) == (
        "`encoder.first.weight` has the shape 16x3x4x4, the assignment's network has 12x3x4x4"
    )
    assert "6 layers, the assignment's network has 5" in wrong(lambda s: s.update({"norm.weight": np.ones(12)}))
    assert "`encoder.last` has `weight`, expected weight and bias" in wrong(lambda s: s.pop("encoder.last.bias"))
    assert "no weights" in wrong(lambda s: s.clear())
    assert "layers" in wrong(lambda s: s.update({"": np.zeros(3)}))


@pytest.mark.parametrize(("value", "said"), [(np.nan, "NaN"), (np.inf, "infinite")])
def test_numbers_that_are_not_finite_are_named(value: float, said: str) -> None:
    bad = {"encoder.third.weight": np.full((48, 24, 4, 4), value)}
    assert wrong(lambda s: s.update(bad)).startswith(f"`encoder.third.weight` holds {said}")


def test_a_name_from_a_student_cannot_break_out_of_its_backticks() -> None:
    said = wrong(lambda s: s.update({"`</code><script>.weight": np.zeros((1, 1))}))
    assert "<" not in said
    assert said.count("`") % 2 == 0
