"""1.1 and 1.2: what the layers of a stack of convolutions are asked for. How they are told from the numbers: `layers`."""

from __future__ import annotations

from collections.abc import Callable

from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Outcome, runs, unjudged
from nbjudge.judge.severity import Severity

from .layers import LayersOf
from .stacks import (
    ASKED,
    DEPTH,
)


def raised(case: Case) -> Outcome:
    """Whether it runs at all. What ran before something was raised is judged all the same."""
    found = runs({"build": "it could not be made", "forward": "forward"})(case)
    if found.severity:
        return found
    if "out" not in case.actual.arrays:
        return Outcome(Severity.CANNOT_RUN, f"forward gives no tensor: {case.error() or 'nothing came'}")
    return MET


def geometry(of: LayersOf) -> Callable[[Case], Outcome]:
    """How the layers ran. A layer that the numbers do not bear out counts as another one."""

    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output:
            return MET
        if not layers.count:
            known = raised(case).severity
            return unjudged() if known else Outcome(Severity.LEARNS_ELSE, layers.stack.none_ran)
        wrong = [k for k in range(1, layers.count + 1) if not layers.asked(k)]
        if layers.count != DEPTH:
            if layers.count < DEPTH and raised(case).severity and not wrong:
                return unjudged()
            return Outcome(Severity.LEARNS_ELSE, f"expected {DEPTH} layers, {layers.count} ran")
        if not wrong:
            return MET
        found = layers.geometry[wrong[0] - 1]
        actual = found.words(layers.weight_shape(wrong[0])[2:]) if found else "another one"
        reason = (
            f"layer {', '.join(map(str, wrong))}: expected a 4x4 kernel with stride 2, padding 1 and a bias, actual {actual}"
        )
        only_bias = all(g is not None and g._replace(bias=True) == ASKED for g in layers.geometry) and all(
            layers.weight_shape(k)[2:] == (4, 4) for k in wrong
        )
        if all(layers.padded_before(k) for k in wrong):
            reason = (
                f"layer {', '.join(map(str, wrong))}: expected a padding with zeros, the border is filled with other numbers"
            )
            return Outcome(Severity.OTHER_NUMBERS, reason)
        return Outcome(Severity.OTHER_NUMBERS if only_bias or len(wrong) == 1 else Severity.LEARNS_ELSE, reason)

    return check


def widths(of: LayersOf) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output or not layers.count:
            return MET
        expected, actual = layers.expected_widths(), layers.widths()
        if layers.count != DEPTH:
            return unjudged()  # paid for there
        if actual != expected:
            wrong = sum(a != b for a, b in zip(actual, expected, strict=True))
            return Outcome(
                Severity.OTHER_NUMBERS if wrong == 1 else Severity.LEARNS_ELSE,
                f"expected output channels {expected} ({int(case.expected.arrays['parameters']):,} parameters), "
                f"actual {actual} ({_told(case, 'parameters')} parameters)",
            )
        return MET

    return check


def shape(of: LayersOf) -> Callable[[Case], Outcome]:
    """The shape of the output, with the layers as they are: save what wrong layers explain."""

    def check(case: Case) -> Outcome:
        actual, expected = case.actual.arrays.get("out"), case.expected.arrays["out"]
        if actual is None:
            return unjudged()
        if actual.shape == expected.shape:
            return MET
        reason = f"output: expected shape {expected.shape}, actual {actual.shape}"
        if actual.size == expected.size:
            return Outcome(Severity.OTHER_NUMBERS, reason)
        sides = actual.ndim != 4 or actual.shape[2:] != expected.shape[2:]
        return Outcome(Severity.OTHER_NUMBERS, f"{reason}: what follows does not fit it") if sides else unjudged()

    return check


def _told(case: Case, key: str) -> str:
    recorded = case.actual.arrays.get(key)
    return f"{recorded.item():,.0f}" if recorded is not None and recorded.size == 1 else "an unknown number of"
