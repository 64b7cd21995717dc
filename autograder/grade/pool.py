"""Where evidence is gathered: on this machine, or on a Dask cluster. Both look like `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import nbformat

from autograder.gather import Gathered, gather
from autograder.jail import Limits, Settings


class Executor(Protocol):
    """As much of an executor as is needed."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future: ...


def gather_text(text: str, seeds: Mapping[str, int], limits: Limits, settings: Settings | None) -> Gathered:
    """`gather` on a notebook's text, which crosses to another process or machine."""
    return gather(nbformat.reads(text, as_version=4), seeds, limits, settings)


@contextmanager
def local(jobs: int) -> Iterator[Executor]:
    """As many kernels at once on this machine. Each is a process of its own; here is but a thread that waits for it."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield pool


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask scheduler. They need this package, and bubblewrap where they jail.

    Args:
        address: such as `tcp://host:8786`.
    """
    from distributed import Client

    with Client(address) as client:
        yield client.get_executor(pure=False, retries=3)
