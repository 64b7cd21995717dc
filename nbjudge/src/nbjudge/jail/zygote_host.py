"""The host's side of the warm parent: start it in its jail, ask it for kernels, hold on to each of them."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbjudge.jail import bubblewrap, mounts, usernames
from nbjudge.jail.cgroups import Cgroup
from nbjudge.jail.held import HeldKernel, KernelFolders
from nbjudge.jail.kernel_env import base_env, short_folder
from nbjudge.jail.policy import RESERVED, JailSettings, JailUnavailable, Limits

START_SECONDS = 120.0  # for the imports, on a slow disk
LAUNCH_SECONDS = 30.0  # for one kernel, on a busy machine
_PREFIX = "nbjudge-jail-"  # of the host's folders for kernels


class Zygote:
    """One warm parent. Use `shared()` to get the one of this process."""

    def __init__(self, settings: JailSettings) -> None:
        self.settings = settings
        self.report: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._run: Path | None = None
        self._owner = os.getpid()
        self._users: tuple[int, int] | None = None  # the first outer user id and how many, when the host is root
        self._slots = itertools.count(0)
        self._readable: list[str] = []  # places of the jail
        self._kept: list[str] = []  # those of Python's that lie where each kernel has a folder of its own
        self._env: dict[str, str] = {}  # of every kernel

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
            JailUnavailable: if bubblewrap cannot start it here, or the settings would show what is secret.
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
        env = self._env = base_env(self.settings)
        shared = {"/run/nbjudge/host": str(self.kernels)}
        try:
            shown = mounts.view(self.settings, etc)
        except ValueError as problem:  # of the course's settings: no submission is to blame, and none can be run
            self._close()
            raise JailUnavailable(str(problem)) from None
        self._readable = [mount.place for mount in shown if mount.kind == "read-only"]
        self._kept = mounts.below_own_folders(mounts.python_places())
        argv = bubblewrap.command(shown, env, bwrap=bwrap, setup=True, shared=shared)
        modules = ",".join(self.settings.preload if self.settings.warm else ())
        errors = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process does)
        program = [python_inside(), "-m", f"{RESERVED}.zygote", str(theirs.fileno()), modules]
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

    def launch(self, folders: KernelFolders, *, folder: str, key: str, limits: Limits, env: Mapping[str, str]) -> HeldKernel:
        """Ask for a kernel. It is not ready yet when this returns; see `HeldKernel.read`.

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
            "env": {**self._env, **env},
            "uid": uid,
            "kept": self._kept,
            "readable": self._readable,
            "hold": cgroup is not None,
            "filter_calls": True,
            "keep_children": cgroup is None or not cgroup.counts,  # so that their CPU time can be counted
            "start_seconds": LAUNCH_SECONDS,
        }
        with theirs:
            assert self._link is not None
            socket.send_fds(self._link, [json.dumps(spec).encode()], [theirs.fileno()])
        return HeldKernel(ours, folders, cgroup)


def write_etc(run: Path) -> Path:
    """The few files of the jail's /etc, and an empty one."""
    etc = run / "etc"
    etc.mkdir()
    for name, text in {**mounts.ETC, mounts.EMPTY: ""}.items():
        (etc / name).write_text(text)
        (etc / name).chmod(0o644)
    return etc


def python_inside() -> str:
    """This Python's path, which is the same in the jail."""
    return os.path.abspath(sys.executable)


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


def shared(settings: JailSettings) -> Zygote:
    """This process's warm parent for `settings`, not necessarily started."""
    with _shared_lock:
        key = settings.key()
        if key not in _shared:
            _shared[key] = Zygote(settings)
        return _shared[key]


def warm_up(settings: JailSettings | None = None) -> dict[str, Any]:
    """Start the warm parent now rather than with the first kernel; returns what it imported and how long that took.

    Raises:
        JailUnavailable: if bubblewrap cannot start it here.
    """
    zygote = shared(settings or JailSettings().with_choices(None))
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


def _at_exit() -> None:
    kill_all()  # one that is still being started is not waited for
    close_all()


atexit.register(_at_exit)
os.register_at_fork(after_in_child=_after_fork)
