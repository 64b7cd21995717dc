"""The host's side of the warm parent: start it in its jail, ask it for kernels, hold on to each of them."""

from __future__ import annotations

import array
import atexit
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.jail import bubblewrap, mounts, usernames
from autograder.jail.cgroups import Cgroup
from autograder.jail.exchange import Exchange
from autograder.jail.policy import JailUnavailable, Limits, Settings

START_SECONDS = 120.0  # for the imports, on a slow disk
LAUNCH_SECONDS = 30.0  # for one kernel, on a busy machine
_PREFIX = "ps8-jail-"  # of the host's folders for kernels
_names = itertools.count(1)


def base_env(settings: Settings) -> dict[str, str]:
    """The whole environment of a kernel; nothing of the instructor's."""
    env = {
        "HOME": mounts.HOME,
        "USER": "student",
        "LOGNAME": "student",
        "SHELL": "/bin/sh",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "PATH": f"{os.path.join(sys.prefix, 'bin')}:/usr/bin:/bin",
        "PYTHONPATH": f"{mounts.KIT}:{mounts.GRADER}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PS8_PROFILE": "grade",
        "PS8_EXCHANGE": "/exchange",
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": f"{mounts.HOME}/.ipython",
    }
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        env[name] = "1"  # a process with threads cannot be forked safely; hand-ins run side by side instead
    if settings.data is not None and settings.data.is_dir():
        env["PS8_DATA"] = mounts.DATA
    user_site = [str(path) for path in mounts.python_places() if mounts.is_user_site(path)]
    env["PYTHONPATH"] = ":".join([env["PYTHONPATH"], *user_site])
    return env


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
        """Make them below `parent`; `files` maps plain names to contents.

        Raises:
            ValueError: if a name is not a plain file name.
        """
        folders = cls(parent / str(next(_names)))
        for path in (folders.root, folders.sockets, folders.challenge, folders.files):
            path.mkdir()
        # The parent is the instructor's alone; in the jail the kernel may run as another user.
        folders.sockets.chmod(0o777)
        folders.challenge.chmod(0o755)
        for name, content in files.items():
            if name in ("", ".", "..") or "/" in name or "\0" in name or len(os.fsencode(name)) > 255:
                raise ValueError(f"{name!r} is not a plain file name")
            (folders.files / name).write_bytes(content)
        return folders

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


class Zygote:
    """One warm parent. Use `shared()` to get the one of this process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.report: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._run: Path | None = None
        self._owner = os.getpid()
        self._users: tuple[int, int] | None = None  # the first outer user id and how many, when the host is root
        self._slots = itertools.count(0)

    # ---- life

    @property
    def kernels(self) -> Path:
        """The host's folder that holds a folder for each kernel."""
        assert self._run is not None
        return self._run / "k"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of bubblewrap, for tests and reports."""
        return self._process.pid if self._process else None

    def ensure(self) -> None:
        """Start it, or start it again if it has died.

        Raises:
            JailUnavailable: if bubblewrap cannot start it here.
        """
        with self._lock:
            if not self.alive:
                self._close()
                self._start()

    def close(self) -> None:
        """End it and every kernel that came of it."""
        with self._lock:
            self._close()

    def kill(self) -> None:
        """Have it and its kernels ended, and do not wait; `close` gives back what it holds."""
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(5)
            self._process = None
        if self._run is not None:
            shutil.rmtree(self._run, ignore_errors=True)
            self._run = None

    def _start(self) -> None:
        bwrap = bubblewrap.find()
        if bwrap is None:
            raise JailUnavailable("bubblewrap (the program `bwrap`) is not installed")
        folder = short_folder()
        _sweep(folder)
        self._run = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
        self.kernels.mkdir()
        etc = write_etc(self._run)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._users = usernames.spare_range()
        env = base_env(self.settings)
        shared = {"/run/ps8/host": str(self.kernels)}
        argv = bubblewrap.command(mounts.view(self.settings, etc), env, bwrap=bwrap, setup=True, shared=shared)
        modules = ",".join(self.settings.preload if self.settings.warm else ())
        errors = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process does)
        program = [python_inside(), "-m", "autograder.jail.inside.zygote", str(theirs.fileno()), modules]
        self._process = usernames.spawn(argv, program, self._users, keep=[theirs.fileno()], errors=errors)
        theirs.close()
        self._link = ours
        ours.settimeout(START_SECONDS)
        try:
            message = ours.recv(1 << 20)
        except (TimeoutError, OSError):
            message = b""
        if not message:
            self._close()
            errors.seek(0)
            told = errors.read()[-2000:].decode(errors="replace").strip()
            raise JailUnavailable(f"bubblewrap could not start the jail: {told or 'it gave no reason'}")
        errors.close()
        self.report = json.loads(message)
        if not self.report["other_users"]:
            self._users = None  # the Python environment is not readable by others: all kernels run as one user

    # ---- kernels

    def launch(self, folders: KernelFolders, *, folder: str, key: str, limits: Limits, env: Mapping[str, str]) -> Kernel:
        """Ask for a kernel. It is not ready yet when this returns; see `Kernel.read`.

        Args:
            folders: its folders, below `self.kernels`.
            folder: name of its working directory in its home.
            key: the Jupyter session's key.
            limits: its bounds.
            env: variables besides those of `base_env`.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        ours.setblocking(False)
        uid = 1 + next(self._slots) % self._users[1] if self._users else 0
        cgroup = Cgroup.create(limits)
        spec = {
            "name": folders.root.name,
            "folder": folder,
            "key": key,
            "limits": limits.as_dict(),
            "rlimit_processes": usernames.process_bound(limits.processes, own_user=uid != 0),
            "env": {**base_env(self.settings), **env},
            "uid": uid,
            "kept": mounts.below_own_folders(mounts.python_places()),
            "hold": cgroup is not None,
            "filter_calls": True,
            "start_seconds": LAUNCH_SECONDS,
        }
        with theirs:
            assert self._link is not None
            socket.send_fds(self._link, [json.dumps(spec).encode()], [theirs.fileno()])
        return Kernel(ours, folders, cgroup)


class Kernel:
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
        if event == "hello":
            if self.cgroup is not None and self.pid is not None:
                self.cgroup.add(self.pid)
            self.link.send(b'{"signal": 0}')
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


def write_etc(run: Path) -> Path:
    """The few files of the jail's /etc."""
    etc = run / "etc"
    etc.mkdir()
    for name, text in mounts.ETC.items():
        (etc / name).write_text(text)
        (etc / name).chmod(0o644)
    return etc


def python_inside() -> str:
    """This Python's path, which is the same in the jail."""
    return os.path.abspath(sys.executable)


def short_folder() -> Path:
    """A folder whose sockets' paths fit in the 107 bytes that a Unix socket's address may have."""
    return Path(tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp")


def _sweep(folder: Path) -> None:
    """Remove what graders left that were killed: folders with our name, of this user, whose process is gone."""
    for path in folder.glob(f"{_PREFIX}[0-9]*-*"):
        with contextlib.suppress(OSError, ValueError):
            owner = int(path.name.removeprefix(_PREFIX).split("-")[0])
            ours = not path.is_symlink() and path.lstat().st_uid == os.geteuid()
            if ours and not Path(f"/proc/{owner}").exists():
                shutil.rmtree(path, ignore_errors=True)


_shared: dict[str, Zygote] = {}
_shared_lock = threading.Lock()


def shared(settings: Settings) -> Zygote:
    """This process's warm parent for `settings`, not necessarily started."""
    with _shared_lock:
        key = settings.key()
        if key not in _shared:
            _shared[key] = Zygote(settings)
        return _shared[key]


def warm_up(settings: Settings | None = None) -> dict[str, Any]:
    """Start the warm parent now rather than with the first kernel; returns what it imported and how long that took.

    Raises:
        JailUnavailable: if bubblewrap cannot start it here.
    """
    zygote = shared(settings or Settings.from_mapping(None))
    zygote.ensure()
    return zygote.report


def close_all() -> None:
    """End every warm parent of this process."""
    with _shared_lock:
        for zygote in _shared.values():
            zygote.close()
        _shared.clear()


def kill_all() -> None:
    """Kill every warm parent of this process without waiting, even for one that is being started."""
    for zygote in list(_shared.values()):
        zygote.kill()


def _after_fork() -> None:
    global _shared_lock
    _shared_lock = threading.Lock()
    _shared.clear()  # they belong to the process that started them


atexit.register(close_all)
os.register_at_fork(after_in_child=_after_fork)
