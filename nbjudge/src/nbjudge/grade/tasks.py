"""What has to be run for a class: each thing once, whoever waits for it, and again where a cluster has lost it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from nbjudge.grade.pool import Patience, Pool

_LOOK = 1.0  # seconds between two looks at whether anybody is at work still


@dataclass
class Task:
    """Something to be run: what, where its result is kept, and who waits for it. Equal submissions share one."""

    call: tuple[Any, ...]
    keep: Callable[[Any], None]
    students: list[str] = field(default_factory=list)
    kept: bool = False


class Tasks:
    """The tasks that are not done yet, each with a name: that of its result in a cache.

    Args:
        check: called now and then while there is nothing to do but to wait; may raise, to end that.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._tasks: dict[str, Task] = {}
        self._queue: deque[str] = deque()  # nobody has begun these
        self._running: dict[Future[Any], str] = {}

    def add(self, name: str, task: Task, student: str) -> None:
        """Adds a task, or who waits for it if it is there already."""
        if name not in self._tasks:
            self._tasks[name] = task
            self._queue.append(name)
        self._tasks[name].students.append(student)

    def done(self, pool: Pool, patience: Patience, most: int) -> Iterator[tuple[str, Task, Future[Any]]]:
        """Has them run, and gives those that are done, until no more than `most` are left.

        Raises:
            PoolLost: if nobody is at work any more.
        """
        at_work = True
        while self._tasks:
            self._check()
            if at_work:
                self._hand_out(pool)
            crowded = len(self._tasks) > most
            wait(self._running, timeout=_LOOK if crowded else 0, return_when=FIRST_COMPLETED)
            ended = [future for future in self._running if future.done()]  # one that was cancelled may not have been told so
            for future in ended:
                name = self._running.pop(future)
                if future.cancelled():  # lost, with the connection to who had it
                    self._queue.append(name)
                else:
                    yield name, self._tasks.pop(name), future
            if not ended and not crowded:
                return
            if not ended or self._queue:
                at_work = patience.at_work()
                if not at_work and not self._running:
                    time.sleep(_LOOK)

    def _hand_out(self, pool: Pool) -> None:
        """Gives out what nobody has begun."""
        while self._queue:
            try:
                future = pool.submit(*self._tasks[self._queue[0]].call)
            except Exception as error:
                if pool.trouble():
                    return
                future = Future()
                future.set_exception(error)
            self._running[future] = self._queue.popleft()
