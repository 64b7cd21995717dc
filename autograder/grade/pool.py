"""Where evidence is gathered: worker processes of this machine, or a Dask cluster. Both look like `concurrent.futures`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import nbformat

from autograder.gather import Gathered
from autograder.jail import Limits, Settings


class Executor(Protocol):
    """As much of an executor as is needed."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future: ...


def gather_text(text: str, seeds: Mapping[str, int], limits: Limits, settings: Settings | None) -> Gathered:
    """`gather` on a notebook's text, which crosses to another process or machine."""
    import torch

    from autograder.gather import gather

    torch.set_num_threads(1)
    return gather(nbformat.reads(text, as_version=4), seeds, limits, settings)


@contextmanager
def local(jobs: int) -> Iterator[Executor]:
    """A pool of processes on this machine, each with a warm parent of its own."""
    context = multiprocessing.get_context("spawn")  # a forked copy of torch's threads could hang
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
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
