"""Looks into an archive in memory: what its files are called, and the contents of a few. Nothing is unpacked to a disk.

Whatever an archive says of itself is not believed: names that lead out of it, links, devices, sizes. What comes out of it is
counted while it comes.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from time import mktime
from typing import BinaryIO

from nbjudge.repair.members import MAX_MEMBERS, Archive, Budget, Member, Unusable, outside
from nbjudge.repair.tars import SingleFile, Tar, begins_tar, is_tar

SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".tbz", ".tbz2", ".bz2", ".txz", ".xz", ".docx", ".odt", ".pages")
_MAGIC = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}


def kind_of(data: bytes) -> str:
    """The kind of archive that bytes are; empty if none."""
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")
    return kind or ("tar" if begins_tar(data[: tarfile.BLOCKSIZE]) else "")


def opened(data: bytes, name: str, budget: Budget) -> Archive:
    """An archive, ready to be looked into.

    Args:
        data: its bytes.
        name: of its file, by which a single packed file is called.
        budget: of bytes to unpack, shared by all archives of a submission.

    Raises:
        Unusable: if it is none, or is not looked into.
    """
    kind = kind_of(data)
    if kind == "zip":
        if data.count(b"PK\x01\x02") > MAX_MEMBERS:
            raise Unusable(f"holds more than {MAX_MEMBERS:,} files and was not unpacked")
        return _Zip(io.BytesIO(data), budget)
    if kind:
        return Tar(data, kind, budget) if kind == "tar" or is_tar(data, kind) else SingleFile(data, kind, name, budget)
    raise Unusable("could not be unpacked (it is no archive, or a broken one)")


def opened_zip(file: BinaryIO, budget: Budget) -> Archive:
    """A zip that is too large for memory, such as a class's, ready to be looked into.

    Args:
        file: that stays open as long as it is looked into.
        budget: of bytes to unpack.

    Raises:
        Unusable: if it is none.
    """
    return _Zip(file, budget)


class _Zip:
    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        self.damaged, self.budget = "", budget
        try:
            self.file = zipfile.ZipFile(file)
        except Exception as error:  # zipfile, struct and the codecs each have their own for what is no archive
            raise Unusable(f"could not be unpacked ({type(error).__name__})") from None
        self.infos = self.file.infolist()

    def members(self) -> list[Member]:
        return [self._member(key, info) for key, info in enumerate(self.infos) if not info.is_dir()]

    def _member(self, key: int, info: zipfile.ZipInfo) -> Member:
        path = info.filename.replace("\\", "/")
        kind = stat.S_IFMT(info.external_attr >> 16)
        problem = outside(path)
        if not problem and kind not in (0, stat.S_IFREG):
            problem = "is a link and was not read" if kind == stat.S_IFLNK else "is no file and was not read"
        if not problem and (info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)):
            problem = "is encrypted, or packed in an unusual way, and could not be read"
        try:
            changed = mktime((*info.date_time, 0, 0, -1))
        except (ValueError, OverflowError):
            changed = 0.0
        return Member(path, key, changed, problem)

    def contents(self, chosen: Sequence[Member], longest: int) -> Iterator[tuple[Member, bytes]]:
        for member in chosen:
            try:
                with self.file.open(self.infos[member.key]) as file:  # bounded, whatever the archive says of its size
                    data = file.read(longest + 1)
            except Exception as error:
                self.damaged = f"could not be unpacked whole ({type(error).__name__})"
                continue
            self.budget.spend(len(data))
            yield member, data
