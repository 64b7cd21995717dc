"""The first process of one kernel's PID namespace: builds its view of the world, starts it, watches it, ends it.

When this process ends, however it ends, Linux kills every process of the namespace. So anything unforeseen here
ends the kernel rather than frees it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from autograder.jail.inside import kernel, linux, seccomp

HOME = "/home/student"
SOCKETS = "/run/ps8/sockets"
CHALLENGE, EVIDENCE = "/exchange/challenge", "/exchange/evidence"
HOST_RUN = "/run/ps8/host"  # the host's folder of all kernels; gone from a kernel's view before it starts
_COVERED = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi")
_EMPTIED = ("/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/kcore", "/proc/kmsg", "/proc/kallsyms")
_TICK = 0.1  # seconds between two looks at memory and time
_TAIL = 8192  # bytes kept of what the kernel process writes on its raw stderr
_FAIR_SHARE = 2  # threads; who has more than that at work gives way to the other hand-ins
_PATIENCE = 2.0  # seconds between two counts of them
_MOST_TOLD = 1 << 20  # bytes read of that; then the pipe fills, and the writer waits


class _Over(Exception):
    """A bound was reached; the message says which, for the student."""


def run(spec: dict[str, Any], link: socket.socket) -> NoReturn:
    """Live as the supervisor of one kernel. Never returns; the process ends with the kernel.

    Args:
        spec: what the host asked for (see `autograder.jail.zygote.Zygote.launch`).
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


def _tell(link: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    with contextlib.suppress(OSError):  # if the host is gone, there is nobody to tell
        socket.send_fds(link, [json.dumps(message).encode()], descriptors or [])


def _kill_everyone() -> None:
    """Kill every other process of the namespace; those of a PID namespace of its own, never the host's."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)


class _Supervisor:
    def __init__(self, spec: dict[str, Any], link: socket.socket) -> None:
        self.spec = spec
        self.link = link
        self.limits: dict[str, int] = spec["limits"]
        self.uid: int = spec["uid"]
        self.started = time.monotonic()
        self.kernel_pid = 0
        self.tail = b""
        self.told = 0
        self.counted = self.started  # when busy threads were last counted

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL)
        linux.prctl(linux.PR_SET_DUMPABLE, 0)  # the student's processes can neither read nor trace this one
        evidence = self.build_view()
        if self.spec["hold"]:  # the host puts this process into a control group before it forks
            _tell(self.link, {"event": "hello"})
            self.link.recv(4096)
        self.start_kernel()
        linux.make_read_only(SOCKETS)  # the sockets are bound: none of them can become a link to elsewhere now
        _tell(self.link, {"event": "ready", "seconds": time.monotonic() - self.started}, [evidence])
        os.close(evidence)
        return self.watch()

    # ---- the view

    def build_view(self) -> int:
        """Fresh mounts, network and names for this kernel; returns an open descriptor of its evidence folder."""
        linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET | linux.CLONE_NEWUTS | linux.CLONE_NEWCGROUP)
        linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
        linux.set_hostname("ps8")
        own = f"{HOST_RUN}/{self.spec['name']}"
        files = Path(own, "files")
        size, owner = self.limits["written_bytes"], {"uid": self.uid, "gid": self.uid}
        kept = {place: os.open(place, os.O_PATH | os.O_CLOEXEC) for place in self.spec["kept"]}
        carried = sum(file.stat().st_size for file in files.iterdir())
        linux.bind(f"{own}/sockets", SOCKETS, read_only=False)
        linux.bind(f"{own}/challenge", CHALLENGE, read_only=True)
        linux.tmpfs("/tmp", size, mode=0o1777, **owner)
        linux.tmpfs(HOME, size + carried + 4096 * 64, **owner)
        linux.tmpfs("/dev/shm", size, mode=0o1777, **owner)
        for place, handle in kept.items():
            _show_again(place, handle)
        linux.tmpfs(EVIDENCE, self.limits["evidence_bytes"], inodes=256, **owner)
        linux.mount("devpts", "/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=666")
        work = Path(HOME, self.spec["folder"])
        work.mkdir()
        os.chown(work, self.uid, self.uid)
        for file in files.iterdir():
            shutil.copyfile(file, work / file.name)
            os.chown(work / file.name, self.uid, self.uid)
        linux.unmount(HOST_RUN)
        self._fresh_proc()
        return os.open(EVIDENCE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _fresh_proc(self) -> None:
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        for path in _COVERED:  # as root of the host, these would be writable without any capability
            if os.path.exists(path):
                linux.bind(path, path, read_only=True)
        for path in _EMPTIED:
            if os.path.exists(path):
                linux.bind("/dev/null", path, read_only=False)

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
            _become_student(self.spec, self.link, to_child[0], to_parent[1], errors[1])
        os.close(to_child[0])
        os.close(to_parent[1])
        os.close(errors[1])
        self.errors = errors[0]
        os.set_blocking(self.errors, False)
        self._await(to_parent[0], b"n")
        self._map_user()
        os.write(to_child[1], b"m")
        self._await(to_parent[0], b"r")
        os.close(to_child[1])
        os.close(to_parent[0])

    def _map_user(self) -> None:
        for kind in ("uid", "gid"):
            Path(f"/proc/{self.kernel_pid}/{kind}_map").write_text(f"1000 {self.uid} 1\n")

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
                self._check()
            except _Over as over:
                _tell(self.link, {"event": "bound", "why": str(over)})
                return 0

    def _obey(self) -> bool:
        """One order of the host. False when the host has closed the connection: then it is time to go."""
        order = self.link.recv(4096)
        if not order:
            return False
        number = int(json.loads(order)["signal"])
        for send in (os.killpg, os.kill):  # the group has the processes that a cell started, too
            try:
                send(self.kernel_pid, number)
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

    def _check(self) -> None:
        seconds = self.limits["seconds_per_notebook"]
        if time.monotonic() - self.started > seconds:
            raise _Over(f"the notebook ran longer than its {seconds} seconds")
        pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
        if len(pids) > self.limits["processes"]:
            raise _Over(f"more than {self.limits['processes']} processes")
        used = sum(_resident(pid) for pid in pids)
        if used > self.limits["memory_bytes"]:
            used = sum(_proportional(pid) for pid in pids)
            if used > self.limits["memory_bytes"]:
                raise _Over(f"more than {self.limits['memory_bytes'] >> 20} MiB of memory in all processes together")
        cpu = sum(os.times()[2:4]) + sum(_cpu(pid) for pid in pids)
        if cpu > self.limits["cpu_seconds"]:
            raise _Over(f"more than {self.limits['cpu_seconds']} seconds of CPU")
        self._keep_fair(pids)

    def _keep_fair(self, pids: list[str]) -> None:
        """Let a hand-in that keeps many threads busy run only when no other has work."""
        if time.monotonic() - self.counted < _PATIENCE:
            return
        self.counted = time.monotonic()
        threads = [task for pid in pids for task in _threads(pid)]
        if sum(_fields(f"/proc/{task}/stat")[:1] == ["R"] for task in threads) > _FAIR_SHARE:
            for task in threads:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, int(task.rpartition("/")[2]), 19)


def _show_again(place: str, handle: int) -> None:
    """Put a part of the Python environment back where a fresh folder has just covered it. Closes `handle`."""
    source, target = f"/proc/self/fd/{handle}", Path(place)
    for parent in reversed(target.parents):
        if not parent.exists():
            parent.mkdir(mode=0o111)  # there, but not to be listed
    target.mkdir(exist_ok=True) if os.path.isdir(source) else target.touch()
    linux.bind(source, place, read_only=True)
    os.close(handle)


def _threads(pid: str) -> list[str]:
    try:
        return [f"{pid}/task/{name}" for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def _fields(path: str) -> list[str]:
    """The fields of a `stat` file behind the program's name: state, parent, …; none if it is gone."""
    try:
        return Path(path).read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _resident(pid: str) -> int:
    """Resident bytes of a process that do not come from files (an upper bound: shared pages count each time)."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    total = 0
    for line in text.splitlines():
        if line.startswith(("RssAnon:", "RssShmem:", "VmSwap:")):
            total += int(line.split()[1])
    return total * 1024


def _proportional(pid: str) -> int:
    """The same with shared pages divided among those who share them; slower."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:  # not readable here: the upper bound has to do
        return _resident(pid)
    wanted = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    return 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(wanted))


def _cpu(pid: str) -> float:
    return sum(map(int, _fields(f"/proc/{pid}/stat")[11:15])) / os.sysconf("SC_CLK_TCK")


def _become_student(spec: dict[str, Any], link: socket.socket, orders: int, news: int, errors: int) -> NoReturn:
    """In the forked child: give up every privilege, then be the kernel. Never returns."""
    try:
        link.close()
        os.setsid()
        linux.unshare(linux.CLONE_NEWUSER)
        os.write(news, b"n")
        if os.read(orders, 1) != b"m":
            os._exit(70)
        os.setresgid(1000, 1000, 1000)
        os.setresuid(1000, 1000, 1000)
        _only_descriptors(orders, news, errors)
        linux.drop_capabilities()
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # its own /proc/self is its own to read
        if spec["filter_calls"]:
            seccomp.install()
        limits = dict(spec["limits"])
        memory = limits["memory_bytes"] + spec["memory_at_start"]
        kernel.set_limits(limits, memory=memory, processes=spec["rlimit_processes"])
        _clean_state(spec)
        kernel.serve(f"{SOCKETS}/k", spec["key"], lambda: _ready(orders, news))
        os._exit(0)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
        os._exit(70)


def _only_descriptors(orders: int, news: int, errors: int) -> None:
    """Keep stdin, stdout and stderr, set to nothing and to the supervisor's pipe, and the two pipes of the start."""
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(errors, 1)
    os.dup2(errors, 2)
    keep = {0, 1, 2, orders, news}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                continue


def _ready(orders: int, news: int) -> None:
    os.write(news, b"r")
    os.close(news)
    os.close(orders)


def _clean_state(spec: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(spec["env"])
    os.chdir(Path(HOME, spec["folder"]))
    sys.path[:] = ["", *[entry for entry in sys.path if entry not in ("", "/")]]
    for name in [name for name in sys.modules if name.startswith("autograder.jail")]:
        if name not in (__name__, "autograder.jail.inside.kernel"):
            del sys.modules[name]
    kernel.reseed()
