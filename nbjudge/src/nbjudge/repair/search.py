"""Looks through a handed-in folder: what is wanted most is found first, by its name, and then the bounds hold.

However many other files there are, and whatever they are called, they do not hide the one that was meant.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from nbjudge.ground.foreign_names import shown_file as shown
from nbjudge.repair.archives import SUFFIXES, kind_of, opened
from nbjudge.repair.file_reader import FLAGS, KINDS, MAX_FILE, FileRefused, SubmittedFile, read_file
from nbjudge.repair.members import Budget, Member, Unusable

MAX_TOTAL = 256 * 2**20
MAX_ENTRIES = 10_000  # files that are opened
MAX_GUESSED = 100  # files that are opened because nobody knows what they are
MAX_LISTED = 200_000  # names that are looked at
MAX_SEEN = 1_000
MAX_DEPTH = 6
MAX_ARCHIVES = 20
MAX_NESTED = 1  # archives within archives
GUESSED = 9  # the rank of a file that may be anything; beyond MAX_GUESSED such files are not looked at, and that is no loss
LAST = 99
NO_ARCHIVES = (".pth",)  # though torch writes them as zip
CHECKPOINTS = ".ipynb_checkpoints"
SKIPPED = {"__MACOSX", "__pycache__", "Thumbs.db", "timestamp.txt"}  # a file that begins with a dot is not read either
PROGRAMS = {".git", ".hg", ".svn", ".venv", ".cache", ".local", ".idea", ".vscode", ".virtual_documents"}  # their own folders

Rank = Callable[[str], "int | None"]
T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """What a folder holds under a name, if it is no folder."""

    path: str
    kind: int
    changed: float


class Search:
    """Collects the wanted files of a folder, its subfolders and its archives: first what is wanted most, then the bounds.

    Args:
        rank: of a file's name, how soon it is to be read: 0 first, `GUESSED` last. None: not at all.
        expected: names that are asked for in each folder whatever else lies there.
    """

    def __init__(self, rank: Rank, expected: Sequence[str] = ()) -> None:
        self.rank, self.expected = rank, expected
        self.found: list[SubmittedFile] = []
        self.remarks: list[str] = []
        self.seen: list[str] = []  # paths of files that were not read, as far as `MAX_SEEN` goes
        self._bytes = self._archives = 0
        self._budget = Budget()

    def folder(self, path: Path) -> None:
        """Looks through a folder; what is wrong with it becomes a remark."""
        try:
            root = os.open(path, FLAGS | os.O_DIRECTORY)
        except OSError as error:
            self.remarks.append(f"The folder of the submission could not be read ({error.strerror}).")
            return
        try:
            wanted = [entry for entry in self._listed(root) if self._is_wanted(entry)]
            told = f"There are more than {MAX_ENTRIES:,} files in the submission: the rest was not looked at."
            for entry in self._bounded(wanted, lambda entry: entry.path, lambda entry: entry.changed, told):
                self._take(root, entry)
        finally:
            os.close(root)

    def _bounded(self, files: Iterable[T], path_of: Callable[[T], str], changed: Callable[[T], float], told: str) -> list[T]:
        """As many of the files as are opened: what is wanted most, then what is newest; how a name begins is no reason."""

        def urgency(file: T) -> tuple[int, float, int, str]:
            path = path_of(file)
            rank = self.rank(path.rsplit("/", 1)[-1])
            return LAST if rank is None else rank, -changed(file), path.count("/"), path

        ordered = sorted(files, key=urgency)
        certain = [file for file in ordered if urgency(file)[0] != GUESSED]
        guessed = [file for file in ordered if urgency(file)[0] == GUESSED]
        if len(certain) > MAX_ENTRIES:
            self._say(told)
        for file in guessed[MAX_GUESSED:]:
            self._see(path_of(file))
        return [*certain[:MAX_ENTRIES], *guessed[:MAX_GUESSED]]

    def _listed(self, root: int) -> Iterator[Entry]:
        """All entries that are no folders: what lies higher first, and the expected names of a folder before others."""
        count, waiting = 0, deque([""])
        while waiting:
            prefix = waiting.popleft()
            try:
                descriptor = _folder_within(root, prefix)
            except OSError as error:
                self._say(f"{shown(prefix.rstrip('/'))} could not be looked through ({error.strerror}).")
                continue
            try:
                for name in self._names(descriptor, prefix):
                    count += 1
                    kind, changed = _looked_at(name, descriptor)
                    if count > MAX_LISTED and name not in self.expected:
                        self._say(f"There are more than {MAX_LISTED:,} files in the submission: the rest was not looked at.")
                        return
                    if kind != stat.S_IFDIR:
                        yield Entry(prefix + name, kind, changed)
                    elif name in SKIPPED | PROGRAMS or name.startswith(".Trash"):
                        continue
                    elif prefix.count("/") >= MAX_DEPTH:
                        self._say(f"{shown(prefix + name)} lies too deep and was not looked at.")
                    else:
                        waiting.append(f"{prefix}{name}/")
            except OSError as error:
                self._say(f"{shown(prefix) or 'The submission'} could not be looked through ({error.strerror}).")
            finally:
                os.close(descriptor)

    def _names(self, descriptor: int, prefix: str) -> Iterator[str]:
        """A folder's names: the expected ones, whatever number of others there is, and then those."""
        there = [name for name in self.expected if _looked_at(name, descriptor)[0]]
        yield from there
        with os.scandir(descriptor) as entries:
            yield from (entry.name for entry in entries if entry.name not in there)

    def _is_wanted(self, entry: Entry) -> bool:
        """Whether a file is to be read; one that is not is noted, so that a student can be told what was there."""
        name = entry.path.rsplit("/", 1)[-1]
        if name in SKIPPED or name.startswith("._"):
            return False
        if _is_hidden(entry.path.split("/")) or (entry.kind == stat.S_IFREG and self.rank(name) is None):
            self._see(entry.path)
            return False
        return True

    def _take(self, root: int, entry: Entry) -> None:
        path, kind = entry.path, entry.kind
        folder, _, name = path.rpartition("/")
        if kind != stat.S_IFREG:
            self._say(f"{shown(path)} is {KINDS.get(kind, 'no file')} and was not read.")
            return
        try:
            descriptor = _folder_within(root, folder)
            try:
                data, info = read_file(Path(name), MAX_FILE, descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            self._say(f"{shown(path)} could not be read ({error.strerror}).")
        except FileRefused as refused:
            self._say(f"{shown(path)} {refused}.")
        else:
            self._keep(SubmittedFile(path, data, info.st_size, info.st_mtime))

    def _keep(self, found: SubmittedFile, depth: int = 0) -> None:
        """Keeps a file, or looks into it if it is an archive, by its name or by what is in it."""
        named = found.name.casefold().endswith(SUFFIXES)
        if named or (kind_of(found.data) and not found.name.casefold().endswith(NO_ARCHIVES)):
            self._archive(found, depth)
            return
        self._bytes += len(found.data)
        if self._bytes > MAX_TOTAL:
            self._say(f"The submission has more than {MAX_TOTAL // 2**20} MB: {shown(found.path)} was left out.")
            return
        self.found.append(found)

    def _archive(self, packed: SubmittedFile, depth: int) -> None:
        """Looks into an archive, and into those that lie in it: no deeper."""
        self._see(packed.path)
        self._archives += 1
        if depth > MAX_NESTED or self._archives > MAX_ARCHIVES:
            why = "lies in an archive within another" if depth > MAX_NESTED else "is one archive too many"
            self._say(f"{shown(packed.path)} {why} and was not unpacked.")
            return
        if packed.size > len(packed.data):
            self._say(f"{shown(packed.path)} is too large ({packed.size / 2**20:.0f} MB) and was not unpacked.")
            return
        try:
            archive = opened(packed.data, packed.name, self._budget)
            chosen = self._chosen(archive.members(), packed.path)
            for member, data in archive.contents(chosen, MAX_FILE):
                if self._bytes > MAX_TOTAL:  # said already; what is not kept need not be unpacked
                    break
                inside = SubmittedFile(f"{packed.path}/{member.path}", data[:MAX_FILE], len(data), member.changed)
                self._keep(inside, depth + 1)
            if archive.damaged:
                self._say(f"{shown(packed.path)} {archive.damaged}.")
        except Unusable as why:
            self._say(f"{shown(packed.path)} {why}.")
        except Exception as error:  # of a packer, for whatever nobody thought of
            self._say(f"{shown(packed.path)} could not be unpacked ({type(error).__name__}).")

    def _chosen(self, members: Sequence[Member], path: str) -> list[Member]:
        """The members to read, what is wanted most first."""
        chosen: list[Member] = []
        for member in members:
            parts = member.path.split("/")
            if any(part in SKIPPED | PROGRAMS or part.startswith("._") for part in parts):
                continue
            if self.rank(member.name) is None or _is_hidden(parts):
                self._see(f"{path}/{member.path}")
            elif member.problem:
                self._say(f"{shown(f'{path}/{member.path}')} {member.problem}.")
            else:
                chosen.append(member)
        told = f"{shown(path)} holds more than {MAX_ENTRIES:,} files: the rest was not looked at."
        return self._bounded(chosen, lambda member: f"{path}/{member.path}", lambda member: member.changed, told)

    def _see(self, path: str) -> None:
        if len(self.seen) < MAX_SEEN:
            self.seen.append(path)

    def _say(self, remark: str) -> None:
        if len(self.remarks) < 20 and remark not in self.remarks:
            self.remarks.append(remark)


def _is_hidden(parts: Sequence[str]) -> bool:
    """Whether a path is of a file that a program has put there for itself."""
    return CHECKPOINTS in parts[:-1] or parts[-1].startswith(".")


def _looked_at(name: str, folder: int) -> tuple[int, float]:
    """The kind of an entry and when it was changed, as `stat` has it; zeros if there is none, or nobody may know."""
    try:
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (OSError, ValueError):
        return 0, 0.0
    return stat.S_IFMT(info.st_mode), info.st_mtime


def _folder_within(root: int, path: str) -> int:
    """A descriptor of a folder below another, reached step by step and through no link."""
    descriptor = os.dup(root)
    for part in filter(None, path.split("/")):
        try:
            below = os.open(part, FLAGS | os.O_DIRECTORY, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor
