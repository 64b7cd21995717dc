"""The first process of one kernel's PID namespace: builds its view of the world, starts it, watches it, ends it.

When this process ends, however it ends, Linux kills every process of the namespace. So anything unforeseen here
ends the kernel rather than frees it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from . import linux, student, view
from .bounds import Bounds, Over

_TICK = 0.1  # seconds between two looks at memory and time
_TAIL = 8192  # bytes kept of what the kernel process writes on its raw stderr
_MOST_TOLD = 1 << 20  # bytes read of that; then the pipe fills, and the writer waits
_FIRST_TO_GO = "1000"  # when the machine itself runs out of memory


def run(spec: dict[str, Any], link: socket.socket) -> NoReturn:
    """Live as the supervisor of one kernel. Never returns; the process ends with the kernel.

    Args:
        spec: what the host asked for (see `nbjudge.jail.zygote_host.Zygote.launch`).
        link: the host's connection for this kernel; its end is the order to stop.
    """
    status = 1
    try:
        status = _Supervisor(spec, link).run()
    except BaseException:
        _tell(link, {"event": "failed", "why": traceback.format_exc(limit=8)})
    finally:
        _kill_everyone()
        os._exit(status)


def _tell(link: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None, flags: int = 0) -> None:
    with contextlib.suppress(OSError):  # if the host is gone, there is nobody to tell
        socket.send_fds(link, [json.dumps(message).encode()], descriptors or [], flags)


def _kill_everyone() -> None:
    """Kill every other process of the namespace; those of a PID namespace of its own, never the host's."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)


class _Supervisor:
    def __init__(self, spec: dict[str, Any], link: socket.socket) -> None:
        self.spec = spec
        self.link = link
        self.uid: int = spec["uid"]
        self.started = time.monotonic()
        self.kernel_pid = 0
        self.tail = b""
        self.told = 0

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL)
        linux.prctl(linux.PR_SET_DUMPABLE, 0)  # the student's processes can neither read nor trace this one
        evidence = view.build(self.spec)
        group: list[int] = []
        if self.spec["hold"]:  # the host puts this process into a control group before it forks
            _tell(self.link, {"event": "hello"})
            _, group, _, _ = socket.recv_fds(self.link, 4096, 1)
        self.start_kernel()
        linux.make_read_only(view.SOCKETS)  # the sockets are bound: none of them can become a link to elsewhere now
        _tell(self.link, {"event": "ready", "seconds": time.monotonic() - self.started}, [evidence])
        os.close(evidence)
        addresses = self.spec["addresses_at_start"]
        self.bounds = Bounds(self.spec["limits"], self.started, addresses, group[0] if group else None)
        return self.watch()

    # ---- the kernel

    def start_kernel(self) -> None:
        """Fork the kernel into a user namespace of its own and wait until its sockets are bound."""
        to_child, to_parent = os.pipe(), os.pipe()
        errors = os.pipe()
        self.kernel_pid = os.fork()
        if self.kernel_pid == 0:
            os.close(to_child[1])
            os.close(to_parent[0])
            os.close(errors[0])
            student.become(self.spec, self.link, to_child[0], to_parent[1], errors[1])
        os.close(to_child[0])
        os.close(to_parent[1])
        os.close(errors[1])
        self.errors = errors[0]
        os.set_blocking(self.errors, False)
        self._await(to_parent[0], b"n")
        for kind in ("uid", "gid"):
            Path(f"/proc/{self.kernel_pid}/{kind}_map").write_text(f"1000 {self.uid} 1\n")
        Path(f"/proc/{self.kernel_pid}/oom_score_adj").write_text(_FIRST_TO_GO)
        view.close_proc()
        os.write(to_child[1], b"m")
        self._await(to_parent[0], b"r")
        os.close(to_child[1])
        os.close(to_parent[0])

    def _await(self, descriptor: int, expected: bytes) -> None:
        ready, _, _ = select.select([descriptor], [], [], self.spec["start_seconds"])
        if not ready or os.read(descriptor, 1) != expected:
            time.sleep(0.05)
            self._read_tail()
            raise RuntimeError(f"the kernel did not start: {self.tail.decode(errors='replace') or 'no message'}")

    # ---- the watch

    def watch(self) -> int:
        """Serve the host's orders and hold the bounds until the kernel ends. Returns its exit status."""
        poller = select.poll()
        poller.register(self.link, select.POLLIN | select.POLLHUP)
        poller.register(self.errors, select.POLLIN)
        while True:
            for descriptor, _event in poller.poll(_TICK * 1000):
                if descriptor == self.errors:
                    if not self._read_tail():
                        poller.unregister(self.errors)
                elif not self._obey():
                    return 0
            status = self._reap()
            if status is not None:
                self._read_tail()
                _tell(self.link, {"event": "ended", "status": status, "stderr": self.tail.decode(errors="replace")})
                return 0
            try:
                self.bounds.check()
            except Over as over:
                _tell(self.link, {"event": "bound", "why": str(over), "cpu": self.bounds.seconds})
                return 0
            self._report()

    def _report(self) -> None:
        """Tell the host of a cell that has used up its CPU, and now and then how much has been used in all."""
        over, seconds = self.bounds.cell_is_over(), self.bounds.news()
        if over is not None:
            _tell(self.link, {"event": "over", "cell": over, "cpu": self.bounds.seconds})
        elif seconds is not None:
            _tell(self.link, {"event": "used", "cpu": seconds}, flags=socket.MSG_DONTWAIT)  # the host may be busy

    def _obey(self) -> bool:
        """One order of the host. False when the host has closed the connection: then it is time to go."""
        message = self.link.recv(4096)
        if not message:
            return False
        order = json.loads(message)
        if "cell" in order:
            self.bounds.begin_cell(order["cell"], order["cpu_seconds"])
            return True
        for send in (os.killpg, os.kill):  # the group has the processes that a cell started, too
            try:
                send(self.kernel_pid, int(order["signal"]))
                break
            except OSError:
                continue
        return True

    def _read_tail(self) -> bool:
        try:
            more = os.read(self.errors, 65536)
        except BlockingIOError:
            return True
        self.tail = (self.tail + more)[-_TAIL:]
        self.told += len(more)
        return bool(more) and self.told < _MOST_TOLD

    def _reap(self) -> int | None:
        """Collect ended processes. The kernel's exit status (negative: the signal) once it has ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if pid == self.kernel_pid:
                return os.waitstatus_to_exitcode(status)
