"""One jailed kernel as the host holds it: its folders, its orders, what its supervisor says, and its end."""

from __future__ import annotations

import array
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbjudge.jail.cgroups import Cgroup
from nbjudge.jail.exchange import Exchange

_names = itertools.count(1)


def put(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder, by their names, with / between the parts of one.

    Raises:
        ValueError: if a name is not that of a file below the folder.
    """
    for name, content in files.items():
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".", "..") or len(os.fsencode(part)) > 255 for part in parts):
            raise ValueError(f"{name!r} is not the name of a file below its folder")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be nbgrader's, which nobody may write to
        path.write_bytes(content)


@dataclass(frozen=True)
class KernelFolders:
    """The host's folders of one kernel: its sockets, what the judge asks, and the artifacts it starts with."""

    root: Path

    @property
    def sockets(self) -> Path:
        return self.root / "sockets"

    @property
    def challenge(self) -> Path:
        return self.root / "challenge"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @classmethod
    def create(cls, parent: Path, files: Mapping[str, bytes]) -> KernelFolders:
        """Make them below `parent`; `files` maps names, which may lie in folders, to contents.

        Raises:
            ValueError: if a name is not that of a file below its folder.
        """
        folders = cls(parent / str(next(_names)))
        for path in (folders.root, folders.sockets, folders.challenge, folders.files):
            path.mkdir()
        # The parent is the instructor's alone; in the jail the kernel may run as another user.
        folders.sockets.chmod(0o777)
        folders.challenge.chmod(0o755)
        put(files, folders.files)
        return folders

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


class HeldKernel:
    """One jailed kernel as the host holds it: signals, its end, why it ended, and its evidence folder."""

    def __init__(self, link: socket.socket, folders: KernelFolders, cgroup: Cgroup | None) -> None:
        self.link = link
        self.folders = folders
        self.cgroup = cgroup
        self.ready = False
        self.status: int | None = None  # of the kernel process; negative: the signal that ended it
        self.cause: str | None = None  # in words, once it has ended without being told to
        self.pid: int | None = None  # of the supervisor, as the host sees it
        self.pidfd: int | None = None
        self.evidence_fd: int | None = None
        self.ended = False
        self.cell = 0  # how many cells were begun
        self.over_cpu = False  # the last of them has used up its CPU
        self.cpu = 0.0  # seconds of CPU so far, as last heard
        self.owner = os.getpid()

    @property
    def evidence(self) -> Path:
        """The folder the collector writes to. Never call `resolve()` on it: it exists in no mount of the host."""
        return Path(f"/proc/self/fd/{self.evidence_fd}")

    @property
    def sockets(self) -> Path:
        """The host's folder of the kernel's sockets."""
        return self.folders.sockets

    @property
    def exchange(self) -> Exchange:
        """The folders shared with the kernel."""
        return Exchange(self.folders.challenge, self.evidence)

    def read(self) -> bool:
        """Take one message of the supervisor if there is one. False if there was none."""
        try:
            data, control, _, _ = self.link.recvmsg(65536, 1024, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return False
        except OSError:
            data, control = b"", []
        descriptors = list(self._ancillary(control))
        if not data:
            self._finish()
            return True
        message = json.loads(data)
        event = message["event"]
        self.cpu = message.get("cpu", self.cpu)
        if event == "hello":
            self._welcome()
        elif event == "over":
            self.over_cpu = message["cell"] == self.cell  # not one that has ended meanwhile
        elif event == "ready":
            self.ready, self.evidence_fd = True, descriptors.pop()
        elif event == "ended":
            self.status, self.cause = message["status"], _ending(message)
        elif event == "bound":
            self.cause = f"stopped by the grader: {message['why']}"
        elif event == "failed":
            self.cause = f"the jail failed: {message['why']}"
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _welcome(self) -> None:
        """Put the supervisor into its control group, and hand it what counts the group's CPU time."""
        count = None
        if self.cgroup is not None and self.pid is not None:
            self.cgroup.add(self.pid)
            count = self.cgroup.open_count()
        socket.send_fds(self.link, [b'{"signal": 0}'], [] if count is None else [count])
        if count is not None:
            os.close(count)

    def _ancillary(self, control: list[tuple[int, int, bytes]]) -> Iterator[int]:
        for level, kind, payload in control:
            if level != socket.SOL_SOCKET:
                continue
            if kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
                yield from numbers
            elif kind == socket.SCM_CREDENTIALS and self.pid is None:
                pid = struct.unpack("iII", payload[:12])[0]
                if pid > 0:
                    with contextlib.suppress(OSError):
                        self.pidfd = os.pidfd_open(pid)
                        self.pid = pid

    def poll(self) -> int | None:
        """None while the kernel lives, else its exit status."""
        while not self.ended and self.read():
            pass
        if self.pidfd is not None and select.select([self.pidfd], [], [], 0)[0]:
            while not self.ended and self.read():
                pass
            self._finish()
        return (self.status if self.status is not None else 1) if self.ended else None

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel process and the processes of its group."""
        if number == signal.SIGKILL:
            self.kill()
        elif not self.ended:
            with contextlib.suppress(OSError):
                self.link.send(json.dumps({"signal": int(number)}).encode())

    def begin_cell(self, cpu_seconds: float) -> None:
        """Bound the CPU of all processes from now on; `over_cpu` says when it is used up."""
        while not self.ended and self.read():  # what is said of the last cell is not said of this one
            pass
        self.cell, self.over_cpu = self.cell + 1, False
        if not self.ended:
            with contextlib.suppress(OSError):  # its end is noticed by whoever waits for the cell
                self.link.send(json.dumps({"cell": self.cell, "cpu_seconds": cpu_seconds}).encode())

    def begin_to_kill(self) -> None:
        """Have every process of the kernel's jail ended; `pidfd` becomes readable when they are gone."""
        if not self.ended and os.getpid() == self.owner:  # a forked copy of the grader owns no kernels
            while self.read() and not self.ended:  # what it had to say before
                pass
            if self.pidfd is not None:
                with contextlib.suppress(OSError):
                    signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def kill(self, seconds: float = 5.0) -> None:
        """End every process of the kernel's jail and wait until they are gone."""
        self.begin_to_kill()
        if self.pidfd is not None and os.getpid() == self.owner:
            select.select([self.pidfd], [], [], seconds)
        self._finish()

    def _finish(self) -> None:
        if self.ended:
            return
        self.ended = True
        if self.status is None:
            self.status = -signal.SIGKILL
        if self.cgroup is not None and self.cgroup.ran_out():
            self.cause = "stopped by the grader: more memory than the bound"
        self.link.close()  # if the supervisor still lives, this ends it

    def close(self) -> None:
        """End it, and give back what the host holds for it, the evidence too."""
        self.kill()
        for descriptor in (self.pidfd, self.evidence_fd):
            if descriptor is not None:
                os.close(descriptor)
        self.pidfd = self.evidence_fd = None
        if os.getpid() != self.owner:
            return
        if self.cgroup is not None:
            self.cgroup.remove()
        self.folders.remove()


def _ending(message: Mapping[str, Any]) -> str:
    status, told = message["status"], message["stderr"].strip()
    if status == -signal.SIGXCPU:
        return "stopped by the grader: more CPU time than the bound"
    known = -status in set(signal.Signals)  # real-time signals have numbers alone
    name = signal.Signals(-status).name if known else str(-status)
    how = f"by signal {name}" if status < 0 else f"with exit status {status}"
    return f"the kernel ended {how}" + (f": {told[-500:]}" if told else "")
