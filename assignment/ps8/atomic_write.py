"""Files that are written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path


def write_whole(path: str | Path, write: Callable[[Path], object]) -> None:
    """Writes beside the file and puts that in its place in one step: an interrupt leaves what was there before.

    Args:
        path: of the file; its folder is there.
        write: gets the path to write to.
    """
    partial = Path(f"{path}.part")
    write(partial)
    partial.replace(path)


def reason(error: Exception) -> str:
    """Why a file could not be written, in a few words."""
    lines = (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()
    # PyTorch's own writer begins with the line of its source, and ends with what the system says.
    return re.sub(r"^\[enforce fail[^]]*\]\W*", "", lines[0]).split("strerror: ")[-1][:200]
