"""What the processes of a jail use: CPU time, memory, threads. Read from outside of them, so that none of it is a claim."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processes() -> list[str]:
    """The ids of all processes of this PID namespace but the first, those that have ended and were not collected, too.

    In rising order: parents come before the children they will collect, so that nobody's time counts twice.
    """
    return sorted((name for name in os.listdir("/proc") if name.isdigit() and name != "1"), key=int)


class CpuMeter:
    """Seconds of CPU of all processes that this jail ever had, beyond the supervisor's own.

    With a control group the operating system counts. Without one, the living are summed up, and those who ended are found
    in the accounts of who collected them: their parents, or the supervisor. `seccomp` sees to it that they are collected.

    Args:
        group: descriptor of the group's `cpuacct.usage` or `cpu.stat`, None without one.
    """

    def __init__(self, group: int | None) -> None:
        self.group = group
        self.most = 0.0

    def seconds(self, pids: list[str]) -> float:
        """What has been used so far. It never falls, though a process may end between two looks."""
        mine = os.times()
        if self.group is not None:
            now = group_seconds(os.pread(self.group, 4096, 0)) - mine.user - mine.system
        else:
            now = mine.children_user + mine.children_system + sum(map(_cpu, pids))
        self.most = max(self.most, now)
        return self.most


def group_seconds(text: bytes) -> float:
    """Of a control group's file: nanoseconds (version 1), or rows of names and microseconds (version 2)."""
    if text.strip().isdigit():
        return int(text) / 1e9
    return int(dict(row.split() for row in text.splitlines())[b"usage_usec"]) / 1e6


def _cpu(pid: str) -> float:
    return sum(map(int, fields(f"/proc/{pid}/stat")[11:15])) / _TICKS


def fields(path: str) -> list[str]:
    """The fields of a `stat` file behind the program's name: state, parent, …; none if it is gone."""
    try:
        return Path(path).read_text().rpartition(")")[2].split()
    except OSError:
        return []


def busy_threads(pids: list[str]) -> tuple[list[int], int]:
    """The ids of all threads, and how many of them have work."""
    threads = [task for pid in pids for task in _threads(pid)]
    busy = sum(fields(f"/proc/{task}/stat")[:1] == ["R"] for task in threads)
    return [int(task.rpartition("/")[2]) for task in threads], busy


def _threads(pid: str) -> list[str]:
    try:
        return [f"{pid}/task/{name}" for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


# ---- memory

_HELD = ("RssAnon", "RssShmem", "VmSwap", "VmPTE", "HugetlbPages")


class MemoryMeter:
    """Bytes that a jail's processes hold and that do not come from files: resident, swapped, shared, and their page tables.

    Args:
        bound: above it an exact look is worth its time.
        addresses: bytes of them that a process of the jail starts with.
    """

    def __init__(self, bound: int, addresses: int) -> None:
        self.bound = bound
        self.addresses = addresses

    def bytes(self, pids: list[str]) -> int:
        """What they hold together; never less than that, and exact from the bound on."""
        found = [status for pid in pids if (status := _status(pid))]
        used = sum(status.get(name, 0) for status in found for name in _HELD)
        reserved = sum(max(0, status.get("VmSize", 0) - self.addresses) for status in found)
        if reserved > self.bound:  # enough for memory that is shared, written, and in nobody's page tables any more
            used += max(0, _shared_reserved(pids) - sum(status.get("RssShmem", 0) for status in found))
        if used <= self.bound:
            return used
        return sum(map(_proportional, pids)) + _shared_reserved(pids)


def _status(pid: str) -> dict[str, int]:
    """The rows of /proc/PID/status that are in kB, as bytes; none if it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    rows = (line.split() for line in text.splitlines() if line.endswith(" kB"))
    return {row[0][:-1]: int(row[1]) * 1024 for row in rows}


def _proportional(pid: str) -> int:
    """Private memory of a process, with pages that it shares with its relatives divided among them; slower."""
    status = _status(pid)
    tables = status.get("VmPTE", 0)
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:  # not readable here: the upper bound has to do
        return sum(status.get(name, 0) for name in _HELD)
    wanted = ("Pss_Anon:", "SwapPss:")
    return tables + 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(wanted))


def _shared_reserved(pids: list[str]) -> int:
    """Bytes of all shared memory without a name, each once. What was written there stays while anybody has it mapped."""
    sizes: dict[str, int] = {}
    for pid in pids:
        try:
            rows = Path(f"/proc/{pid}/maps").read_text().splitlines()
        except OSError:
            continue
        for row in rows:
            if row.endswith("/dev/zero (deleted)"):
                span, _, offset, device, inode, *_ = row.split()
                start, end = (int(part, 16) for part in span.split("-"))
                name = f"{device} {inode}"
                sizes[name] = max(sizes.get(name, 0), int(offset, 16) + end - start)
    return sum(sizes.values())
