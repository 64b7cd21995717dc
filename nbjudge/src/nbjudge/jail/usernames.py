"""Which user student code is, as seen from outside the jail.

Run by an ordinary user, bubblewrap can only be that user. Run by root, student code would be root without
capabilities: harmless behind the mounts, but Linux does not bound root's processes. So root gives each kernel a user
id of its own from a range that nobody owns.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_COUNT = 999
_STARTS = (1_900_000_001, 500_000_001, 60_001)  # nobody's; the last is what a container may have


def spare_range() -> tuple[int, int] | None:
    """First id and number of ids that root can give to kernels; None without root, or with none to give."""
    if os.geteuid() != 0:
        return None
    maps = [_mapped(kind) for kind in ("uid", "gid")]
    for start in _STARTS:
        if all(any(low <= start and start + _COUNT <= low + size for low, size in known) for known in maps):
            return start, _COUNT
    return None


def _mapped(kind: str) -> list[tuple[int, int]]:
    rows = [line.split() for line in Path(f"/proc/self/{kind}_map").read_text().splitlines()]
    return [(int(row[0]), int(row[2])) for row in rows]


def spawn(
    bwrap: Sequence[str], program: Sequence[str], users: tuple[int, int] | None, keep: Sequence[int], errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start `program` behind the bubblewrap arguments `bwrap` (ending in `--`), giving it `users` besides its own.

    The process is started by a thread of its own that waits for it: `--die-with-parent` acts when the *thread* that
    started it ends.
    """
    started: list[subprocess.Popen[bytes] | BaseException] = []
    done = threading.Event()

    def keeper() -> None:
        try:
            process = _spawn(list(bwrap), program, users, keep, errors)
        except BaseException as problem:
            started.append(problem)
            done.set()
            return
        started.append(process)
        done.set()
        _wait(process.pid)

    threading.Thread(target=keeper, name="nbjudge-jail", daemon=True).start()
    done.wait()
    if isinstance(started[0], BaseException):
        raise started[0]
    return started[0]


def _wait(pid: int) -> None:
    """Sleep until `pid` has ended, without collecting its status."""
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return


def _spawn(
    bwrap: list[str], program: Sequence[str], users: tuple[int, int] | None, keep: Sequence[int], errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    if users is None:
        return _popen([*bwrap, *program], keep, errors)
    info_read, info_write = os.pipe()
    go_read, go_write = os.pipe()
    try:
        extra = ["--info-fd", str(info_write), "--userns-block-fd", str(go_read)]
        process = _popen([*bwrap[:-1], *extra, "--", *program], [*keep, info_write, go_read], errors)
        os.close(info_write)
        info_write = -1
        text = b""
        while b"}" not in text:
            more = os.read(info_read, 4096)
            if not more:
                return process  # it ended before; its errors say why
            text += more
        child = json.loads(text)["child-pid"]
        for kind in ("uid", "gid"):
            Path(f"/proc/{child}/{kind}_map").write_text(f"0 0 1\n1 {users[0]} {users[1]}\n")
        os.write(go_write, b"1")
        return process
    finally:
        for descriptor in (info_read, info_write, go_read, go_write):
            if descriptor >= 0:
                os.close(descriptor)


def _popen(argv: list[str], keep: Sequence[int], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, pass_fds=tuple(keep), env={}, cwd="/")


def process_bound(wanted: int, *, own_user: bool) -> int:
    """The number for RLIMIT_NPROC so that a kernel can have `wanted` processes and threads.

    Since Linux 5.14 a user namespace counts its own; before, all of the user's on the machine count too.
    """
    version = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2] if part.isdigit())
    if own_user or version >= (5, 14):
        return wanted
    return wanted + _threads_of(os.getuid())


def _threads_of(uid: int) -> int:
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                total += len(os.listdir(entry / "task"))
        except OSError:
            continue
    return total
