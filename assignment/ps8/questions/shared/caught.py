"""Changes to what an answer gives back, and which of its promises its check then finds broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import nn

from ps8.checks.finding import CheckFailed
from ps8.explain.item import Ran
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

# In words -> what is done to the results.
OF_PAIR: dict[str, Callable[[Any], Any]] = {
    "the two results change places": lambda results: (results[1], results[0]),
    "both results are divided by 2": lambda results: tuple(result / 2 for result in results),
    "both results are detached from the graph": lambda results: tuple(result.detach() for result in results),
}
OF_LOSS: dict[str, Callable[[Any], Any]] = {
    "its sign is changed": lambda loss: -loss,
    "1 is added to it": lambda loss: loss + 1,
    "it is detached from the graph": lambda loss: loss.detach(),
}
PASSES = "none: it passes"


def checked(check: Callable[[Namespace], str], name: str, changes: Mapping[str, Callable[[Any], Any]]) -> Callable[..., Ran]:
    """A run that changes what the class `name` gives back, as a change of this name says, and looks what its check finds."""

    def run(namespace: Namespace, numbers: Numbers, change: str) -> Ran:
        with _changed(namespace[name], changes[change]):
            try:
                check(namespace)
            except CheckFailed as failed:
                found = failed.finding
                return Ran(found.cause.partition(".")[2], f"the check expected {found.expected}, actual {found.actual}")
        return Ran("passes", "the check passed")

    return run


@contextmanager
def _changed(cls: type[nn.Module], change: Callable[[Any], Any]) -> Iterator[None]:
    """For a while, another `forward` in the class itself: a class of its own would not do for code that says super(A, self)."""
    own, forward = "forward" in vars(cls), cls.forward
    cls.forward = lambda self, *args, **kwargs: change(forward(self, *args, **kwargs))
    try:
        yield
    finally:
        if own:
            cls.forward = forward
        else:
            del cls.forward
