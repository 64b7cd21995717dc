"""Reads a handed-in file without following, opening or believing what should not be.

Everything is opened relative to a folder that is open already, never through a link and never blocking, and looked at again
once open: what was a file while listing may be a link or a FIFO a moment later.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

MAX_FILE = 64 * 2**20

FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class FileRefused(ValueError):
    """A file that is not read. Its text says why, in a student's words."""


@dataclass(frozen=True)
class SubmittedFile:
    """A file that was handed in.

    Attributes:
        path: relative to the folder, with / between its parts; one in an archive as `submission.zip/ps8.ipynb`.
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


def read_file(path: Path, limit: int = MAX_FILE, folder: int | None = None) -> tuple[bytes, os.stat_result]:
    """The first `limit` bytes of a regular file that has one name only.

    Args:
        path: of the file.
        limit: of bytes.
        folder: descriptor of the folder that a relative path starts from.

    Raises:
        FileRefused: if it is a link, a pipe, a device or a folder, has another name too, or cannot be read.
    """
    try:
        descriptor = os.open(path, FLAGS, dir_fd=folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            other = KINDS.get(stat.S_IFMT(os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode))
            if other:
                raise FileRefused(f"is {other} and was not followed") from None
        raise FileRefused(f"could not be read ({error.strerror})") from None
    try:
        info = os.fstat(descriptor)
        kind = stat.S_IFMT(info.st_mode)
        if kind != stat.S_IFREG:
            raise FileRefused(f"is {KINDS.get(kind, 'no file')} and was not read")
        now = os.stat(path, dir_fd=folder, follow_symlinks=False)
        if max(info.st_nlink, now.st_nlink) > 1:
            raise FileRefused("is a hard link to another file and was not read")
        if (info.st_dev, info.st_ino) != (now.st_dev, now.st_ino):  # it may have been a hard link when it was opened
            raise FileRefused("was replaced while it was read")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(limit), info
    except OSError as error:
        raise FileRefused(f"could not be read ({error.strerror})") from None
    finally:
        os.close(descriptor)
