"""The bounds of one kernel, looked at ten times a second: time, CPU, memory, processes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping

from . import usage

_FAIR_SHARE = 2  # threads; who has more than that at work gives way to the other submissions
_PATIENCE = 2.0  # seconds between two counts of them
_NEWS = 0.25  # seconds of CPU after which the host is told again


class Over(Exception):
    """A bound was reached; the message says which, for the student."""


class Bounds:
    """What is left to one kernel.

    Args:
        limits: as `nbjudge.jail.policy.Limits.as_dict` gives them.
        started: when the kernel's time began.
        addresses: bytes of addresses that the kernel process started with.
        group: descriptor of its control group's count of CPU time, None without one.
    """

    def __init__(self, limits: Mapping[str, int], started: float, addresses: int, group: int | None) -> None:
        self.limits = limits
        self.started = started
        self.cpu = usage.CpuMeter(group)
        self.memory = usage.MemoryMeter(limits["memory_bytes"], addresses)
        self.seconds = 0.0  # of CPU, so far
        self.told = 0.0  # of these, what the host knows
        self.cell: int | None = None  # the host's number of the cell that is bounded
        self.until = 0.0  # seconds of CPU when that is over
        self.counted = started  # when busy threads were last counted

    def begin_cell(self, number: int, seconds: float) -> None:
        """Bounds the CPU of what runs from now on."""
        self.seconds = self.cpu.seconds(usage.processes())
        self.cell, self.until = number, self.seconds + seconds

    def cell_is_over(self) -> int | None:
        """The number of a cell that has used up its CPU, said once."""
        if self.cell is None or self.seconds < self.until:
            return None
        number, self.cell = self.cell, None
        return number

    def news(self) -> float | None:
        """Seconds of CPU so far, if the host should know."""
        if self.seconds - self.told < _NEWS:
            return None
        self.told = self.seconds
        return self.seconds

    def check(self) -> None:
        """Look at everything once.

        Raises:
            Over: if a bound of the whole kernel is reached.
        """
        limits = self.limits
        if time.monotonic() - self.started > limits["seconds_per_notebook"]:
            raise Over(f"the notebook ran longer than its {limits['seconds_per_notebook']} seconds")
        pids = usage.processes()
        if len(pids) > limits["processes"]:
            raise Over(f"more than {limits['processes']} processes")
        if self.memory.bytes(pids) > limits["memory_bytes"]:
            raise Over(f"more than {limits['memory_bytes'] >> 20} MiB of memory in all processes together")
        self.seconds = self.cpu.seconds(pids)
        if self.seconds > limits["cpu_seconds"]:
            raise Over("more CPU time than the bound")
        self._keep_fair(pids)

    def _keep_fair(self, pids: list[str]) -> None:
        """Let a submission that keeps many threads busy run only when no other has work."""
        if time.monotonic() - self.counted < _PATIENCE:
            return
        self.counted = time.monotonic()
        threads, busy = usage.busy_threads(pids)
        if busy > _FAIR_SHARE:
            for thread in threads:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, thread, 19)
