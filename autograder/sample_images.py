"""The images that given cells of a notebook read: made once here, or every kernel would make its own in vain."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import ps8
from nbjudge.jail import MachineCheck
from ps8.data import DataError, load_data

_lock = threading.Lock()
_seen: set[Path] = set()


def make_ready(folder: Path | None) -> None:
    """Sees to it that a folder holds a data set: the photo sample if there is none.

    What is wrong with it is said once. Grading goes on: of a submission, only given cells read images, no probe does.

    Args:
        folder: what jails show as their data; None if they show none.
    """
    if folder is None or not folder.is_dir():
        return
    with _lock:
        if folder in _seen:
            return
        _seen.add(folder)
        try:
            load_data(folder, mmap=True)
        except (DataError, OSError) as error:
            print(f"Grading without images: {error}", file=sys.stderr)


def finding(folder: Path) -> MachineCheck:
    """For the doctor: whether there are images that submissions can be run on."""
    try:
        return MachineCheck("data", True, str(ps8.load_data(folder).name))
    except (DataError, OSError) as error:
        return MachineCheck("data", False, str(error), "python -m ps8.data verify")
