"""Ctrl-C while a class is graded: heeded at once, but for a student whose grades are being written; heeded once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class CtrlC:
    """Raises KeyboardInterrupt when it is pressed. Pressed again, while everything ends, it does nothing."""

    def __init__(self) -> None:
        self.pressed = False
        self._held = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        first, self.pressed = not self.pressed, True
        if first and not self._held:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raises it if it was pressed where nobody could heed it."""
        if self.pressed:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is done here comes to its end first."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.check()

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Here it is handled so, as far as this thread may."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self.handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
