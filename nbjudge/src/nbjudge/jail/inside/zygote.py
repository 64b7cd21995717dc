"""The warm parent: imports what notebooks import, once, and forks a supervisor and a kernel for each submission.

Run by bubblewrap as `python -m nbjudge_inside.zygote FD MODULES`. It never runs a line of student code, and
it has one thread when it forks, so a child is as good as a fresh process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from . import linux, supervisor, view


def main() -> None:
    """Import, report, then fork on request until the host closes the connection."""
    host = socket.socket(fileno=int(sys.argv[1]))
    host.set_inheritable(False)
    began = time.monotonic()
    missing = preload(sys.argv[2].split(",") if len(sys.argv) > 2 and sys.argv[2] else [])
    report = {
        "event": "warm",
        "seconds": time.monotonic() - began,
        "missing": missing,
        "threads": linux.thread_count(),
        "python": sys.version.split()[0],
        "other_users": _runs_as_others(),
    }
    host.send(json.dumps(report).encode())
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    gc.collect()
    gc.freeze()  # what is imported stays shared: the collector of a child does not touch it
    own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    data, addresses = _bytes("VmData"), _bytes("VmSize")
    while True:
        ready, _, _ = select.select([host], [], [], 0.5)
        _reap()
        if ready:
            message, descriptors, _, _ = socket.recv_fds(host, 1 << 20, 4)
            if not message:
                return
            spec = json.loads(message)
            spec |= {"memory_at_start": data, "addresses_at_start": addresses}
            _fork(spec, descriptors, host, own_pids)


def preload(names: list[str]) -> dict[str, str]:
    """Import modules; of a name such as `module:function`, call the function too. Returns what failed, and why."""
    missing = {}
    for name in names:
        try:
            module, _, function = name.partition(":")
            imported = importlib.import_module(module)
            if function:
                getattr(imported, function)()
        except Exception as problem:
            missing[name] = f"{type(problem).__name__}: {problem}"
    return missing


def _fork(spec: dict[str, Any], descriptors: list[int], host: socket.socket, own_pids: int) -> None:
    linux.unshare(linux.CLONE_NEWPID)  # the next child is the first process of a new PID namespace
    try:
        pid = os.fork()
        if pid == 0:
            host.close()
            os.close(own_pids)
            supervisor.run(spec, socket.socket(fileno=descriptors[0]))
    finally:
        linux.setns(own_pids, linux.CLONE_NEWPID)
    for descriptor in descriptors:
        os.close(descriptor)


def _reap() -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def _bytes(row: str) -> int:
    """A row of this process's memory: `VmData` is what RLIMIT_DATA counts, `VmSize` what RLIMIT_AS does."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{row}:"):
            return int(line.split()[1]) * 1024
    return 0


def _runs_as_others() -> bool:
    """Whether user 1 of this namespace exists (the host is root) and can read the Python environment and the packages."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setresgid(1, 1, 1)
            os.setresuid(1, 1, 1)
            linux.drop_capabilities()
            sources = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
            files = [source for source in sources if source and os.path.isabs(source)] + _packages()
            os._exit(0 if all(os.access(file, os.R_OK) for file in files) else 1)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _packages() -> list[str]:
    """What kernels may import besides what is installed.

    Raises:
        OSError: if one of the folders cannot be listed.
    """

    def fail(problem: OSError) -> None:
        raise problem

    found = os.walk(view.PACKAGES, onerror=fail)
    return [os.path.join(folder, name) for folder, _, names in found for name in names if name.endswith(".py")]


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the host's terminal is the host's to answer
    main()
