"""The two folders that judge and collector share, handled as if the other side were hostile, which it may be.

The judge writes `challenge`, which the kernel can only read. The kernel writes `evidence`, a small file system in
memory. Whatever student code puts there, reading it here follows no link, opens no pipe or device, and never takes
more bytes than asked for.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

INSIDE_CHALLENGE, INSIDE_EVIDENCE = "/exchange/challenge", "/exchange/evidence"


class BadEvidenceFile(ValueError):
    """What lies in the evidence folder is not a plain file of a reasonable size."""


@dataclass(frozen=True)
class Exchange:
    """The host's two folders, and their names in the kernel (equal to the host's where there is no jail)."""

    challenge: Path
    evidence: Path
    inside_challenge: str = INSIDE_CHALLENGE
    inside_evidence: str = INSIDE_EVIDENCE

    def put(self, name: str, content: bytes) -> None:
        """Give the kernel a file to read, complete or not at all."""
        _plain(name)
        folder = os.open(self.challenge, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(f".{name}.new", flags, 0o644, dir_fd=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                os.fchmod(handle, 0o644)
            os.rename(f".{name}.new", name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(folder)

    def lend(self, name: str, content: bytes) -> None:
        """Give the kernel a file to read and remove, in the folder that it may write to.

        Raises:
            BadEvidenceFile: if it cannot be put there.
        """
        _plain(name)
        folder = os.open(self.evidence, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(name, flags, 0o644, dir_fd=folder), "wb") as file:
                file.write(content)
        except OSError as problem:
            raise BadEvidenceFile(f"{name}: {problem.strerror}") from None
        finally:
            os.close(folder)

    def take(self, name: str, most: int) -> bytes | None:
        """Read a file the kernel wrote; None if there is none.

        Args:
            name: its plain name in the evidence folder.
            most: bytes it may have.

        Raises:
            BadEvidenceFile: if it is a link, a pipe, a folder, … or longer than `most`.
        """
        _plain(name)
        folder = os.open(self.evidence, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            handle = os.open(name, flags, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise BadEvidenceFile(f"{name}: {problem.strerror}") from None
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise BadEvidenceFile(f"{name} is not a file")
        with os.fdopen(handle, "rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise BadEvidenceFile(f"{name} has more than {most} bytes")
        return content

    def drop(self, name: str) -> None:
        """Remove a file from the evidence folder, so that an old answer cannot stand for a new one."""
        _plain(name)
        folder = os.open(self.evidence, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            pass
        except OSError as problem:
            raise BadEvidenceFile(f"{name}: {problem.strerror}") from None
        finally:
            os.close(folder)


def _plain(name: str) -> None:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is not a plain file name")
