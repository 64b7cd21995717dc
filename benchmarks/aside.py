"""A way of doing something, in a process of its own, so that what one way sets or keeps does not help or hurt another."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Any

Way = Callable[[], float]

_way: Way | None = None


class Aside:
    """Sets a way up in a new process and runs it there each time it is called; gives what it gives, as a rule seconds.

    Args:
        make: importable; called once in the process, gives the way.
        arguments: of `make`.
    """

    def __init__(self, make: Callable[..., Way], *arguments: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=_set_up, initargs=(make, arguments))

    def __call__(self) -> float:
        return self._pool.submit(_run).result()

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)


def in_turn(ways: Mapping[str, Aside], rounds: int) -> dict[str, list[float]]:
    """Runs each way once to warm up, then all of them in turn, round after round; what each gave, by round."""
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds):
        first = number % len(names)
        order = names[first:] + names[:first]
        for name in order if number % 2 else reversed(order):  # none always comes after the same one
            taken[name].append(ways[name]())
    return taken


def _set_up(make: Callable[..., Way], arguments: tuple[Any, ...]) -> None:
    global _way
    os.environ["PS8_PROFILE"] = "grade"  # the loops then draw nothing; sizes are given to them
    import torch

    torch.set_num_threads(os.cpu_count() or 1)  # as in a notebook, whatever OMP_NUM_THREADS says here
    _way = make(*arguments)


def _run() -> float:
    assert _way is not None
    return _way()
