"""Landlock: a wall behind the mounts, which the process puts around itself and cannot take down again.

Files can be read where the jail shows some on purpose and written in its four folders, wherever else a path may lead. No TCP,
and no signal or abstract Unix socket reaches beyond the processes behind the same wall. Older kernels know less of this; what
they do not know is left out, and `doctor` says so.

Sources: landlock(7), include/uapi/linux/landlock.h. The three calls have these numbers on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH, _QUIET = 1, 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

LOOK = READ_FILE | READ_DIR | EXECUTE
KEEP = LOOK | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE
USE = LOOK | WRITE_FILE | TRUNCATE | IOCTL_DEV  # of devices
BIND = READ_DIR | MAKE_SOCK | REMOVE_FILE  # of sockets with a name
_TCP = 0b11  # to bind and to connect
_SCOPED = 0b11  # abstract Unix sockets, and signals

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scoped")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """What this kernel's Landlock can do, by its number; 0 where there is none."""
    found: int = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    return max(0, found)


def restrict(rules: Iterable[tuple[str, int]]) -> int:
    """Let this process, and all that come of it, do with files only what `rules` allow. Needs `no_new_privs`.

    Args:
        rules: a path, and what may be done there and below; a path that does not exist is left out.

    Returns:
        Landlock's version, 0 if the kernel has none and nothing was restricted.
    """
    known = version()
    if known == 0:
        return 0
    handled = (1 << 13) - 1
    for since, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)):
        handled |= right if known >= since else 0
    attributes = _Ruleset(handled, _TCP if known >= 4 else 0, _SCOPED if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = _call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0)
    for path, rights in rules:
        _allow(ruleset, path, rights & handled)
    _call(_RESTRICT_SELF, ruleset, _QUIET if known >= 7 else 0)
    os.close(ruleset)
    return known


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _OF_A_FILE
    _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_Beneath(rights, place)), 0)
    os.close(place)


def _call(number: int, *arguments: object) -> int:
    result: int = _libc.syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock, call {number}: {os.strerror(error)}")
    return result
