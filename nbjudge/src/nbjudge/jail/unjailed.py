"""The same interface without a jail, for machines that have none and an instructor who accepts that.

Student code then runs with the grader's own rights: it can read and write what the instructor can. Only the rlimits,
the clean environment and the folder of its own remain.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from nbjudge.jail import mounts
from nbjudge.jail.exchange import Exchange
from nbjudge.jail.held import put
from nbjudge.jail.kernel_env import base_env, python_path, short_folder
from nbjudge.jail.policy import RESERVED, JailSettings, Limits


def explain(reasons: Sequence[str]) -> str:
    """What to tell an instructor whose machine has no jail."""
    return "\n".join(
        [
            "Student code cannot be jailed on this machine:",
            *(f"  - {reason}" for reason in reasons),
            "Until that is mended nothing is run. To run student code with your own rights instead (it could then read",
            "the solution, other submissions and your files), opt in: set `unjailed = true` under [grading] in the",
            "course's own settings, or NBJUDGE_UNJAILED=1 in the environment.",
        ]
    )


class UnjailedKernel:
    """An unjailed kernel with the face of `nbjudge.jail.held.HeldKernel`."""

    def __init__(self, process: subprocess.Popen[bytes], link: socket.socket, root: Path, limits: Limits) -> None:
        self.process, self.link, self.root, self.limits = process, link, root, limits
        self.ready = self.ended = False
        self.status: int | None = None
        self.cause: str | None = None
        self.pid: int | None = process.pid
        self.started = time.monotonic()
        self.until = float("inf")  # seconds of CPU when the cell's are used up
        self.cpu = 0.0  # seconds of CPU so far
        self.owner = os.getpid()

    @property
    def sockets(self) -> Path:
        return self.root / "sockets"

    @property
    def exchange(self) -> Exchange:
        """The two shared folders, at one and the same place for both sides."""
        challenge, evidence = self.root / "challenge", self.root / "evidence"
        return Exchange(challenge, evidence, str(challenge), str(evidence))

    def read(self) -> bool:
        """Whether the kernel said that it is ready, or ended."""
        if not select.select([self.link], [], [], 0)[0]:
            return False
        self.ready = self.ready or self.link.recv(1) == b"r"
        return True

    def poll(self) -> int | None:
        """None while the kernel lives, else its exit status."""
        if not self.ready:
            self.read()
        if not self.ended and time.monotonic() - self.started > self.limits.seconds_per_notebook:
            self.cause = f"stopped by the grader: the notebook ran longer than its {self.limits.seconds_per_notebook} s"
            self.kill()
        self._count()
        if not self.ended and self.cpu > self.limits.cpu_seconds:
            self.cause = "stopped by the grader: more CPU time than the bound"
            self.kill()
        if not self.ended and self.process.poll() is not None:
            self.ended, self.status = True, self.process.returncode
            self.cause = self.cause or f"the kernel ended with status {self.status}"
            self._kill_group()
        return self.status if self.ended else None

    def begin_cell(self, cpu_seconds: float) -> None:
        """Bound the CPU of the kernel and its children from now on; `over_cpu` says when it is used up."""
        self._count()
        self.until = self.cpu + cpu_seconds

    @property
    def over_cpu(self) -> bool:
        """Whether the cell has used up its CPU."""
        self._count()
        return self.cpu > self.until

    def _count(self) -> None:
        """Of the living and of those that their parents collected; who hides from both is not found without a jail."""
        with contextlib.suppress(psutil.Error):
            kernel = psutil.Process(self.process.pid)
            times = [kernel.cpu_times(), *(child.cpu_times() for child in kernel.children(recursive=True))]
            self.cpu = max(self.cpu, sum(t.user + t.system + t.children_user + t.children_system for t in times))

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and its group."""
        if number == signal.SIGKILL:
            self.kill()
        elif not self.ended:
            self._kill_group(number)

    def kill(self, seconds: float = 5.0) -> None:
        """End the kernel and the processes of its group; one that left the group escapes."""
        self._kill_group()
        if not self.ended:
            try:
                self.status = self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.status = -signal.SIGKILL
            self.ended = True

    def _kill_group(self, number: int = signal.SIGKILL) -> None:
        if os.getpid() != self.owner:  # a forked copy of the grader owns no kernels
            return
        try:
            os.killpg(self.process.pid, number)
        except OSError:
            return

    def close(self) -> None:
        """End it and remove its folder."""
        if os.getpid() != self.owner:
            return
        self.kill()
        self.link.close()
        shutil.rmtree(self.root, ignore_errors=True)


def launch(
    settings: JailSettings, files: Mapping[str, bytes], folder: str, key: str, limits: Limits, env: Mapping[str, str]
) -> UnjailedKernel:
    """Start a kernel in a folder of its own, with the same environment a jailed one has."""
    root = Path(tempfile.mkdtemp(prefix="nbjudge-unjailed-", dir=short_folder()))
    home = root / "home"
    work = home / folder
    for path in (root / "sockets", root / "challenge", root / "evidence"):
        path.mkdir(parents=True)
    work.mkdir(parents=True)
    put(files, work)
    _link_packages(root / "packages", settings)
    full = base_env(settings) | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "PYTHONPATH": python_path(str(root / "packages")),
        "NBJUDGE_EXCHANGE": str(root),
        **env,
    }
    if settings.data_variable in full and settings.data is not None:
        full[settings.data_variable] = str(settings.data)
    ours, theirs = socket.socketpair()
    spec = {"sockets": str(root / "sockets" / "k"), "key": key, "limits": limits.as_dict(), "ready": theirs.fileno()}
    process = subprocess.Popen(
        [sys.executable, "-m", f"{RESERVED}.alone"],
        cwd=work,
        env=full,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()
    assert process.stdin is not None
    process.stdin.write(json.dumps(spec).encode())
    process.stdin.close()
    return UnjailedKernel(process, ours, root, limits)


def _link_packages(root: Path, settings: JailSettings) -> None:
    """The course's packages by themselves, not the folders around them."""
    root.mkdir()
    for name in mounts.packages_above(settings.packages):
        (root / mounts.place_of(name)).mkdir()
        (root / mounts.place_of(name) / mounts.EMPTY).touch()
    for name, folder in {**settings.packages, RESERVED: mounts.INSIDE}.items():
        (root / mounts.place_of(name)).symlink_to(folder.resolve())
