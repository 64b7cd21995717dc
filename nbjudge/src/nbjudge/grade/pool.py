"""Where evidence is gathered: on this machine, or on a Dask cluster. Both look like `concurrent.futures`."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nbjudge.assignment import Assignment
from nbjudge.gather import Gathered, gather
from nbjudge.gather.evidence_cache import environment
from nbjudge.grade.warming import warm
from nbjudge.ground import notebooks
from nbjudge.jail.ending import at_an_error, begin_again

ANSWERS = 10.0  # seconds within which a scheduler has to answer at the start
PATIENCE = 300.0  # seconds that a cluster that was there may be without a worker, or its scheduler silent
LOOK = 5.0  # seconds that a look at a cluster may take
AHEAD_OF_A_CLUSTER = 64  # submissions that wait there; more workers than that have more threads than a class has students
_ADDRESS = re.compile(r"\w+://\S+:\d+")
_HOW = "`dask scheduler` starts one and prints its address, such as tcp://host:8786; `dask worker ADDRESS` starts workers."


class PoolLost(RuntimeError):
    """There is nobody left to gather evidence."""


class OtherEnvironment(PoolLost):
    """A worker would gather other evidence than this machine asks for."""


def _none() -> str:
    return ""


@dataclass(frozen=True)
class Pool:
    """Who gathers.

    Attributes:
        submit: gives work, a function and its arguments. A future that comes back cancelled was lost: submit it again.
        ahead: how many submissions are given to it at once; the rest waits here, so that a large class needs no more memory.
        trouble: why nobody is at work just now; nothing if somebody is. Asking mends what can be mended.
        warm: has what takes long at the start begin, and does not wait for it. There will be work.
    """

    submit: Callable[..., Future[Any]]
    ahead: int
    trouble: Callable[[], str] = _none
    warm: Callable[[], object] = _none


class Patience:
    """Waits for a pool that has come to a halt, and says so once; after `PATIENCE` seconds no more.

    Args:
        pool: which.
        say: where to.
    """

    def __init__(self, pool: Pool, say: Callable[[str], None]) -> None:
        self._pool, self._say = pool, say
        self._since: float | None = None

    def at_work(self) -> bool:
        """Whether somebody is at work.

        Raises:
            PoolLost: if nobody has been for too long.
        """
        why = self._pool.trouble()
        if not why:
            if self._since is not None:
                self._say("The cluster is at work again.")
            self._since = None
            return True
        if self._since is None:
            self._since = time.monotonic()
            self._say(f"Waiting for the cluster, up to {PATIENCE:g} seconds: {why}.")
        if time.monotonic() - self._since > PATIENCE:
            raise PoolLost(f"{why}, for {PATIENCE:g} seconds")
        return False


def gather_text(
    text: str, seeds: Mapping[str, int | None], assignment: Assignment, wanted: str, files: Mapping[str, bytes]
) -> Gathered:
    """`gather` on a notebook's text, which crosses to another process or machine. The jail is that machine's own.

    Args:
        text: the repaired notebook.
        seeds: question -> what the inputs of its probe follow from.
        assignment: which the notebook belongs to.
        wanted: the `environment()` that the evidence is asked of.
        files: what the notebook finds in its working directory.

    Raises:
        OtherEnvironment: if it is not this process's.
    """
    if environment(assignment) != wanted:
        raise OtherEnvironment(
            "a worker has another version of this checkout, of Python or of a package than this machine: make them the same"
        )
    assignment.make_ready()
    return gather(notebooks.reads(text), seeds, assignment.limits(), assignment.jail(), files)


@contextmanager
def local(jobs: int, assignment: Assignment) -> Iterator[Pool]:
    """As many kernels at once on this machine. Each is a process of its own; here is but a thread that waits for it."""
    executor = ThreadPoolExecutor(max_workers=jobs)
    try:
        with at_an_error():
            yield Pool(executor.submit, 2 * jobs + 2, warm=lambda: executor.submit(warm, assignment))
    finally:
        executor.shutdown(cancel_futures=True)
        begin_again()


@contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """The workers of a Dask scheduler. They need this package, and bubblewrap where they jail.

    Args:
        address: such as `tcp://host:8786`.

    Raises:
        PoolLost: if no scheduler answers there.
    """
    if not _ADDRESS.fullmatch(address):
        raise PoolLost(f"{address} is no address of a Dask scheduler: {_HOW}")
    there = _Cluster(address)
    try:
        there.connect(ANSWERS)
    except OSError as error:
        raise PoolLost(f"no Dask scheduler answers at {address} ({error}): {_HOW}") from None
    try:
        yield Pool(there.submit, AHEAD_OF_A_CLUSTER, there.trouble)
    finally:
        there.close()


class _Cluster:
    """A connection to a scheduler, made anew when it is lost."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None

    def connect(self, seconds: float) -> None:
        """Connects; raises OSError if nobody answers in time."""
        from distributed import Client

        self.close()
        self._client = Client(self._address, set_as_default=False, timeout=seconds)  # type: ignore[no-untyped-call]
        self._executor = self._client.get_executor(pure=False, retries=3)

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        return self._executor.submit(call, *arguments)  # type: ignore[no-any-return]

    def trouble(self) -> str:
        """Why no worker is at work; nothing if one is."""
        silent = f"the scheduler at {self._address} does not answer"
        try:
            if self._client is None or self._client.status in ("closing", "closed"):
                self.connect(LOOK)
            if self._client.status != "running":  # it connects anew by itself, for a while
                return silent
            told = self._client.sync(self._client.scheduler.identity, callback_timeout=LOOK)
        except Exception:  # a timeout, or one of many errors of a connection that is going
            return silent
        return "" if told["workers"] else f"the scheduler at {self._address} has no worker"

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close(timeout=LOOK)
            self._client = None
