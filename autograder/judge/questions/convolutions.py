"""1.1 and 1.2: what the stacks of convolutions are asked for. How their layers are told from the numbers: `layers`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Criterion, Outcome, Question, runs, unjudged
from nbjudge.judge.severity import Severity

from autograder.judge.questions.layers import DECODER_LAYERS, ENCODER_LAYERS, MAX_LAYERS, Layers, LayersOf
from autograder.judge.questions.stacks import (
    ACTIVATIONS,
    ADDED,
    ASKED,
    DECODER_STACK,
    DEPTH,
    ENCODER_STACK,
    IDENTITY,
    Other,
    Stack,
)


def _raised(case: Case) -> Outcome:
    """Whether it runs at all. What ran before something was raised is judged all the same."""
    raised = runs({"build": "it could not be made", "forward": "forward"})(case)
    if raised.severity:
        return raised
    if "out" not in case.got.arrays:
        return Outcome(Severity.CANNOT_RUN, f"forward gives no tensor: {case.error() or 'nothing came'}")
    return MET


def _geometry(of: LayersOf) -> Callable[[Case], Outcome]:
    """How the layers ran. A layer that the numbers do not bear out counts as another one."""

    def check(case: Case) -> Outcome:
        layers = case.once(of)
        if layers.right_output:
            return MET
        if not layers.count:
            known = _raised(case).severity
            return unjudged() if known else Outcome(Severity.LEARNS_ELSE, layers.stack.none_ran)
        wrong = [k for k in range(1, layers.count + 1) if not layers.asked(k)]
        if layers.count != DEPTH:
            if layers.count < DEPTH and _raised(case).severity and not wrong:
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


def _widths(of: LayersOf) -> Callable[[Case], Outcome]:
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


def _shape(of: LayersOf) -> Callable[[Case], Outcome]:
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


def _activations(of: LayersOf) -> Callable[[Case], Outcome]:
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


def _last_activation(of: LayersOf) -> Callable[[Case], Outcome]:
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
    came = ACTIVATIONS[found] if found is not None else next((w for w, f in ADDED.items() if layers.is_followed_by(k, f)), "")
    return f"layer {k}: expected {asked} behind it, got {came or 'something else, or more'}"


def _learns(of: LayersOf) -> Callable[[Case], Outcome]:
    """Whether the numbers can be learned: parameters that an optimizer finds, and a graph that leads back to them."""

    def check(case: Case) -> Outcome:
        if "parameters" not in case.got.arrays:
            return unjudged()
        told = float(case.got.arrays["parameters"].ravel()[0])
        layers = case.once(of)
        if told == 0 and (layers.count or layers.right_output):
            made = any(f"layer{k}.kernel" in case.got.arrays for k in range(1, layers.count + 1))
            why = "the layers are made anew at each call" if made else "the layers belong to no module that knows of them"
            return Outcome(Severity.NOTHING_LEARNS, f"{_expected(case)}, got none: {why}")
        frozen = float(case.got.arrays.get("frozen", np.zeros(1)).ravel()[0])
        if frozen:
            share = Severity.NOTHING_LEARNS if frozen >= told / 2 else Severity.LEARNS_ELSE
            return Outcome(share, f"{frozen:,.0f} of {told:,.0f} parameters ask for no gradient, so they never learn")
        reached = float(case.got.arrays.get("reached", np.zeros(1)).ravel()[0])
        gradient = case.got.arrays.get("gradient")
        cut = not np.any(gradient) if gradient is not None else "gradient" in case.got.errors
        if cut and layers.stack is ENCODER_STACK and reached == told:
            return MET  # an image needs no gradient, a code does
        if cut and np.any(case.got.arrays.get("out", np.zeros(1))):
            return Outcome(Severity.NOTHING_LEARNS, "no gradient comes back through it: is the graph cut off somewhere?")
        if layers.right_output and reached < told and "reached" in case.got.arrays:
            share = Severity.NOTHING_LEARNS if reached <= told / 2 else Severity.LEARNS_ELSE
            return Outcome(share, f"{told - reached:,.0f} of {told:,.0f} parameters get no gradient, so they never learn")
        if layers.right_output and _gradient_off(case):
            return Outcome(Severity.LEARNS_ELSE, "part of the gradient does not come back: is the graph cut off somewhere?")
        if layers.right_output and not close(np.array(told), case.expected.arrays["parameters"]):
            short = told < case.expected.arrays["parameters"]
            return Outcome(
                Severity.LEARNS_ELSE if short else Severity.NOT_GENERAL,
                f"{_expected(case)}, got {told:,.0f}: " + ("the others never learn" if short else "some belong to no layer"),
            )
        return MET

    return check


def _gradient_off(case: Case) -> bool:
    """Whether the gradient is another one. Near 0 before a ReLU, rounding turns single entries on and off."""
    got, expected = case.got.arrays.get("gradient"), case.expected.arrays["gradient"]
    if got is None or got.shape != expected.shape or not np.isfinite(got).all():
        return True
    return float(np.linalg.norm(got - expected)) > 0.1 * float(np.linalg.norm(expected))


def _same_again(of: LayersOf) -> Callable[[Case], Outcome]:
    """In training mode it gives what it gives in evaluation mode, and it starts from weights that differ."""

    def check(case: Case) -> Outcome:
        none_learn = not np.any(case.got.arrays.get("parameters", np.ones(1)))
        if case.flag("mode_matters") and (none_learn or _activations(of)(case).severity):
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


def _any_batch(of: LayersOf) -> Callable[[Case], Outcome]:
    """A batch of one gives what it gives in a larger one, and the input stays as it is."""

    def check(case: Case) -> Outcome:
        out, one = case.got.arrays.get("out"), case.got.arrays.get("out_one")
        if case.flag("input_changed"):
            return Outcome(Severity.NOT_GENERAL, "it changes its input in place: whoever made it still needs it")
        if out is None:
            return unjudged()
        if one is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.got.errors.get('one', 'nothing came')}")
        if out.ndim and one.size * len(out) == out.size and close(one.ravel(), out[:1].ravel()):
            return MET
        if case.once(of).right_output or one.size * max(len(out), 1) != out.size:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: shape {one.shape}, or other numbers than in a batch of two")
        return unjudged()

    return check


def _other_channels(of: LayersOf, other: Other) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        reason = difference(case, other.key, other.call)
        if not reason or _raised(case).severity or _shape(of)(case).severity:
            return MET if not reason else unjudged()
        got, expected, layers = case.got.arrays.get(other.key), case.expected.arrays[other.key], case.once(of)
        if got is None or layers.right_output:
            return Outcome(other.severity, reason)
        predicted = layers.predicted(other)
        if predicted is not None and got.size == predicted.size and layers.gets_input():
            same = close(got.reshape(predicted.shape), predicted)
            reason = "other numbers than its layers give: is its input changed first, or are its weights made anew?"
            return MET if same else Outcome(other.severity, reason)
        first = case.got.arrays["out"]
        # Not borne out layer by layer: then the shape alone can tell, beside that for the usual channels.
        like = (len(expected), *first.shape[1:]) if not other.last else (len(expected), other.last, *first.shape[2:])
        return MET if got.shape == like else Outcome(other.severity, reason)

    return check


def _expected(case: Case) -> str:
    return f"expected {int(case.expected.arrays['parameters']):,} parameters"


def _told(case: Case, key: str) -> str:
    told = case.got.arrays.get(key)
    return f"{told.item():,.0f}" if told is not None and told.size == 1 else "an unknown number of"


def _question(name: str, title: str, of: LayersOf, stack: Stack, texts: dict[str, str]) -> Question:
    others = tuple(
        Criterion(other.key, f"other channels: {other.call}", 2 / len(stack.others), _other_channels(of, other))
        for other in stack.others
    )
    return Question(
        name,
        title,
        name,
        (
            Criterion("runs", "it runs", 0, _raised),
            Criterion("layers", texts["layers"], 3, _geometry(of)),
            Criterion("widths", texts["widths"], 2, _widths(of)),
            Criterion("activations", texts["activations"], 1, _activations(of)),
            Criterion("last_activation", texts["last"], 1, _last_activation(of)),
            Criterion("shape", texts["shape"], 0, _shape(of)),
            Criterion("learns", "every parameter can learn", 1, _learns(of)),
            Criterion("again", "the same in training mode, from weights that differ", 0, _same_again(of)),
            Criterion("batch", "any batch size, and the input stays as it is", 0, _any_batch(of)),
            *others,
        ),
        lambda case: case.once(of).borne_out(),
    )


ENCODER = _question(
    "encoder",
    "1.1 Encoder",
    ENCODER_LAYERS,
    ENCODER_STACK,
    {
        "layers": "four convolutions, 4x4, stride 2, padding 1, with a bias",
        "widths": "12, 24, 48 and 24 output channels: 42,156 parameters",
        "activations": "a ReLU between the layers, and nothing else",
        "last": "a ReLU after the last layer, and nothing else",
        "shape": "an output of shape (batch_size, 24, 4, 4)",
    },
)
DECODER = _question(
    "decoder",
    "1.2 Decoder",
    DECODER_LAYERS,
    DECODER_STACK,
    {
        "layers": "four transposed convolutions, 4x4, stride 2, padding 1, with a bias",
        "widths": "48, 24, 12 and 3 output channels: 42,135 parameters",
        "activations": "a ReLU between the layers, and nothing else",
        "last": "a Sigmoid after the last layer, and nothing else",
        "shape": "an output of shape (batch_size, 3, 64, 64)",
    },
)
