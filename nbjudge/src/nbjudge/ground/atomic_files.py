"""Files that are there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def write_whole(path: Path, data: bytes | str, *, fsync: bool = False, mode: int = 0o666) -> None:
    """Writes a file aside and puts it in its place in one step: whoever reads it, even after a crash, finds the old or the new.

    Args:
        path: in a folder that is there.
        data: text is written as UTF-8, its lines' ends as they are.
        fsync: wait until the file and its name are on the disk.
        mode: who may do what with it from its first byte on, less what the process masks.

    Raises:
        OSError: if it could not be written; then nothing of it is left, and what was there before is there still.
    """
    raw = data.encode("utf-8") if isinstance(data, str) else data
    partial = path.with_name(f".{secrets.token_hex(8)}.part")  # never the name of another's, nor longer than a name may be
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode), "wb") as file:
            file.write(raw)
            if fsync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    if fsync:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Waits until a folder's names are on the disk, where the system lets one: Windows opens no folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
