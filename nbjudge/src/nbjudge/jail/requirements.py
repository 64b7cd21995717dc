"""Whether this machine can jail student code, and what to do if not."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from nbjudge.jail import bubblewrap, cgroups
from nbjudge.jail.inside import landlock, seccomp
from nbjudge.jail.inside.syscalls import ALLOWED

# What the warm parent does for each kernel: namespaces within the jail's own, and a mount there.
_NESTED = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x6C020000) or libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None):
    sys.exit("namespaces inside the jail: " + os.strerror(ctypes.get_errno()))
sys.exit(7)
"""


@dataclass(frozen=True)
class MachineCheck:
    """One line of `doctor`.

    Attributes:
        name: what was looked at.
        good: whether it is as it should be.
        says: what was found.
        fix: what to type or change, if it is not good.
        needed: whether nothing can be graded without it; else it makes things stronger.
    """

    name: str
    good: bool
    says: str
    fix: str = ""
    needed: bool = True


@functools.cache
def reasons_unavailable() -> tuple[str, ...]:
    """Why there can be no jail here, in words; empty if there can."""
    return tuple(f"{finding.says} {finding.fix}".strip() for finding in _needed() if not finding.good)


def findings() -> list[MachineCheck]:
    """Everything about jails on this machine: what is needed, then what makes them stronger."""
    where = cgroups.find_places()
    bounded = MachineCheck(
        "memory bound",
        where is not None,
        f"control groups ({where.name}) bound the memory and the processes of each submission as a whole"
        if where
        else "no control group can be made here: rlimits bound each process, and a watch every 0.1 s bounds the sum",
        "" if where else "put `systemd-run --user --scope -p Delegate=yes` in front of the command that grades",
        needed=False,
    )
    known = seccomp.program() is not None
    filtered = MachineCheck(
        "system calls",
        known,
        f"{platform.machine()}: "
        + (f"{len(ALLOWED)} are let through, all others refused" if known else "they are not filtered on this processor"),
        "" if known else "grade on an x86-64 or 64-bit ARM machine, or live with one wall less around the same rooms",
        needed=False,
    )
    return [*_needed(), bounded, _counted(where), filtered, _landlock(), _shared_by_users()]


def _counted(where: cgroups.Places | None) -> MachineCheck:
    """CPU time is counted in any case; how it is counted differs."""
    if where is not None and where.count is not None:
        return MachineCheck("CPU time", True, f"counted by control groups ({where.name})", needed=False)
    if seccomp.program() is not None:
        return MachineCheck(
            "CPU time", True, "counted from /proc; no process can hide its children's by ignoring their end", needed=False
        )
    says = "counted from /proc; children whose end is ignored are not counted on this processor"
    return MachineCheck("CPU time", False, says, "run the grader where it can make control groups", needed=False)


_LANDLOCK = ((6, "files, network, signals"), (4, "files, network"), (1, "files"))


def _landlock() -> MachineCheck:
    """How much of Landlock this kernel has."""
    version = landlock.version()
    covers = next((covers for since, covers in _LANDLOCK if version >= since), "")
    if not covers:
        fix = "boot a kernel from 5.13 on with `landlock` in its parameter `lsm=`, or live with one wall less"
        return MachineCheck("Landlock", False, "this kernel has none", fix, needed=False)
    return MachineCheck("Landlock", True, f"version {version}: {covers}", needed=False)


def _shared_by_users() -> MachineCheck:
    """Whether a user namespace can bound what Linux otherwise counts for the grader's user."""
    bounded = os.path.exists("/proc/sys/user/max_inotify_instances")
    says = (
        "none for student code"
        if bounded
        else "this kernel cannot bound them for a jail; the filter of system calls refuses them"
    )
    fix = "" if bounded else "use Linux 4.13 or newer, built with CONFIG_INOTIFY_USER"
    return MachineCheck("inotify", bounded, says, fix, needed=False)


def _needed() -> list[MachineCheck]:
    if platform.system() != "Linux":
        return [MachineCheck("system", False, f"Jails need Linux; this is {platform.system()}.", "Grade in a Linux VM.")]
    path = bubblewrap.find_bubblewrap()
    if path is None:
        return [MachineCheck("bubblewrap", False, "bubblewrap (the program `bwrap`) is missing.", "Type: " + _install_line())]
    problem = _trial(path)
    if problem:
        return [MachineCheck("namespaces", False, f"bubblewrap cannot make namespaces here ({problem}).", _namespace_fix())]
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10).stdout.strip()
    return [MachineCheck("bubblewrap", True, f"{version} at {path}"), MachineCheck("namespaces", True, "can be made")]


def _trial(path: str) -> str:
    """Make a small jail as the grader does. What went wrong, or nothing."""
    argv = [path, "--unshare-all", "--unshare-user", "--die-with-parent"]
    argv += ["--uid", "0", "--gid", "0", "--cap-add", "ALL"]
    argv += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--"]
    argv += [os.path.abspath(sys.executable), "-I", "-S", "-c", _NESTED]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    return "" if done.returncode == 7 else (done.stderr.strip() or f"exit status {done.returncode}")


def _install_line() -> str:
    for program, line in (
        ("apt-get", "sudo apt-get install bubblewrap"),
        ("dnf", "sudo dnf install bubblewrap"),
        ("pacman", "sudo pacman -S bubblewrap"),
        ("zypper", "sudo zypper install bubblewrap"),
    ):
        if any(Path(folder, program).exists() for folder in ("/usr/bin", "/bin")):
            return line
    return "conda install -c conda-forge bubblewrap"


def _namespace_fix() -> str:
    if _reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "Ubuntu refuses them to ordinary users; type: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if _reads("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "Type: sudo sysctl kernel.unprivileged_userns_clone=1"
    if _reads("/proc/sys/user/max_user_namespaces") == "0":
        return "Type: sudo sysctl user.max_user_namespaces=15000"
    options = " ".join(f"--security-opt {name}=unconfined" for name in ("seccomp", "apparmor", "systempaths"))
    return f"In a container, start that with `{options}`."


def _reads(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
