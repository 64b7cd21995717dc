"""`autograder doctor`: whether this machine can grade, and how to mend what is missing."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from importlib.metadata import version

import ps8
from ps8.data import DataError

from autograder.jail import findings
from autograder.paths import ASSIGNMENT, COURSE, DATA, SECRET

PACKAGES = ("nbgrader", "nbclient", "ipykernel", "torch")
ROOM = 2 * 2**30  # bytes that a class of some hundreds may leave in evidence/


def checks() -> Iterator[tuple[bool, str, str]]:
    """For each thing that grading needs: whether it is well, what was found, and what to do if it is not."""
    for finding in findings():
        yield finding.good, f"{finding.name}: {finding.says}", finding.fix
    yield True, "versions: " + ", ".join(f"{name} {version(name)}" for name in PACKAGES), ""
    try:
        yield True, f"data: {ps8.load_data(DATA).name}", ""
    except (DataError, OSError) as error:
        yield False, f"data: {error}", "python -m ps8.data verify"
    sources = sorted((COURSE / "source" / ASSIGNMENT).glob("*.ipynb"))
    yield bool(sources), f"source: {len(sources)} notebooks", "make notebooks"
    key = COURSE / SECRET
    private = not key.exists() or not stat.S_IMODE(key.stat().st_mode) & 0o077
    said = "readable by its owner only" if private else "others can read it"
    yield private, f"{SECRET}: {said}", f"chmod 600 autograder/{SECRET}"
    free = shutil.disk_usage(COURSE).free
    yield free > ROOM, f"disk: {free / 2**30:.0f} GB free", "make room: evidence/ and prepared/ can be deleted"
    yield os.access(COURSE, os.W_OK), "course directory: writable", f"let this user write to {COURSE.name}/"


def main() -> int:
    """Prints a line for each check. Returns 1 if any is red."""
    bad = 0
    for well, what, fix in checks():
        print(f"{'ok ' if well else 'NO '} {what}" + ("" if well or not fix else f"\n     {fix}"))
        bad += not well
    return 1 if bad else 0
