"""A download as it lies on the disk, a zip or a folder: what is in it, and the bytes of some of it. It is never changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType

from nbjudge.repair.archives import opened_zip
from nbjudge.repair.file_reader import KINDS, MAX_FILE, FileRefused, read_file
from nbjudge.repair.members import MAX_MEMBERS, MAX_UNPACKED, Budget, Member, Unusable
from nbjudge.repair.search import CHECKPOINTS, PROGRAMS, SKIPPED

_OWN = {*SKIPPED, *PROGRAMS, CHECKPOINTS} - {"timestamp.txt"}  # folders and files that programs have put there for themselves


class NoDownload(ValueError):
    """A file or folder that is no download. The text says why."""


class Download(AbstractContextManager["Download"]):
    """A zip or a folder, opened.

    Args:
        path: of it.

    Raises:
        NoDownload: if it is neither.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self._open, self._budget = ExitStack(), Budget()
        self._archive = None
        if path.is_dir():
            self.members = list(self._walk())
            return
        try:
            file = self._open.enter_context(path.open("rb"))
            self._archive = opened_zip(file, self._budget)
            self.members = [member for member in self._archive.members() if _counts(member.path)]
        except OSError as error:
            raise NoDownload(f"{path} cannot be read ({error.strerror}).") from None
        except Unusable as why:
            self._open.close()
            raise NoDownload(f"{path} {why}: give the zip as it was downloaded, or the folder it was unpacked to.") from None
        if len(self.members) > MAX_MEMBERS:
            self._open.close()
            raise NoDownload(f"{path} holds more than {MAX_MEMBERS:,} files: is it the download you mean?")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    def contents(self, members: Sequence[Member]) -> Iterator[tuple[Member, bytes, str]]:
        """Of each member its bytes, or why there are none. Those of one call share a bound, which is that of a submission."""
        self._budget.left = MAX_UNPACKED
        for member in members:
            data, problem = b"", member.problem
            if not problem:
                data, problem = self._one(member)
            yield member, data, problem

    def _one(self, member: Member) -> tuple[bytes, str]:
        try:
            if self._archive is None:
                data, _ = read_file(self.path / member.path, MAX_FILE + 1)
                self._budget.spend(len(data))
            else:
                self._archive.damaged = ""
                found = [data for _, data in self._archive.contents([member], MAX_FILE)]
                if not found:
                    return b"", self._archive.damaged or "could not be unpacked"
                data = found[0]
        except (FileRefused, Unusable) as why:
            return b"", str(why)
        return (b"", f"is larger than {MAX_FILE // 2**20} MB and was left out") if len(data) > MAX_FILE else (data, "")

    def _walk(self) -> Iterator[Member]:
        for folder, folders, names in os.walk(self.path):
            folders[:] = sorted(name for name in folders if name not in _OWN)
            for name in sorted(names):
                path = Path(folder) / name
                relative = path.relative_to(self.path).as_posix()
                if not _counts(relative):
                    continue
                info = path.lstat()
                kind = stat.S_IFMT(info.st_mode)
                problem = "" if kind == stat.S_IFREG else f"is {KINDS.get(kind, 'no file')} and was not read"
                yield Member(relative, 0, info.st_mtime, problem)


def _counts(path: str) -> bool:
    parts = path.split("/")
    return not any(part in _OWN or part.startswith("._") for part in parts) and parts[-1] != ".DS_Store"
