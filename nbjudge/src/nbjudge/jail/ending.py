"""Ends at once all that this process runs in jails, as after Ctrl-C. A cell may take long, and it need not be waited for."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from nbjudge.jail import held, unjailed, zygote_host
from nbjudge.jail.policy import JailUnavailable

_over = threading.Event()
_kernels: weakref.WeakSet[held.HeldKernel | unjailed.UnjailedKernel] = weakref.WeakSet()
_lock = threading.Lock()


def check() -> None:
    """Raises JailUnavailable once everything was told to end."""
    if _over.is_set():
        raise JailUnavailable("the grading was stopped")


def watch(kernel: held.HeldKernel | unjailed.UnjailedKernel) -> None:
    """Has a kernel that was started be ended with the others."""
    with _lock:
        _kernels.add(kernel)
    if _over.is_set():
        _end(kernel)


@contextmanager
def at_an_error() -> Iterator[None]:
    """If what is done here ends in an exception, so do all kernels, and none starts again before the next time."""
    begin_again()
    try:
        yield
    except BaseException:
        end_all()
        raise


def begin_again() -> None:
    """Lets kernels start again: whoever was told to end has ended."""
    _over.clear()


def end_all() -> None:
    """Ends every kernel and every warm parent, waiting for none of them."""
    _over.set()
    with _lock:
        kernels = list(_kernels)
    for kernel in kernels:
        _end(kernel)
    zygote_host.kill_all()


def _end(kernel: held.HeldKernel | unjailed.UnjailedKernel) -> None:
    with contextlib.suppress(OSError):
        if isinstance(kernel, unjailed.UnjailedKernel):
            os.killpg(kernel.process.pid, signal.SIGKILL)
        elif kernel.pidfd is not None:
            signal.pidfd_send_signal(kernel.pidfd, signal.SIGKILL)
