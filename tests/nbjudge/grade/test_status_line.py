from __future__ import annotations

import io
import logging
import sys
import warnings

import pytest
from nbjudge.grade import status_line
from nbjudge.grade.status_line import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(status_line.time, "monotonic", lambda: now[0])
    return now


def test_time_is_told_by_what_was_graded_and_not_by_what_was_unchanged(terminal: Terminal, clock: list[float]) -> None:
    with Progress(200) as bar:
        for _ in range(100):
            bar.one_more(worked=False)
        clock[0] = 5.0
        bar.work_begins()
        assert bar.time_left(100) == ""
        for _ in range(10):
            clock[0] += 6.0
            bar.one_more()
        assert bar.time_left(90) == "09:00 left"


def test_time_left_does_not_swing_when_submissions_come_in_bursts(terminal: Terminal, clock: list[float]) -> None:
    """Four kernels, so four at once every 40 s: ten seconds each."""
    told = []
    with Progress(100) as bar:
        bar.work_begins()
        for done in range(1, 61):
            clock[0] += 40.0 if done % 4 == 1 else 0.1
            bar.one_more()
            if done >= 20:
                minutes, seconds = bar.time_left(100 - done).split()[0].split(":")
                told.append((60 * int(minutes) + int(seconds)) / (100 - done))
    assert max(told) / min(told) < 1.3


def test_notices_stand_above_the_line_and_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(3) as bar:
        bar.one_more()
        print("a notice", file=sys.stderr)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning("a warning", UserWarning, "file.py", 1)
        logging.lastResort.handle(logging.makeLogRecord({"msg": "a log", "levelno": logging.WARNING}))  # type: ignore[union-attr]
        bar.say("a failure")
        bar.one_more()
    assert sys.stderr is terminal
    lines = terminal.getvalue().replace("\r", "\n").split("\n")
    for notice in ("a notice", "a log", "a failure"):
        assert [line for line in lines if notice in line] == [notice]
    assert not any("submissions" in line and "a warning" in line for line in lines)


def test_a_terminal_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Terminal):
        gone = False

        def write(self, text: str) -> int:
            if self.gone:
                raise BrokenPipeError("gone")
            return super().write(text)

    terminal = Gone()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(2) as bar:
        terminal.gone = True
        bar.say("anything")
        bar.one_more()
