"""What student code can see, as one list: the jail is built from it, and the security page prints it."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbjudge.jail.inside.view import HOME, PACKAGES
from nbjudge.jail.policy import RESERVED, JailSettings, MiB

DATA = "/data"
OWN = ("/tmp", HOME, "/dev/shm")  # fresh for each kernel
INSIDE = Path(__file__).with_name("inside")
_SYSTEM = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share")
_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
_OF_A_PREFIX = ("bin", "lib", "lib64", "pyvenv.cfg")  # not etc or share: they may hold an instructor's settings

ETC = {
    "passwd": "root:x:0:0:root:/:/usr/sbin/nologin\nstudent:x:1000:1000:student:/home/student:/bin/sh\n",
    "group": "root:x:0:\nstudent:x:1000:\n",
    "hosts": "127.0.0.1 localhost jail\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
EMPTY = "__init__.py"  # beside them on the host: makes a package of a folder that only holds others


@dataclass(frozen=True)
class Mount:
    """One thing at one place of the jail.

    Attributes:
        kind: `read-only` (of the host), `link`, `folder` (empty), `memory` (empty, bounded, writable),
            `proc`, `devices`, `shared` (of the host, writable).
        place: where student code sees it.
        source: what it is on the host; for a link, what it points to.
        why: one line for the security page.
        size: bytes, for `memory`.
    """

    kind: str
    place: str
    source: str = ""
    why: str = ""
    size: int = 0


def python_places() -> list[Path]:
    """The parts of this Python's environment that a kernel needs, as paths of the host.

    Only `bin`, `lib`, `lib64` and `pyvenv.cfg` of each prefix, so that a virtual environment may lie in the
    repository, or be it, and Python may lie in someone's home.
    """
    prefixes = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)]
    prefixes += [Path(hop).parent.parent for hop in _link_chain(sys.executable)]
    found = [prefix / part for prefix in prefixes for part in _OF_A_PREFIX]
    found += [Path(entry) for entry in [*sys.path, site.getusersitepackages()] if _is_site_folder(entry)]
    if any(str(prefix).startswith("/nix/store") for prefix in prefixes):
        found.append(Path("/nix/store"))
    return _outermost(path for path in found if path.exists() and not _within(path, _SYSTEM))


def below_own_folders(places: Iterable[Path]) -> list[str]:
    """Of the host's places, those that lie where each kernel gets a fresh folder of its own, as in a checkout below /tmp."""
    return [str(path) for path in places if _within(path, OWN)]


def view(settings: JailSettings, etc: Path) -> list[Mount]:
    """Everything that exists in a jail, outermost first.

    Args:
        settings: what this grader's jails have in common.
        etc: a folder of the host that holds the files of `ETC`, and `EMPTY`.

    Raises:
        ValueError: if the settings name a folder that is none, or that would show what is secret.
    """
    mounts = [Mount("read-only", part, part, "programs and libraries") for part in _SYSTEM if os.path.isdir(part)]
    for link in _LINKS:
        if os.path.islink(link):
            mounts.append(Mount("link", link, os.readlink(link), "programs and libraries"))
        elif os.path.isdir(link):
            mounts.append(Mount("read-only", link, link, "programs and libraries"))
    mounts += [Mount("read-only", f"/etc/{name}", str(etc / name), "a neutral one, one user") for name in ETC]
    for known in ("/etc/ld.so.cache", "/etc/alternatives"):
        if os.path.exists(known):
            mounts.append(Mount("read-only", known, known, "where libraries and programs are"))
    mounts += [Mount("read-only", str(path), str(path), "the Python environment") for path in python_places()]
    mounts += _packages(settings, etc / EMPTY)
    if settings.data is not None and settings.data.is_dir():
        mounts.append(Mount("read-only", DATA, str(settings.data), "the course's data"))
    mounts += [
        Mount("read-only", str(path), str(path), "named by the course as [grading] readable") for path in _allowed(settings)
    ]
    mounts += [
        Mount("proc", "/proc", why="the processes of this jail only"),
        Mount("devices", "/dev", why="null, zero, full, random, urandom, tty, pts"),
        Mount("memory", "/dev/shm", why="shared memory, bounded", size=64 * MiB),
        Mount("memory", "/tmp", why="empty for each submission, bounded", size=64 * MiB),
        Mount("memory", HOME, why="empty but for the submission's artifacts, bounded", size=64 * MiB),
        Mount("folder", "/run/nbjudge/sockets", why="the kernel's five sockets; read-only once they are bound"),
        Mount("folder", "/exchange/challenge", why="what the judge asks; read-only"),
        Mount("folder", "/exchange/evidence", why="what the collector answers, bounded"),
    ]
    _keep_secret(mounts, settings.secret)
    return mounts


def place_of(package: str) -> str:
    """Where a package lies below `PACKAGES`."""
    return package.replace(".", "/")


def packages_above(packages: Iterable[str]) -> list[str]:
    """Of `a.b.c`: `a` and `a.b`, which hold nothing but others. As packages of their own they hide no other of that name."""
    return sorted({name.rsplit(".", up)[0] for name in packages for up in range(1, name.count(".") + 1)})


def _packages(settings: JailSettings, empty: Path) -> Iterator[Mount]:
    """What kernels can import besides what is installed: folders that can be listed, as Python does to find a module."""
    yield Mount("folder", PACKAGES, why="holds what follows, and can be listed: Python looks into it")
    yield Mount("read-only", f"{PACKAGES}/{RESERVED}", str(INSIDE), "starts and watches the kernel")
    for name in packages_above(settings.packages):
        yield Mount("folder", f"{PACKAGES}/{place_of(name)}", why="holds what follows")
        yield Mount("read-only", f"{PACKAGES}/{place_of(name)}/{EMPTY}", str(empty), "empty")
    for name, folder in settings.packages.items():
        if not folder.is_dir():
            raise ValueError(f"packages: {name} is to come from {folder}, which is not a folder")
        yield Mount("read-only", f"{PACKAGES}/{place_of(name)}", str(folder), f"the course's package {name}")


def _keep_secret(mounts: Iterable[Mount], secret: Iterable[Path]) -> None:
    """Refuses a jail in which a secret folder could be read: as one of its mounts, or somewhere in one."""
    places = [place.resolve() for place in secret]
    for mount in mounts:
        held = [place for place in places if mount.kind == "read-only" and _within(place, [Path(mount.source).resolve()])]
        if held:
            raise ValueError(
                f"{mount.source} is shown to student code ({mount.why}), and {held[0]} in it holds the course's answers or "
                "records: move one of the two, or name another folder"
            )


def _allowed(settings: JailSettings) -> Iterator[Path]:
    for path in settings.readable:
        resolved = path.resolve()
        if not path.is_absolute() or not path.is_dir():
            raise ValueError(f"[grading] readable: {path} is not an existing folder with an absolute path")
        if _within(resolved, [place.resolve() for place in settings.secret]):
            raise ValueError(f"[grading] readable: {path} lies in a folder of the course's answers or records")
        if _within(path, ["/tmp", HOME, "/dev", "/proc", "/run", "/exchange", DATA, PACKAGES]):
            raise ValueError(f"[grading] readable: {path} lies where each jail has something of its own; move it elsewhere")
        yield path


def mount_rows(settings: JailSettings) -> list[tuple[str, str, str]]:
    """Place, kind and reason of everything in a jail, for a page that anyone may read: no path of this machine."""
    python = {str(path) for path in python_places()}
    named = {str(path) for path in settings.readable}
    told = []
    for mount in view(settings, Path("etc")):
        place = mount.place
        if place in python:
            place = "where Python is: bin, lib, lib64, pyvenv.cfg"
        elif place in named:
            place = "folders that the course names as readable"
        told.append((place, mount.kind, mount.why))
    return list(dict.fromkeys(told))


def hollow_parents(mounts: Iterable[Mount]) -> list[str]:
    """Folders that exist only because something is mounted below them; nobody may list these."""
    places = {mount.place for mount in mounts}
    parents = {str(parent) for place in places for parent in Path(place).parents} - {"/"} - places
    return sorted(parents)


def is_user_site(path: Path) -> bool:
    """Whether `path` is a site folder outside every prefix, which Python inside has to be told of."""
    prefixes = {sys.prefix, sys.base_prefix, "/usr"}
    return _is_site_folder(str(path)) and not _within(path, prefixes)


def _is_site_folder(entry: str) -> bool:
    return os.path.basename(entry.rstrip("/")) in ("site-packages", "dist-packages") and os.path.isdir(entry)


def _link_chain(path: str) -> Iterator[str]:
    """`path`, and what it links to, hop by hop."""
    for _ in range(16):
        yield path
        if not os.path.islink(path):
            return
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))


def _within(path: Path, folders: Iterable[str | Path]) -> bool:
    return any(path == Path(folder) or Path(folder) in path.parents for folder in folders)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without repetitions, and without what lies below another of them."""
    kept: list[Path] = []
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if not _within(path, kept):
            kept.append(path)
    return kept
