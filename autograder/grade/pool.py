"""Where evidence is gathered: on this machine, or on a Dask cluster. Both look like `concurrent.futures`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import nbformat

from autograder import grading
from autograder.gather import Gathered, gather
from autograder.gather.cache import environment
from autograder.jail import Limits

ANSWERS = 10.0  # seconds within which a scheduler has to answer
PATIENCE = 60.0  # seconds that a cluster may be without a worker
AHEAD_OF_A_CLUSTER = 64  # hand-ins that wait there; more workers than that have more threads than a class has students
_ADDRESS = re.compile(r"\w+://\S+:\d+")
_HOW = "`dask scheduler` starts one and prints its address, such as tcp://host:8786; `dask worker ADDRESS` starts workers."


class Executor(Protocol):
    """As much of an executor as is needed."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future: ...


class PoolLost(RuntimeError):
    """There is nobody left to gather evidence."""


class OtherEnvironment(RuntimeError):
    """A worker would gather other evidence than this machine asks for."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Pool:
    """Who gathers.

    Attributes:
        executor: takes the work.
        ahead: how many hand-ins are given to it at once; the rest waits here, so that a large class needs no more memory.
        alive: whether anybody is there to do the work.
    """

    executor: Executor
    ahead: int
    alive: Callable[[], bool] = _always


def gather_text(text: str, seeds: Mapping[str, int], limits: Limits, wanted: str) -> Gathered:
    """`gather` on a notebook's text, which crosses to another process or machine. The jail is that machine's own.

    Args:
        text: the repaired notebook.
        seeds: question -> what the inputs of its probe follow from.
        limits: bounds of the run.
        wanted: the `environment()` that the evidence is asked of.

    Raises:
        OtherEnvironment: if it is not this process's.
    """
    if environment() != wanted:
        raise OtherEnvironment("a worker has another version of this checkout, of Python or of torch: make them the same")
    return gather(nbformat.reads(text, as_version=4), seeds, limits, grading.jail_settings())


@contextmanager
def local(jobs: int) -> Iterator[Pool]:
    """As many kernels at once on this machine. Each is a process of its own; here is but a thread that waits for it."""
    executor = ThreadPoolExecutor(max_workers=jobs)
    try:
        yield Pool(executor, 2 * jobs + 2)
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """The workers of a Dask scheduler. They need this package, and bubblewrap where they jail.

    Args:
        address: such as `tcp://host:8786`.

    Raises:
        PoolLost: if no scheduler answers there.
    """
    from distributed import Client

    if not _ADDRESS.fullmatch(address):
        raise PoolLost(f"{address} is no address of a Dask scheduler: {_HOW}")
    try:
        client = Client(address, set_as_default=False, timeout=ANSWERS)
    except OSError as error:
        raise PoolLost(f"no Dask scheduler answers at {address} ({error}): {_HOW}") from None
    with client:
        yield Pool(client.get_executor(pure=False, retries=3), AHEAD_OF_A_CLUSTER, lambda: _has_workers(client))


def _has_workers(client: Any) -> bool:
    try:
        return client.status == "running" and bool(client.scheduler_info(n_workers=1)["workers"])
    except OSError:  # the scheduler is gone
        return False
