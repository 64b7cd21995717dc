"""The forked child that becomes student code: gives up every right, one after the other, then is a kernel."""

from __future__ import annotations

import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from . import kernel, landlock, linux, seccomp, view

_OF_A_USER_NAMESPACE = Path("/proc/sys/user")
_OURS = f"{__package__}."
_KEPT = {__name__, kernel.__name__, f"{_OURS}plain_collector"}  # what the kernel is, and a collector


def become(spec: dict[str, Any], link: socket.socket, orders: int, news: int, errors: int) -> NoReturn:
    """Give up every privilege, then be the kernel. Never returns.

    Args:
        spec: what the host asked for.
        link: the supervisor's connection to the host, not this process's.
        orders: a pipe; a byte comes when the supervisor has mapped the user.
        news: a pipe; a byte goes when there is a user namespace to map, and one when the sockets are bound.
        errors: a pipe for stdout and stderr.
    """
    try:
        link.close()
        os.setsid()
        linux.unshare(linux.CLONE_NEWUSER)
        _share_nothing()
        os.write(news, b"n")
        if os.read(orders, 1) != b"m":
            os._exit(70)
        os.setresgid(1000, 1000, 1000)
        os.setresuid(1000, 1000, 1000)
        _only_descriptors(orders, news, errors)
        linux.drop_capabilities()
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # its own /proc/self is its own to read
        _put_up_walls(spec)
        _clean_state(spec)
        kernel.serve(f"{view.SOCKETS}/k", spec["key"], lambda: _ready(orders, news))
        os._exit(0)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
        os._exit(70)


def _share_nothing() -> None:
    """No inotify instance, no namespace, nothing that Linux counts by user: the grader's own would be used up with it."""
    if _OF_A_USER_NAMESPACE.is_dir():
        for limit in os.listdir(_OF_A_USER_NAMESPACE):
            (_OF_A_USER_NAMESPACE / limit).write_text("0")


def _put_up_walls(spec: dict[str, Any]) -> None:
    limits = dict(spec["limits"])
    memory = limits["memory_bytes"] + spec["memory_at_start"]
    kernel.set_limits(limits, memory=memory, addresses=spec["addresses_at_start"], processes=spec["rlimit_processes"])
    rules = [(place, landlock.LOOK) for place in (*spec["readable"], "/proc", view.CHALLENGE)]
    rules += [(place, landlock.KEEP) for place in view.WRITABLE]
    rules += [("/", landlock.READ_DIR), ("/dev", landlock.USE), (view.SOCKETS, landlock.BIND)]
    landlock.restrict(rules)
    if spec["filter_calls"]:
        seccomp.install(keep_children=spec["keep_children"])


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
    os.chdir(Path(view.HOME, spec["folder"]))
    sys.path[:] = ["", *[entry for entry in sys.path if entry not in ("", "/")]]
    for name in [name for name in sys.modules if name.startswith(_OURS) and name not in _KEPT]:
        del sys.modules[name]
    kernel.reseed()
