"""One grader at a time in a course: two would write over each other's grades."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = ".lock"  # in `graded/`; the lock is the operating system's, so it ends with the process, however that ends


class Busy(RuntimeError):
    """Another grader works in this course."""


@contextmanager
def only_grader(folder: Path) -> Iterator[None]:
    """Holds a course's lock.

    Args:
        folder: where its file lies; made if need be.

    Raises:
        Busy: saying who has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read().strip() or "another process"
            raise Busy(f"`nbjudge grade` is at work in this course already ({who}): wait for its end, or stop it.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {time.strftime('%H:%M')}")
        file.flush()
        yield
