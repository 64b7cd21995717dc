"""A student's weights in the reference's layers. Students name layers as they like: order and shapes say which is which."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from autograder.artifacts.words import named, times

State = Mapping[str, np.ndarray]
Layer = dict[str, np.ndarray]  # `weight` and `bias`


class CannotMeasure(ValueError):
    """Weights that do not fit, with the reason in words."""


def fill(reference: nn.Module, state: State) -> None:
    """Puts a student's weights into a network of the reference.

    Args:
        reference: whose parameters these become; on the device `meta` until then.
        state: name -> array, in the order of the student's state_dict.

    Raises:
        CannotMeasure: if there are other layers than the reference has, or a number is not finite.
    """
    wanted = {name: np.broadcast_to(np.float32(0), tensor.shape) for name, tensor in reference.state_dict().items()}
    given = _without_copies(state)
    if not given:
        raise CannotMeasure("there are no weights in it")
    found = _renamed(_layers(given), _layers(wanted))
    for name, array in given.items():
        if not np.isfinite(array).all():
            kind = "NaN" if np.isnan(array).any() else "infinite numbers"
            raise CannotMeasure(f"{named(name)} holds {kind}: that training came apart")
    weights = {name: torch.from_numpy(array.astype(np.float32)) for name, array in found.items()}
    reference.load_state_dict(weights, strict=True, assign=True)


def _without_copies(state: State) -> dict[str, np.ndarray]:
    """Without the second name of a layer that is registered twice, as `self.conv1` and again in a `Sequential`."""
    kept: dict[str, np.ndarray] = {}
    layers = _layers(state)
    seen: list[Layer] = []
    for prefix, layer in layers.items():
        if not any(_same(layer, other) for other in seen):
            seen.append(layer)
            kept.update({f"{prefix}{leaf}": array for leaf, array in layer.items()})
    return kept


def _same(one: Layer, other: Layer) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(array, other[leaf]) for leaf, array in one.items())


def _layers(state: State) -> dict[str, Layer]:
    """Prefix with its dot -> the layer's arrays, in order."""
    layers: dict[str, Layer] = {}
    for name, array in state.items():
        prefix, dot, leaf = name.rpartition(".")
        layers.setdefault(prefix + dot, {})[leaf] = array
    return layers


def _renamed(given: dict[str, Layer], wanted: dict[str, Layer]) -> dict[str, np.ndarray]:
    """The given arrays under the wanted names: layer by layer in order, or by shape where only the order differs."""
    pairs = _in_order(given, wanted) or _by_shape(given, wanted)
    if pairs is None:
        raise CannotMeasure(_first_difference(given, wanted))
    return {f"{theirs}{leaf}": given[ours][leaf] for ours, theirs in pairs.items() for leaf in wanted[theirs]}


def _in_order(given: dict[str, Layer], wanted: dict[str, Layer]) -> dict[str, str] | None:
    if [_shapes(layer) for layer in given.values()] != [_shapes(layer) for layer in wanted.values()]:
        return None
    return dict(zip(given, wanted, strict=True))


def _by_shape(given: dict[str, Layer], wanted: dict[str, Layer]) -> dict[str, str] | None:
    """Pairs up layers of the same shapes within each part (`encoder.`, `encoder_l.`, `cls.`) that both have by name."""
    pairs: dict[str, str] = {}
    for theirs, layer in wanted.items():
        part = _part(theirs)
        fits = [ours for ours, other in given.items() if ours.startswith(part) and _shapes(other) == _shapes(layer)]
        if len(fits) != 1 or fits[0] in pairs:
            return None
        pairs[fits[0]] = theirs
    return pairs if len(pairs) == len(given) else None


def _part(prefix: str) -> str:
    """The beginning of a layer's name that the lesson gives: all before the student's own `layers.0.`."""
    return re.sub(r"layers\.\d+\.$", "", prefix)


def _shapes(layer: Layer) -> dict[str, tuple[int, ...]]:
    return {leaf: array.shape for leaf, array in layer.items()}


def _first_difference(given: dict[str, Layer], wanted: dict[str, Layer]) -> str:
    if len(given) != len(wanted):
        names = ", ".join(named(prefix.rstrip(".")) for prefix in list(given)[:12])
        return f"it has {len(given)} layers, the assignment's network has {len(wanted)}: {names}"
    for (ours, layer), other in zip(given.items(), wanted.values(), strict=True):
        if layer.keys() != other.keys():
            leaves = " and ".join(named(leaf) for leaf in layer)
            return f"the layer {named(ours.rstrip('.'))} has {leaves}, expected {' and '.join(other)}"
        for leaf, array in layer.items():
            if array.shape != other[leaf].shape:
                return _differs(ours + leaf, array, other[leaf])
    raise AssertionError("layers that differ nowhere")


def _differs(name: str, array: np.ndarray, wanted: np.ndarray) -> str:
    return f"{named(name)} has the shape {times(array.shape)}, the assignment's network has {times(wanted.shape)}"
