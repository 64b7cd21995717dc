"""1.1 and 1.2: the question that asks for a stack of convolutions."""

from __future__ import annotations

from nbjudge.judge.criteria import Criterion, Question

from .activation_criteria import activations, last_activation
from .judged import asked
from .layer_criteria import geometry, raised, shape, widths
from .layers import LayersOf
from .network_criteria import any_batch, learns, other_channels, same_again
from .stacks import (
    Stack,
)


def question(name: str, of: LayersOf, stack: Stack, texts: dict[str, str]) -> Question:
    """The question that asks for a stack, with what a student reads of its criteria."""
    others = tuple(
        Criterion(other.key, f"other channels: {other.call}", 2 / len(stack.others), other_channels(of, other))
        for other in stack.others
    )
    criteria = (
        Criterion("runs", "it runs", 0, raised),
        Criterion("layers", texts["layers"], 3, geometry(of)),
        Criterion("widths", texts["widths"], 2, widths(of)),
        Criterion("activations", texts["activations"], 1, activations(of)),
        Criterion("last_activation", texts["last"], 1, last_activation(of)),
        Criterion("shape", texts["shape"], 0, shape(of)),
        Criterion("learns", "every parameter can learn", 1, learns(of)),
        Criterion("again", "the same in training mode, from weights that differ", 0, same_again(of)),
        Criterion("batch", "any batch size, and the input stays as it is", 0, any_batch(of)),
        *others,
    )
    return asked(name, criteria, lambda case: case.once(of).borne_out())
