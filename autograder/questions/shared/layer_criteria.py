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
    if "out" not in case.got.arrays:
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
        came = found.words(layers.weight_shape(wrong[0])[2:]) if found else "another one"
        reason = f"layer {', '.join(map(str, wrong))}: expected a 4x4 kernel with stride 2, padding 1 and a bias, got {came}"
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
        expected, got = layers.expected_widths(), layers.widths()
        if layers.count != DEPTH:
            return unjudged()  # paid for there
        if got != expected:
            wrong = sum(a != b for a, b in zip(got, expected, strict=True))
            return Outcome(
                Severity.OTHER_NUMBERS if wrong == 1 else Severity.LEARNS_ELSE,
                f"expected output channels {expected} ({int(case.expected.arrays['parameters']):,} parameters), "
                f"got {got} ({_told(case, 'parameters')} parameters)",
            )
        return MET

    return check


def shape(of: LayersOf) -> Callable[[Case], Outcome]:
    """The shape of the output, with the layers as they are: save what wrong layers explain."""

    def check(case: Case) -> Outcome:
        got, expected = case.got.arrays.get("out"), case.expected.arrays["out"]
        if got is None:
            return unjudged()
        if got.shape == expected.shape:
            return MET
        reason = f"output: expected shape {expected.shape}, got {got.shape}"
        if got.size == expected.size:
            return Outcome(Severity.OTHER_NUMBERS, reason)
        sides = got.ndim != 4 or got.shape[2:] != expected.shape[2:]
        return Outcome(Severity.OTHER_NUMBERS, f"{reason}: what follows does not fit it") if sides else unjudged()

    return check


def _told(case: Case, key: str) -> str:
    told = case.got.arrays.get(key)
    return f"{told.item():,.0f}" if told is not None and told.size == 1 else "an unknown number of"
