"""Control groups, where this user may make one: bounds of memory and processes, a count of CPU time. Rlimits hold anyway."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from nbjudge.jail.policy import Limits

ROOT = Path("/sys/fs/cgroup")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Places:
    """Where groups can be made: one folder (version 2) or one for each controller (version 1)."""

    version: int
    memory: Path
    pids: Path | None
    cpu: Path | None = None
    count: Path | None = None  # counts CPU time

    @property
    def name(self) -> str:
        return f"cgroup v{self.version}"


def find_places(root: Path = ROOT, membership: str | None = None) -> Places | None:
    """The folders where this process may make groups that bound memory, or None.

    Args:
        root: where the control groups are mounted.
        membership: text of /proc/self/cgroup, for tests.
    """
    if membership is None:
        with contextlib.suppress(OSError):
            membership = Path("/proc/self/cgroup").read_text()
    own = {}
    for line in (membership or "").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            own[controller] = path.lstrip("/")
    if (root / "cgroup.controllers").exists():
        # A group with processes can have no bounded groups below it, so ours go beside our own.
        beside = (root / own.get("", "")).parent if own.get("") else root
        with contextlib.suppress(OSError):
            if "memory" in (beside / "cgroup.subtree_control").read_text().split() and _can_make(beside):
                return Places(2, beside, beside, beside, beside)
        return None
    memory = root / "memory" / own.get("memory", "")
    if "memory" in own and _can_make(memory):
        others = [(root / name / own[name]).resolve() if name in own else None for name in ("pids", "cpu", "cpuacct")]
        return Places(1, memory, *(path if path and _can_make(path) else None for path in others))
    return None


def _sweep(folder: Path) -> None:
    """Remove the groups of graders that were killed."""
    for path in folder.glob("nbjudge-[0-9]*-[0-9]*"):
        if not Path("/proc", path.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                path.rmdir()


def _can_make(folder: Path) -> bool:
    trial = folder / f"nbjudge-trial-{os.getpid()}"
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        return (trial / "cgroup.procs").exists() and os.access(trial / "cgroup.procs", os.W_OK)
    finally:
        with contextlib.suppress(OSError):
            trial.rmdir()


@functools.cache
def places() -> Places | None:
    """`find_places()`, once."""
    found = find_places()
    for folder in {path for path in (found.memory, found.pids, found.cpu, found.count) if path} if found else ():
        _sweep(folder)
    return found


@dataclass(frozen=True)
class Cgroup:
    """The group of one kernel."""

    places: Places
    name: str

    @classmethod
    def create(cls, limits: Limits) -> Cgroup | None:
        """A group with the bounds of `limits`, or None where there can be none."""
        where = places()
        if where is None:
            return None
        group = cls(where, f"nbjudge-{os.getpid()}-{next(_numbers)}")
        # Files in memory count here: what may be written adds to what may be allocated.
        memory = limits.memory_bytes + 3 * limits.written_bytes + limits.evidence_bytes
        try:
            for folder in group.folders:
                folder.mkdir()
            if where.version == 2:
                (group.folders[0] / "memory.max").write_text(str(memory))
                with contextlib.suppress(OSError):
                    (group.folders[0] / "memory.swap.max").write_text("0")
            else:
                (group.folders[0] / "memory.limit_in_bytes").write_text(str(memory))
            if where.pids is not None:
                with contextlib.suppress(OSError):
                    (where.pids / group.name / "pids.max").write_text(str(limits.processes + 2))
        except OSError:
            group.remove()
            return None
        return group

    @property
    def folders(self) -> list[Path]:
        """Its folder for each controller."""
        # A group for the CPU, with nothing set, shares it fairly between submissions instead of between threads.
        where = self.places
        parents = dict.fromkeys(path for path in (where.memory, where.pids, where.cpu, where.count) if path)
        return [parent / self.name for parent in parents]

    def add(self, pid: int) -> None:
        """Put a process into it, and with it all that it starts later."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(pid))

    @property
    def counts(self) -> bool:
        """Whether it counts the CPU time of all its processes, those that have ended, too."""
        return self.places.count is not None

    def open_count(self) -> int | None:
        """A descriptor of the file with that count; None where there is none."""
        if self.places.count is None:
            return None
        name = "cpu.stat" if self.places.version == 2 else "cpuacct.usage"
        return os.open(self.places.count / self.name / name, os.O_RDONLY | os.O_CLOEXEC)

    def ran_out(self) -> bool:
        """Whether the kernel (the operating system's) had to end a process for lack of memory in this group."""
        with contextlib.suppress(OSError):
            for name in ("memory.events", "memory.oom_control"):
                file = self.folders[0] / name
                if file.exists():
                    rows = dict(line.split() for line in file.read_text().splitlines())
                    return int(rows.get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Delete it; it must be empty, and is once its kernel has ended."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
