"""What student code can see, as one list: the jail is built from it, and the security page prints it."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.paths import COURSE, ROOT, SOLUTION
from nbjudge.jail.policy import MiB, Settings

HOME, DATA, KIT, GRADER = "/home/student", "/data", "/ps8kit", "/ps8grader"
OWN = ("/tmp", HOME, "/dev/shm")  # fresh for each kernel
INSIDE = Path(__file__).with_name("inside")
_SYSTEM = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share")
_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
_OF_A_PREFIX = ("bin", "lib", "lib64", "pyvenv.cfg")  # not etc or share: they may hold an instructor's settings

ETC = {
    "passwd": "root:x:0:0:root:/:/usr/sbin/nologin\nstudent:x:1000:1000:student:/home/student:/bin/sh\n",
    "group": "root:x:0:\nstudent:x:1000:\n",
    "hosts": "127.0.0.1 localhost ps8\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


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


def view(settings: Settings, etc: Path) -> list[Mount]:
    """Everything that exists in a jail, outermost first.

    Args:
        settings: what this grader's jails have in common.
        etc: a folder of the host that holds the files of `ETC`.
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
    mounts += [
        Mount("read-only", f"{KIT}/ps8", str(settings.kit), "the student kit"),
        Mount("read-only", f"{GRADER}/nbjudge/jail/inside", str(INSIDE), "starts and watches the kernel"),
    ]
    if settings.collector.is_dir():
        place = f"{GRADER}/autograder/collector"
        mounts.append(Mount("read-only", place, str(settings.collector), "records the evidence; no answers"))
    if settings.data is not None and settings.data.is_dir():
        mounts.append(Mount("read-only", DATA, str(settings.data), "the images of a grading run"))
    mounts += [Mount("read-only", str(path), str(path), "named in course.toml") for path in _allowed(settings.readable)]
    mounts += [
        Mount("proc", "/proc", why="the processes of this jail only"),
        Mount("devices", "/dev", why="null, zero, full, random, urandom, tty, pts"),
        Mount("memory", "/dev/shm", why="shared memory, bounded", size=64 * MiB),
        Mount("memory", "/tmp", why="empty for each hand-in, bounded", size=64 * MiB),
        Mount("memory", HOME, why="empty but for the hand-in's artifacts, bounded", size=64 * MiB),
        Mount("folder", "/run/ps8/sockets", why="the kernel's five sockets; read-only once they are bound"),
        Mount("folder", "/exchange/challenge", why="what the judge asks; read-only"),
        Mount("folder", "/exchange/evidence", why="what the collector answers, bounded"),
    ]
    return mounts


def _allowed(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        resolved = path.resolve()
        if not path.is_absolute() or not path.is_dir():
            raise ValueError(f"[grading] readable: {path} is not an existing folder with an absolute path")
        if any(_within(secret, [resolved]) or _within(resolved, [secret]) for secret in (SOLUTION, COURSE, ROOT)):
            raise ValueError(f"[grading] readable: {path} would show student code the course's answers or records")
        if _within(path, ["/tmp", "/home/student", "/dev", "/proc", "/run", "/exchange"]):
            raise ValueError(f"[grading] readable: {path} lies where each jail has something of its own; move it elsewhere")
        yield path


def rows(settings: Settings) -> list[tuple[str, str, str]]:
    """Place, kind and reason of everything in a jail, for a page that anyone may read: no path of this machine."""
    python = {str(path) for path in python_places()}
    named = {str(path) for path in settings.readable}
    told = []
    for mount in view(settings, Path("etc")):
        place = mount.place
        if place in python:
            place = "where Python is: bin, lib, lib64, pyvenv.cfg"
        elif place in named:
            place = "folders named in course.toml"
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
