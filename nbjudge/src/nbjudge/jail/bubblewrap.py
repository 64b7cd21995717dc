"""The command line of bubblewrap for a list of mounts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence

from nbjudge.jail.mounts import Mount, hollow_parents


def find_bubblewrap() -> str | None:
    """The path of `bwrap`, or None."""
    return shutil.which("bwrap")


def command(
    mounts: Sequence[Mount], env: Mapping[str, str], *, bwrap: str, setup: bool, shared: Mapping[str, str]
) -> list[str]:
    """The arguments of bubblewrap, up to the `--` before the program.

    Args:
        mounts: the jail's view, from `mounts.view`.
        env: the whole environment.
        bwrap: path of the program.
        setup: keep capabilities *inside* the new user namespace, for a parent that builds a smaller jail for each
            child. None of them counts outside. False: the program is student code and gets nothing.
        shared: writable folders of the host by their place (sockets, and the warm parent's folder of kernels).
    """
    argv = [bwrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--hostname", "jail"]
    if setup:
        argv += ["--uid", "0", "--gid", "0", "--cap-add", "ALL", "--as-pid-1"]
    else:
        argv += ["--uid", "1000", "--gid", "1000"]
    argv += ["--clearenv"]
    for name, value in env.items():
        argv += ["--setenv", name, value]
    every = [*mounts, *(Mount("shared", place, source) for place, source in shared.items())]
    places, made = {mount.place for mount in every}, {"/dev", "/proc"}
    for mount in sorted(every, key=lambda mount: mount.place.count("/")):  # what lies below a mount comes after it
        for parent in hollow_parents([mount]):
            if parent not in places | made:
                argv += ["--perms", "0111", "--dir", parent]
                made.add(parent)
        argv += _arguments(mount)
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]


def _arguments(mount: Mount) -> list[str]:
    match mount.kind:
        case "read-only":
            return ["--ro-bind", os.path.realpath(mount.source), mount.place]
        case "shared":
            return ["--bind", mount.source, mount.place]
        case "link":
            return ["--symlink", mount.source, mount.place]
        case "folder":
            return ["--dir", mount.place]
        case "memory":
            return ["--size", str(mount.size), "--perms", "1777", "--tmpfs", mount.place]
        case "proc":
            return ["--proc", mount.place]
        case "devices":
            return ["--dev", mount.place]
    raise ValueError(f"no mount of kind {mount.kind!r}")
