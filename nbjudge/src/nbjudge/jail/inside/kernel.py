"""One Jupyter kernel, from a process that may already have everything imported."""

from __future__ import annotations

import os
import random
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


_UNUSED_ADDRESSES = 16 << 30  # bytes: threads and libraries reserve more than they use

# What Linux counts by user, so that the grader's own would be used up with it; and a higher rank than others have.
_BY_USER = {
    "RLIMIT_SIGPENDING": 1024,
    "RLIMIT_MSGQUEUE": 0,
    "RLIMIT_MEMLOCK": 0,
    "RLIMIT_RTPRIO": 0,
    "RLIMIT_NICE": 0,
}


def set_limits(limits: Mapping[str, int], *, memory: int, addresses: int | None, processes: int | None) -> None:
    """Bound this process and its children by rlimits.

    Args:
        limits: as `nbjudge.jail.policy.Limits.as_dict` gives them.
        memory: bytes of private memory for one process (`RLIMIT_DATA`).
        addresses: bytes of addresses that it has now, which bounds its page tables later; None for no bound of ours.
        processes: processes and threads of this user, or None for no bound of ours.
    """
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits["cpu_seconds"] + 2,  # who watches the sum of all processes is to be first
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_FSIZE: limits["written_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
    }
    wanted |= {getattr(resource, name): value for name, value in _BY_USER.items() if hasattr(resource, name)}
    if addresses is not None:
        wanted[resource.RLIMIT_AS] = addresses + limits["memory_bytes"] + _UNUSED_ADDRESSES
    if processes is not None:
        wanted[resource.RLIMIT_NPROC] = processes
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # One second between SIGXCPU, which says why, and SIGKILL.
        above = bound + 1 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else bound
        resource.setrlimit(kind, (bound, above))


def reseed() -> None:
    """Fresh random state from the operating system, so that no two kernels share one."""
    random.seed(os.urandom(32))
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed([int.from_bytes(os.urandom(4), "little") for _ in range(8)])
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.random.default_generator.manual_seed(int.from_bytes(os.urandom(8), "little") >> 1)


def without_debugger() -> None:
    """Keep ipykernel from importing debugpy: a quarter of a second, and a port, for what no grader uses."""
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]


def kernel_application(sockets: str, key: str) -> Any:
    """The IPython kernel application, bound to Unix sockets `sockets-1` … `sockets-5`, with nothing read from disk."""
    without_debugger()
    import zmq
    from ipykernel import iostream, kernelapp
    from traitlets.config import Config

    class OutputThread(iostream.IOPubThread):
        """Without the TCP socket on loopback by which forked children print, as a jail has no loopback.

        And a flood of outputs waits until the host has read them, so that the "idle" after it is not lost.
        """

        def __init__(self, socket: Any, pipe: bool = False, **kwargs: Any) -> None:
            socket.setsockopt(zmq.XPUB_NODROP, 1)
            super().__init__(socket, pipe=False, **kwargs)  # type: ignore[no-untyped-call]

    vars(kernelapp)["IOPubThread"] = OutputThread

    class JailedKernelApp(kernelapp.IPKernelApp):
        """No connection file, no configuration files, no words on the terminal: the host knows the addresses."""

        def init_connection_file(self) -> None:
            self.transport = "ipc"
            self.ip = sockets
            for number, channel in enumerate(CHANNELS, start=1):
                setattr(self, f"{channel}_port", number)
            self.session.key = key.encode()

        def write_connection_file(self, **kwargs: Any) -> None:
            """The host has it already."""

        def cleanup_connection_file(self) -> None:
            """There is none."""

        def load_config_file(self, *args: Any, **kwargs: Any) -> None:
            """A configuration file here could only be a student's."""

        def parse_command_line(self, argv: Any = None) -> None:
            """There is none."""

        def init_crash_handler(self) -> None:
            """Python's own way of reporting goes to the supervisor."""

    settings = Config()
    settings.HistoryManager.enabled = False  # no SQLite file, no thread to write it
    settings.Completer.use_jedi = False
    settings.IPKernelApp.log_level = 50
    settings.IPKernelApp.quiet = True
    settings.InteractiveShellApp.exec_PYTHONSTARTUP = False
    return JailedKernelApp.instance(config=settings)


def serve(sockets: str, key: str, ready: Callable[[], None]) -> None:
    """Run a kernel until it is told to stop; `ready()` is called when its sockets are bound."""
    sys.argv = ["ipykernel_launcher.py"]
    app = kernel_application(sockets, key)
    app.initialize([])
    ready()
    app.start()
