"""Looks through a handed-in folder without following, opening or believing what should not be.

Everything is opened relative to a folder that is open already, never through a link and never blocking, and looked at again
once open: what was a file while listing may be a link or a FIFO a moment later.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import mktime

from autograder.ground.names import shown_file as shown

MAX_FILE = 64 * 2**20
MAX_TOTAL = 256 * 2**20
MAX_ENTRIES = 2_000
MAX_DEPTH = 6
SKIPPED = {"__MACOSX", "__pycache__", "Thumbs.db", "timestamp.txt"}  # and whatever begins with a dot

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class Refused(ValueError):
    """A file that is not read. Its text says why, in a student's words."""


@dataclass(frozen=True)
class Found:
    """A file that was handed in.

    Attributes:
        path: relative to the folder, with / between its parts; one in an archive as `hand-in.zip/ps8.ipynb`.
        data: its bytes, or the first of them where `size` is larger.
        size: bytes in all.
        changed: seconds since 1970, as the file system or the archive has it.
    """

    path: str
    data: bytes
    size: int
    changed: float

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def depth(self) -> int:
        """How many folders or archives it lies in."""
        return self.path.count("/")


Wanted = Callable[[str], bool]


def read_file(path: Path, limit: int = MAX_FILE, folder: int | None = None) -> tuple[bytes, os.stat_result]:
    """The first `limit` bytes of a regular file that has one name only.

    Args:
        path: of the file.
        limit: of bytes.
        folder: descriptor of the folder that a relative path starts from.

    Raises:
        Refused: if it is a link, a pipe, a device or a folder, has another name too, or cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS, dir_fd=folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            other = _KINDS.get(stat.S_IFMT(os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode))
            if other:
                raise Refused(f"is {other} and was not followed") from None
        raise Refused(f"could not be read ({error.strerror})") from None
    try:
        info = os.fstat(descriptor)
        kind = stat.S_IFMT(info.st_mode)
        if kind != stat.S_IFREG:
            raise Refused(f"is {_KINDS.get(kind, 'no file')} and was not read")
        now = os.stat(path, dir_fd=folder, follow_symlinks=False)
        if max(info.st_nlink, now.st_nlink) > 1:
            raise Refused("is a hard link to another file and was not read")
        if (info.st_dev, info.st_ino) != (now.st_dev, now.st_ino):  # it may have been a hard link when it was opened
            raise Refused("was replaced while it was read")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(limit), info
    except OSError as error:
        raise Refused(f"could not be read ({error.strerror})") from None
    finally:
        os.close(descriptor)


class Search:
    """Collects the wanted files of a folder, its subfolders and its zip archives."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.found: list[Found] = []
        self.remarks: list[str] = []
        self._entries = self._bytes = 0

    def folder(self, path: Path) -> None:
        """Looks through a folder; what is wrong with it becomes a remark."""
        try:
            descriptor = os.open(path, _FLAGS | os.O_DIRECTORY)
        except OSError as error:
            self.remarks.append(f"The folder of the hand-in could not be read ({error.strerror}).")
            return
        self._walk(descriptor, "", 0)

    def _walk(self, descriptor: int, prefix: str, depth: int) -> None:
        try:
            for name in sorted(os.listdir(descriptor)):
                if name in SKIPPED or name.startswith("."):
                    continue
                self._entries += 1
                if self._entries > MAX_ENTRIES:
                    self._say(f"There are more than {MAX_ENTRIES:,} files in the hand-in: the rest was not looked at.")
                    return
                self._entry(descriptor, name, prefix + name, depth)
        except OSError as error:
            self._say(f"{shown(prefix) or 'The hand-in'} could not be looked through ({error.strerror}).")
        finally:
            os.close(descriptor)

    def _entry(self, folder: int, name: str, path: str, depth: int) -> None:
        kind = stat.S_IFMT(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        if kind == stat.S_IFDIR:
            if depth >= MAX_DEPTH:
                self._say(f"{shown(path)} lies too deep and was not looked at.")
                return
            self._walk(os.open(name, _FLAGS | os.O_DIRECTORY, dir_fd=folder), path + "/", depth + 1)
        elif kind != stat.S_IFREG:
            self._say(f"{shown(path)} is {_KINDS.get(kind, 'no file')} and was not read.")
        elif name.lower().endswith(".zip") or self.wanted(name):
            try:
                data, info = read_file(Path(name), MAX_FILE, folder)
            except Refused as refused:
                self._say(f"{shown(path)} {refused}.")
                return
            if name.lower().endswith(".zip"):
                self._archive(path, data, info)
            else:
                self._keep(Found(path, data, info.st_size, info.st_mtime))

    def _archive(self, path: str, data: bytes, info: os.stat_result) -> None:
        if info.st_size > len(data):
            self._say(f"{shown(path)} is too large ({info.st_size / 2**20:.0f} MB) and was not unpacked.")
            return
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist()[:MAX_ENTRIES]:
                    self._member(archive, member, path)
        except Exception as error:  # zipfile, zlib and struct each have their own for what is no archive
            self._say(f"{shown(path)} could not be unpacked ({type(error).__name__}).")

    def _member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str) -> None:
        parts = member.filename.replace("\\", "/").split("/")
        if self._bytes > MAX_TOTAL:  # said already; what is not kept need not be unpacked
            return
        if member.is_dir() or not self.wanted(parts[-1]) or any(p in SKIPPED or p.startswith("._") for p in parts):
            return
        inside = f"{path}/{member.filename}"
        kind = stat.S_IFMT(member.external_attr >> 16)
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            self._say(f"{shown(inside)} points out of the archive and was not read.")
        elif kind not in (0, stat.S_IFREG):
            self._say(f"{shown(inside)} is {_KINDS.get(kind, 'no file')} and was not read.")
        elif member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._say(f"{shown(inside)} is encrypted, or packed in an unusual way, and could not be read.")
        else:
            with archive.open(member) as file:  # bounded, whatever the archive says of its size
                data = file.read(MAX_FILE + 1)
            self._keep(Found(f"{path}/{'/'.join(parts)}", data[:MAX_FILE], len(data), _time_of(member)))

    def _keep(self, found: Found) -> None:
        self._bytes += len(found.data)
        if self._bytes > MAX_TOTAL:
            self._say(f"The hand-in has more than {MAX_TOTAL // 2**20} MB: {shown(found.path)} was left out.")
            return
        self.found.append(found)

    def _say(self, remark: str) -> None:
        if len(self.remarks) < 20 and remark not in self.remarks:
            self.remarks.append(remark)


def _time_of(member: zipfile.ZipInfo) -> float:
    try:
        return mktime((*member.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
