"""1.1 and 1.2: what a stack of convolutions is asked for as a whole: that it learns, and serves whatever it is given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from .activation_criteria import activations
from .layer_criteria import raised, shape
from .layers import LayersOf
from .stacks import (
    Other,
)


def learns(of: LayersOf) -> Callable[[Case], Outcome]:
    """Whether the numbers can be learned: parameters that an optimizer finds, and a graph that leads back to them."""

    def check(case: Case) -> Outcome:
        if "parameters" not in case.actual.arrays:
            return unjudged()
        actual = float(case.actual.arrays["parameters"].ravel()[0])
        layers = case.once(of)
        if actual == 0 and (layers.count or layers.right_output):
            made = any(f"layer{k}.kernel" in case.actual.arrays for k in range(1, layers.count + 1))
            why = "the layers are made anew at each call" if made else "the layers belong to no module that knows of them"
            return Outcome(Severity.NOTHING_LEARNS, f"{_expected(case)}, actual none: {why}")
        frozen = float(case.actual.arrays.get("frozen", np.zeros(1)).ravel()[0])
        if frozen:
            share = Severity.NOTHING_LEARNS if frozen >= actual / 2 else Severity.LEARNS_ELSE
            return Outcome(share, f"{frozen:,.0f} of {actual:,.0f} parameters ask for no gradient, so they never learn")
        reached = float(case.actual.arrays.get("reached", np.zeros(1)).ravel()[0])
        gradient = case.actual.arrays.get("gradient")
        cut = not np.any(gradient) if gradient is not None else "gradient" in case.actual.errors
        if cut and not layers.stack.learns_through and reached == actual:
            return MET  # an image needs no gradient, a code does
        if cut and np.any(case.actual.arrays.get("out", np.zeros(1))):
            return Outcome(Severity.NOTHING_LEARNS, "no gradient comes back through it: is the graph cut off somewhere?")
        if layers.right_output and reached < actual and "reached" in case.actual.arrays:
            share = Severity.NOTHING_LEARNS if reached <= actual / 2 else Severity.LEARNS_ELSE
            return Outcome(share, f"{actual - reached:,.0f} of {actual:,.0f} parameters get no gradient, so they never learn")
        if layers.right_output and _gradient_off(case):
            return Outcome(Severity.LEARNS_ELSE, "part of the gradient does not come back: is the graph cut off somewhere?")
        if layers.right_output and not close(np.array(actual), case.expected.arrays["parameters"]):
            short = actual < case.expected.arrays["parameters"]
            return Outcome(
                Severity.LEARNS_ELSE if short else Severity.NOT_GENERAL,
                f"{_expected(case)}, actual {actual:,.0f}: "
                + ("the others never learn" if short else "some belong to no layer"),
            )
        return MET

    return check


def _gradient_off(case: Case) -> bool:
    """Whether the gradient is another one. Near 0 before a ReLU, rounding turns single entries on and off."""
    actual, expected = case.actual.arrays.get("gradient"), case.expected.arrays["gradient"]
    if actual is None or actual.shape != expected.shape or not np.isfinite(actual).all():
        return True
    return float(np.linalg.norm(actual - expected)) > 0.1 * float(np.linalg.norm(expected))


def same_again(of: LayersOf) -> Callable[[Case], Outcome]:
    """In training mode it gives what it gives in evaluation mode, and it starts from weights that differ."""

    def check(case: Case) -> Outcome:
        none_learn = not np.any(case.actual.arrays.get("parameters", np.ones(1)))
        if case.flag("mode_matters") and (none_learn or activations(of)(case).severity):
            return unjudged()  # something was added between the layers, and that is said there
        return _modes(case)

    return check


def _modes(case: Case) -> Outcome:
    if case.flag("mode_matters"):
        return Outcome(
            Severity.OTHER_NUMBERS, "while training it gives something else: was a dropout or a normalisation added?"
        )
    if case.flag("constant"):
        return Outcome(Severity.OTHER_NUMBERS, "all weights of a layer start with one value: its filters stay alike for ever")
    return MET


def any_batch(of: LayersOf) -> Callable[[Case], Outcome]:
    """A batch of one gives what it gives in a larger one, and the input stays as it is."""

    def check(case: Case) -> Outcome:
        out, one = case.actual.arrays.get("out"), case.actual.arrays.get("out_one")
        if case.flag("input_changed"):
            return Outcome(Severity.NOT_GENERAL, "it changes its input in place: whoever made it still needs it")
        if out is None:
            return unjudged()
        if one is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.actual.errors.get('one', 'nothing came')}")
        if out.ndim and one.size * len(out) == out.size and close(one.ravel(), out[:1].ravel()):
            return MET
        if case.once(of).right_output or one.size * max(len(out), 1) != out.size:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: shape {one.shape}, or other numbers than in a batch of two")
        return unjudged()

    return check


def other_channels(of: LayersOf, other: Other) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        reason = difference(case, other.key, other.call)
        if not reason or raised(case).severity or shape(of)(case).severity:
            return MET if not reason else unjudged()
        actual, expected, layers = case.actual.arrays.get(other.key), case.expected.arrays[other.key], case.once(of)
        if actual is None or layers.right_output:
            return Outcome(other.severity, reason)
        predicted = layers.predicted(other)
        if predicted is not None and actual.size == predicted.size and layers.gets_input():
            same = close(actual.reshape(predicted.shape), predicted)
            reason = "other numbers than its layers give: is its input changed first, or are its weights made anew?"
            return MET if same else Outcome(other.severity, reason)
        first = case.actual.arrays["out"]
        # Not borne out layer by layer: then the shape alone can tell, beside that for the usual channels.
        like = (len(expected), *first.shape[1:]) if not other.last else (len(expected), other.last, *first.shape[2:])
        return MET if actual.shape == like else Outcome(other.severity, reason)

    return check


def _expected(case: Case) -> str:
    return f"expected {int(case.expected.arrays['parameters']):,} parameters"
