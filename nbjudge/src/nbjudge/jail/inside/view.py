"""What one kernel sees: mounts, network and names of its own, made by the supervisor before student code runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from . import linux

HOME = "/home/student"
PACKAGES = "/packages"  # what kernels may import besides what is installed
SOCKETS = "/run/nbjudge/sockets"
CHALLENGE, EVIDENCE = "/exchange/challenge", "/exchange/evidence"
HOST_RUN = "/run/nbjudge/host"  # the host's folder of all kernels; gone from a kernel's view before it starts
WRITABLE = ("/tmp", HOME, "/dev/shm", EVIDENCE)  # in memory, bounded, gone with the kernel
_EMPTIED = ("/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/kcore", "/proc/kmsg", "/proc/kallsyms")
_TERMINALS = 16  # of the machine's, which all users share


def build(spec: dict[str, Any]) -> int:
    """Fresh mounts, network and names for this kernel; returns an open descriptor of its evidence folder.

    Args:
        spec: what the host asked for (see `nbjudge.jail.zygote_host.Zygote.launch`).
    """
    linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET | linux.CLONE_NEWUTS | linux.CLONE_NEWCGROUP)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.set_hostname("jail")
    own = f"{HOST_RUN}/{spec['name']}"
    files = Path(own, "files")
    size, owner = spec["limits"]["written_bytes"], {"uid": spec["uid"], "gid": spec["uid"]}
    kept = {place: os.open(place, os.O_PATH | os.O_CLOEXEC) for place in spec["kept"]}
    carried = (
        sum(-(-path.stat().st_size // 4096) + 1 for path in files.rglob("*")) * 4096
    )  # in whole pages, and one for the name
    linux.bind(f"{own}/sockets", SOCKETS, read_only=False)
    linux.bind(f"{own}/challenge", CHALLENGE, read_only=True)
    linux.tmpfs("/tmp", size, mode=0o1777, **owner)
    linux.tmpfs(HOME, size + carried + 4096 * 64, **owner)
    linux.tmpfs("/dev/shm", size, mode=0o1777, **owner)
    for place, handle in kept.items():
        _show_again(place, handle)
    linux.tmpfs(EVIDENCE, spec["limits"]["evidence_bytes"], inodes=256, **owner)
    terminals = f"newinstance,ptmxmode=666,max={_TERMINALS}"
    linux.mount("devpts", "/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, terminals)
    work = Path(HOME, spec["folder"])
    shutil.copytree(files, work, copy_function=shutil.copyfile)
    for entry in (work, *work.rglob("*")):
        entry.chmod(0o755 if entry.is_dir() else 0o644)
        os.chown(entry, spec["uid"], spec["uid"])
    linux.unmount(HOST_RUN)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    for path in _EMPTIED:
        if os.path.exists(path):
            linux.bind("/dev/null", path, read_only=False)
    return os.open(EVIDENCE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def close_proc() -> None:
    """From here on nothing can be changed through /proc: no setting of the machine, and no `oom_score_adj`."""
    linux.make_read_only("/proc", linux.MS_NOEXEC)


def _show_again(place: str, handle: int) -> None:
    """Put a part of the Python environment back where a fresh folder has just covered it. Closes `handle`."""
    source, target = f"/proc/self/fd/{handle}", Path(place)
    for parent in reversed(target.parents):
        if not parent.exists():
            parent.mkdir(mode=0o111)  # there, but not to be listed
    target.mkdir(exist_ok=True) if os.path.isdir(source) else target.touch()
    linux.bind(source, place, read_only=True)
    os.close(handle)
