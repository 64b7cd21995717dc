"""1.1 and 1.2: what is asked for behind each layer."""

from __future__ import annotations

from collections.abc import Callable

from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from .layers import MAX_LAYERS, Layers, LayersOf
from .stacks import (
    ACTIVATIONS,
    ADDED,
    DEPTH,
    IDENTITY,
)


def activations(of: LayersOf) -> Callable[[Case], Outcome]:
    """What follows each layer: one other activation, or several, or none at all, which leaves a linear network."""

    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output:
            return MET
        if not layers.count:
            return unjudged()
        if not layers.gets_input():
            return Outcome(Severity.LEARNS_ELSE, f"the first layer does not get the input as it is{layers.input_in_words()}")
        wrong = _wrong_activations(layers)
        if _last_apart(layers):
            wrong = wrong[:-1]  # another deviation, which is paid for there
        if not wrong:
            return MET
        reason = "; ".join(_follows(layers, k) for k in wrong)
        linear = [k for k in wrong if layers.activation[k - 1] is IDENTITY]
        unknown = [k for k in wrong if layers.activation[k - 1] is None]
        severe = len(linear) > 1 or bool(unknown)
        return Outcome(Severity.LEARNS_ELSE if severe else Severity.OTHER_NUMBERS, reason)

    return check


def _wrong_activations(layers: Layers) -> list[int]:
    """The layers that something else follows than was asked for."""
    known = [k for k in range(1, min(layers.count, MAX_LAYERS) + 1) if layers.after(k) is not None]
    # A layer that is none of those asked for stands between two others unseen, and is paid for by their number.
    judged = [k for k in known if layers.count >= DEPTH or layers.activation[k - 1] is not None]
    return [k for k in judged if layers.activation[k - 1] is not layers.activation_asked(k)]


def _last_apart(layers: Layers) -> bool:
    """Whether what follows the last layer is a deviation of its own: off, and otherwise than what is off before it."""
    wrong = _wrong_activations(layers)
    found = [layers.activation[k - 1] for k in wrong]
    return bool(wrong) and wrong[-1] == layers.count and found[-1] not in found[:-1]


def last_activation(of: LayersOf) -> Callable[[Case], Outcome]:
    """What follows the last layer, where that is off in another way than what follows those before it."""

    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output or not layers.count or not layers.gets_input() or not _last_apart(layers):
            return MET
        unknown = layers.activation[layers.count - 1] is None
        return Outcome(Severity.LEARNS_ELSE if unknown else Severity.OTHER_NUMBERS, _follows(layers, layers.count))

    return check


def _follows(layers: Layers, k: int) -> str:
    """In words, what follows a layer in place of its activation."""
    found, asked = layers.activation[k - 1], ACTIVATIONS[layers.activation_asked(k)]
    actual = ACTIVATIONS[found] if found is not None else next((w for w, f in ADDED.items() if layers.is_followed_by(k, f)), "")
    return f"layer {k}: expected {asked} behind it, actual {actual or 'something else, or more'}"
