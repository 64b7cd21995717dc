"""The few Linux calls that Python has no name for: namespaces, mounts, capabilities, prctl.

Sources: unshare(2), mount(2), capabilities(7), prctl(2), user_namespaces(7).
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4

_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object, what: str = "") -> int:
    result: int = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}({what}): {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags`. A new PID namespace begins with the next fork.

    Raises:
        OSError: if the kernel or its policy refuses.
    """
    _call("unshare", ctypes.c_int(flags), what=hex(flags))


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace that `descriptor` (a file of /proc/PID/ns) refers to."""
    _call("setns", ctypes.c_int(descriptor), ctypes.c_int(kind), what=hex(kind))


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """`mount(2)`; `kind` is a file system's name, or None for binds and remounts."""
    _call(
        "mount",
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() if options else None,
        what=f"{kind or 'bind'} at {target}",
    )


def bind(source: str, target: str, *, read_only: bool) -> None:
    """Show the folder `source` at `target` too. Read-only costs a second call: the first ignores the flag."""
    mount(source, target, None, MS_BIND)
    if read_only:
        make_read_only(target)


def make_read_only(target: str, more: int = 0) -> None:
    """Turn one mount (not its file system) read-only; `more` are further flags, such as `MS_NOEXEC`."""
    mount("none", target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | more)


def tmpfs(target: str, size: int, *, uid: int, gid: int, mode: int = 0o700, inodes: int = 16384) -> None:
    """An empty file system in memory at `target` that can hold `size` bytes and `inodes` files."""
    options = f"size={size},nr_inodes={inodes},mode={mode:o},uid={uid},gid={gid}"
    mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options)


def unmount(target: str) -> None:
    """Take `target` out of this mount namespace, even while something inside it is open."""
    _call("umount2", os.fsencode(target), ctypes.c_int(MNT_DETACH), what=target)


def set_hostname(name: str) -> None:
    """The name of the machine as seen in this UTS namespace."""
    _call("sethostname", name.encode(), ctypes.c_size_t(len(name)), what=name)


def prctl(option: int, *arguments: int) -> None:
    """`prctl(2)` with up to four numbers."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    _call("prctl", ctypes.c_int(option), *padded, what=str(option))


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def drop_capabilities() -> None:
    """Give up every capability for good: ambient, bounding, effective, permitted, inheritable."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # the kernel knows no capability of that number
            break
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    _call("capset", ctypes.byref(header), (_CapData * 2)(), what="none")


def thread_count() -> int:
    """How many threads this process has; a process that forks must have one."""
    return len(os.listdir("/proc/self/task"))
