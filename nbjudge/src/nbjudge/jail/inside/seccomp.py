"""A filter of system calls for student code: a second wall behind the namespaces.

It lets through what `syscalls.ALLOWED` lists and answers all else with an ordinary error: "not permitted" where a program
should know, else "no such call", on which the C library and Python fall back to older ones. Of what is let through, some
arguments are refused: new namespaces, every socket family but Unix and IP (vsock is not bound to a network namespace), larger
pipes, and input put into a terminal. Known for x86-64 and 64-bit ARM; elsewhere there is no filter.

Sources: seccomp(2), and those of `syscalls`.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass

from .syscalls import ALLOWED, REFUSED

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

# BPF instructions: load a word of seccomp_data, jump if equal / greater or equal / any bit set, return.
_LD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH = 0, 4

_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_SOCKET_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_SIGCHLD = 17
_OF_FCNTL = (1031, 1026)  # F_SETPIPE_SZ: Linux bounds pipes by user; F_NOTIFY: another inotify
_OF_IOCTL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

_Code = list[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Architecture:
    """Its name in a filter, its column of the tables, and the calls whose arguments are looked at."""

    audit: int
    column: int
    clone: int
    socket: int
    socketpair: int
    fcntl: int
    ioctl: int
    sigaction: int
    clone3: int = 435


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, 0, clone=56, socket=41, socketpair=53, fcntl=72, ioctl=16, sigaction=13),
    "aarch64": Architecture(0xC00000B7, 1, clone=220, socket=198, socketpair=199, fcntl=25, ioctl=29, sigaction=134),
}


def program(*, keep_children: bool = False) -> bytes | None:
    """The filter for this machine as an array of `struct sock_filter`, or None on an unknown architecture.

    Args:
        keep_children: what a process does about SIGCHLD has no effect, so that children whose end it would ignore are collected
            all the same, and their CPU time is counted.
    """
    here = ARCHITECTURES.get(platform.machine())
    if here is None:
        return None
    code: _Code = [
        (_LD, 0, 0, _ARCH),
        (_JEQ, 1, 0, here.audit),
        (_RET, 0, 0, _KILL_PROCESS),  # 32-bit calls have other numbers: nothing here would hold for them
        (_LD, 0, 0, _NR),
    ]
    code += _arguments(here)
    if keep_children:
        code += _deaf_to_children(here)
    code += _numbers(here)
    return b"".join(struct.pack("<HBBI", op, yes, no, value) for op, yes, no, value in code)


def _argument(number: int, half: int = 0) -> tuple[int, int, int, int]:
    return _LD, 0, 0, 16 + 8 * number + 4 * half


def _no(number: int) -> tuple[int, int, int, int]:
    return _RET, 0, 0, _ERRNO | number


def _arguments(here: Architecture) -> _Code:
    """Calls that are decided by an argument."""
    code: _Code = [
        (_JEQ, 0, 4, here.clone),
        _argument(0),
        (_JSET, 0, 1, _NAMESPACE_FLAGS),
        _no(errno.EPERM),
        (_RET, 0, 0, _ALLOW),
        (_JEQ, 0, 1, here.clone3),  # it hides its flags behind a pointer; the C library falls back to clone
        _no(errno.ENOSYS),
    ]
    code += [(_JEQ, 1, 0, here.socket), (_JEQ, 0, 3 + len(_SOCKET_FAMILIES), here.socketpair), _argument(0)]
    code += _among(_SOCKET_FAMILIES, (_RET, 0, 0, _ALLOW), _no(errno.EAFNOSUPPORT))
    for call, orders in ((here.fcntl, _OF_FCNTL), (here.ioctl, _OF_IOCTL)):
        code += [(_JEQ, 0, 3 + len(orders), call), _argument(1)]
        code += _among(orders, _no(errno.EPERM), (_RET, 0, 0, _ALLOW))
    return code


def _among(values: tuple[int, ...], yes: tuple[int, int, int, int], no: tuple[int, int, int, int]) -> _Code:
    """One return if the loaded word is one of `values`, else the other."""
    return [*((_JEQ, len(values) - at, 0, value) for at, value in enumerate(values)), no, yes]


def _deaf_to_children(here: Architecture) -> _Code:
    """To ask what is done about SIGCHLD is as ever; to change it does nothing, and succeeds."""
    return [
        (_JEQ, 0, 8, here.sigaction),
        _argument(0),
        (_JEQ, 0, 5, _SIGCHLD),
        _argument(1),
        (_JEQ, 0, 2, 0),
        _argument(1, half=1),
        (_JEQ, 1, 0, 0),
        _no(0),
        (_RET, 0, 0, _ALLOW),
    ]


def _numbers(here: Architecture) -> _Code:
    """All other calls, by ranges of numbers that are answered alike, in rising order."""
    answers = {numbers[here.column]: _no(errno.EPERM) for numbers in REFUSED.values()}
    answers |= {numbers[here.column]: (_RET, 0, 0, _ALLOW) for numbers in ALLOWED.values()}
    known = sorted(number for number in answers if number is not None)
    code: _Code = []
    at = 0
    while at < len(known):
        first = last = known[at]
        while answers.get(last + 1) == answers[first]:
            last += 1
        code += [(_JGE, 3, 0, last + 1), (_JGE, 1, 0, first), _no(errno.ENOSYS), answers[first]]
        at += last - first + 1
    return [*code, _no(errno.ENOSYS)]  # the x32 calls among them


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def install(*, keep_children: bool) -> bool:
    """Put the filter on this process and all that come of it. Needs `no_new_privs`. False if there is none."""
    code = program(keep_children=keep_children)
    if code is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    wrapped = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(wrapped), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused the filter of system calls")
    return True
