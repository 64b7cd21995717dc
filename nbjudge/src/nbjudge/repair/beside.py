"""The files beside a submission's notebooks. Its code finds them in its working directory, as with nbgrader alone.

nbgrader copies what was handed in, and over it what lies beside the instructor's notebooks. It follows a student's links in
doing so, wherever they lead; here nothing is read but plain files of one name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from traitlets.config import Config

from nbjudge.assignment import Assignment
from nbjudge.ground.foreign_names import shown_file as shown
from nbjudge.repair.file_reader import FileRefused, read_file
from nbjudge.repair.search import MAX_DEPTH

MAX_FILES = 1_000
MAX_BYTES = 64 * 2**20  # of one submission
NOTEBOOKS = "*.ipynb"
TIME = "timestamp.txt"  # nbgrader's: nothing that a submission does may depend on it, or equal ones would not be run once


@dataclass
class Beside:
    """Files by their paths below the submission's folder, with / between the parts, and what was left out and why."""

    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def beside(submission: Path, source: Path, assignment: Assignment, config: Config) -> Beside:
    """The files that a submission's code finds: its own, and over them the instructor's.

    Args:
        submission: the folder of what was handed in.
        source: the folder of the instructor's notebooks.
        assignment: which it is; it may carry other files, or none.
        config: nbgrader's, which may ignore files, and leave some to the students.
    """
    if not assignment.carried:
        return Beside()
    ignored = tuple(CourseDirectory(config=config).ignore)
    theirs = handed_in(submission, ignored, assignment.carried)
    given = dict(_given(str(source), ignored, assignment.carried, _stamp(source)))
    for name in config.get("Autograde", {}).get("exclude_overwriting", {}).get(assignment.id, ()):
        if name in theirs.files:
            given.pop(name, None)
    folders = {above for name in given for above in _above(name)}
    kept = {name: data for name, data in theirs.files.items() if name not in folders and not given.keys() & set(_above(name))}
    files = {name: data for name, data in {**kept, **given}.items() if name != TIME}
    return Beside(files, theirs.remarks)


def handed_in(folder: Path, ignored: Sequence[str] = (), carried: Sequence[str] = ("*",)) -> Beside:
    """The plain files of a submission but for notebooks, as far as there is room. Follows no link, opens nothing that blocks.

    Args:
        folder: what the student handed in.
        ignored: patterns of names, of files and folders, that do not count.
        carried: patterns of the names of files that do.
    """
    found, left, out = Beside(), MAX_BYTES, list[str]()
    for name, handle in _listed(folder, ignored, carried):
        try:
            data, info = read_file(Path(name.rpartition("/")[2]), left + 1, handle)
        except FileRefused as why:
            found.remarks.append(f"{shown(name)} {why}, so the notebook did not find it.")
            continue
        if info.st_size > left or len(found.files) >= MAX_FILES:
            out.append(name)
            continue
        found.files[name] = data
        left -= len(data)
    if out:
        more = f" and {len(out) - 1} more" if len(out) > 1 else ""
        room = f"{MAX_BYTES // 2**20} MB and {MAX_FILES:,} files"
        found.remarks.append(f"There is room for {room} beside the notebooks, and {shown(out[0])}{more} were left out.")
    return found


def _listed(folder: Path, ignored: Sequence[str], carried: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The paths of the regular files, each with a descriptor of its folder, which is open until the next is asked for."""

    def out(name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in ignored)

    try:
        for place, folders, names, handle in os.fwalk(folder):
            inside = Path(place).relative_to(folder)
            folders[:] = sorted(name for name in folders if not out(name)) if len(inside.parts) < MAX_DEPTH else []
            for name in sorted(names):
                wanted = any(fnmatch(name, pattern) for pattern in carried) and not fnmatch(name, NOTEBOOKS)
                if wanted and not out(name) and _is_file(name, handle):
                    yield (inside / name).as_posix(), handle
    except OSError:
        return  # it is gone, or cannot be looked through: who looks for the notebook in it says so


def _is_file(name: str, handle: int) -> bool:
    """Whether it is a regular file. Who looks for the notebook has said what is none."""
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode)
    except OSError:
        return False


def source_files(source: Path, ignored: Sequence[str], carried: Sequence[str]) -> list[Path]:
    """The instructor's files beside the notebooks, which may be links to others."""
    found = find_all_files(str(source), [*ignored, NOTEBOOKS])
    return sorted(Path(path) for path in found if any(fnmatch(os.path.basename(path), pattern) for pattern in carried))


@lru_cache(maxsize=4)
def _given(source: str, ignored: tuple[str, ...], carried: tuple[str, ...], stamp: object) -> dict[str, bytes]:
    return {path.relative_to(source).as_posix(): path.read_bytes() for path in source_files(Path(source), ignored, carried)}


def _stamp(source: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells a folder from what it was, so that it is read once and not for each submission."""
    found = sorted(path for path in source.rglob("*") if path.is_file())
    return tuple((str(path), (about := path.stat()).st_mtime_ns, about.st_size) for path in found)


def _above(name: str) -> list[str]:
    """The folders that a file lies in: of `a/b/c`, `a` and `a/b`."""
    return [above.as_posix() for above in Path(name).parents if above.name]
