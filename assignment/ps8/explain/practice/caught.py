"""Changes to what an answer gives back, and which of its promises `ps8.check` then finds broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from ps8.checks import CHECKS, CheckFailed
from ps8.explain.item import Item, Ran, Statement
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

# In words -> what is done to the results.
_PAIR: dict[str, Callable[[Any], Any]] = {
    "the two results change places": lambda results: (results[1], results[0]),
    "both results are divided by 2": lambda results: tuple(result / 2 for result in results),
    "both results are detached from the graph": lambda results: tuple(result.detach() for result in results),
}
_LOSS: dict[str, Callable[[Any], Any]] = {
    "its sign is changed": lambda loss: -loss,
    "1 is added to it": lambda loss: loss + 1,
    "it is detached from the graph": lambda loss: loss.detach(),
}
_PASSES = "none: it passes"


def _checked(question: str, name: str, changes: dict[str, Callable[[Any], Any]]) -> Callable[..., Ran]:
    def run(namespace: Namespace, numbers: Numbers, change: str) -> Ran:
        with _changed(namespace[name], changes[change]):
            try:
                CHECKS[question](namespace)
            except CheckFailed as failed:
                found = failed.finding
                return Ran(found.cause.partition(".")[2], f"the check expected {found.expected}, and got {found.came}")
        return Ran("passes", "the check passed")

    return run


@contextmanager
def _changed(cls: type[nn.Module], change: Callable[[Any], Any]) -> Iterator[None]:
    """For a while, another `forward` in the class itself: a class of its own would not do for code that says super(A, self)."""
    own, forward = "forward" in vars(cls), cls.forward
    cls.forward = lambda self, *args, **kwargs: change(forward(self, *args, **kwargs))  # type: ignore[method-assign]
    try:
        yield
    finally:
        if own:
            cls.forward = forward  # type: ignore[method-assign]
        else:
            del cls.forward


ITEMS = (
    Item(
        Statement(
            "encoder_cmc",
            "caught",
            "your EncoderCMC computes as before, but at the end {change}.",
            "Which of its promises does the check find broken first?",
            {
                "views_swapped": "which feature depends on which channels",
                "features_changed": "what the features are: what the encoders gave, flattened",
                "features_detached": "that a gradient gets from the features to the encoders",
                "passes": _PASSES,
            },
            {"change": tuple(_PAIR)},
        ),
        _checked("encoder_cmc", "EncoderCMC", _PAIR),
        "Dependence, value and gradient are three different things. A wrong order or a cut graph leaves all numbers as they "
        "were, and a training would run without a word.",
    ),
    Item(
        Statement(
            "cmc_score",
            "caught",
            "your CMCScore computes as before, but at the end {change}.",
            "Which of its promises does the check find broken first?",
            {
                "outputs_swapped": "which result depends on which live features and which bank",
                "scale": "how large the scores are at a given temperature",
                "scores_without_gradient": "that a gradient gets from the scores to the live features",
                "passes": _PASSES,
            },
            {"change": tuple(_PAIR)},
        ),
        _checked("cmc_score", "CMCScore", _PAIR),
        "Half the scores are those of twice the temperature. Exchanged or detached scores look right, each by itself; only "
        "a look at what they depend on, or at the gradient, tells.",
    ),
    Item(
        Statement(
            "softmax_loss",
            "caught",
            "your SoftmaxLoss computes the loss as before, but at the end {change}.",
            "What does the check find broken first?",
            {
                "sign": "the sign",
                "value": "the value, in a case that can be worked out by hand",
                "no_gradient": "that the loss has a gradient",
                "passes": _PASSES,
            },
            {"change": tuple(_LOSS)},
        ),
        _checked("softmax_loss", "SoftmaxLoss", _LOSS),
        "With 1 added, training would be the same, for a constant has no gradient; but no sanity number would fit any more. "
        "With the other sign it would go uphill, and detached nowhere.",
    ),
)
