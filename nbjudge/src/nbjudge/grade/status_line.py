"""How far a grading is: one line that stays, and notices above it."""

from __future__ import annotations

import contextlib
import sys
import time
from types import TracebackType

from tqdm import tqdm
from tqdm.contrib import DummyTqdmFile

_BAR = "{desc} {n}/{total} submissions |{bar}| {elapsed} gone{postfix}"
_ENOUGH = 3  # submissions to tell the time by


class Progress:
    """The progress line. While it is there, what anybody writes to stderr stands above it; a line less is nobody's failure.

    Args:
        total: of the class.
    """

    def __init__(self, total: int) -> None:
        often = 0.1 if sys.stderr.isatty() else 10.0  # seconds; a log file needs a line now and then
        self._stderr = sys.stderr
        self._bar = tqdm(total=total, desc="grading", bar_format=_BAR, mininterval=often, file=self._stderr)
        self._redirected = contextlib.redirect_stderr(DummyTqdmFile(self._stderr))  # type: ignore[type-var]
        self._since, self._left, self._worked, self._failed = time.monotonic(), total, 0, 0

    def __enter__(self) -> Progress:
        self._redirected.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._redirected.__exit__(kind, error, trace)
        with contextlib.suppress(Exception):
            self._bar.close()

    def work_begins(self) -> None:
        """From here on time is counted: what was found unchanged before took none, and tells nothing of the rest."""
        self._since = time.monotonic()

    def one_more(self, worked: bool = True, failed: bool = False) -> None:
        """Counts a student.

        Args:
            worked: whether there was anything to grade.
            failed: whether it could not be graded.
        """
        self._left -= 1
        self._worked += worked
        self._failed += failed
        with contextlib.suppress(Exception):
            parts = [f"{self._failed} failed", *filter(None, [self.time_left(self._left)])]
            self._bar.set_postfix_str(", ".join(reversed(parts)), refresh=False)
            self._bar.update()

    def time_left(self, students: int) -> str:
        """For how long this many will take at the pace of all that were graded so far; nothing while that cannot be told.

        The mean of all of them, as submissions come in bursts: several at once are run at a time.
        """
        if self._worked < _ENOUGH:
            return ""
        seconds = (time.monotonic() - self._since) / self._worked * students
        return f"{tqdm.format_interval(seconds)} left"

    def say(self, text: str) -> None:
        """Writes a line above."""
        with contextlib.suppress(Exception):
            tqdm.write(text, file=self._stderr)
