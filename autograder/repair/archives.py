"""Looks into an archive in memory: what its files are called, and the contents of a few. Nothing is unpacked to a disk.

Whatever an archive says of itself is not believed: names that lead out of it, links, devices, sizes. What comes out of it is
counted while it comes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import mktime
from typing import Any, Protocol

MAX_MEMBERS = 200_000
MAX_UNPACKED = 512 * 2**20  # bytes of all archives of a hand-in, those too that are only passed over to come to others
MAX_HEADER = 2**16  # bytes of a tar archive's own records, such as a long name
MAX_DICTIONARY = 128 * 2**20  # bytes of memory that unpacking xz may take

SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".tbz", ".tbz2", ".bz2", ".txz", ".xz", ".docx", ".odt", ".pages")
_MAGIC = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
_SUSPECT = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


class Unusable(ValueError):
    """An archive that cannot be read. Its text says why, to stand behind its name."""


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Attributes:
        path: with / between its parts.
        key: where the archive has it.
        changed: seconds since 1970.
        problem: why it is not read, to stand behind its name. Empty if it can be.
    """

    path: str
    key: int
    changed: float
    problem: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


class Archive(Protocol):
    """What can be looked into."""

    damaged: str

    def members(self) -> list[Member]:
        """All of its files."""
        ...

    def contents(self, chosen: Sequence[Member], longest: int) -> Iterator[tuple[Member, bytes]]:
        """The chosen ones' first `longest` bytes, and one more where there are more."""
        ...


@dataclass
class Budget:
    """Bytes that may still be unpacked."""

    left: int = MAX_UNPACKED

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Unusable(f"holds more than {MAX_UNPACKED // 2**20} MB: the rest was not looked at")


def kind_of(data: bytes) -> str:
    """The kind of archive that bytes are; empty if none."""
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")
    return kind or ("tar" if _begins_tar(data[: tarfile.BLOCKSIZE]) else "")


def opened(data: bytes, name: str, budget: Budget) -> Archive:
    """An archive, ready to be looked into.

    Args:
        data: its bytes.
        name: of its file, by which a single packed file is called.
        budget: of bytes to unpack, shared by all archives of a hand-in.

    Raises:
        Unusable: if it is none, or is not looked into.
    """
    kind = kind_of(data)
    if kind == "zip":
        return _Zip(data, budget)
    if kind:
        return _Tar(data, kind, budget) if kind == "tar" or _is_tar(data, kind) else _Single(data, kind, name, budget)
    raise Unusable("could not be unpacked (it is no archive, or a broken one)")


class _Zip:
    def __init__(self, data: bytes, budget: Budget) -> None:
        self.damaged, self.budget = "", budget
        if data.count(b"PK\x01\x02") > MAX_MEMBERS:
            raise Unusable(f"holds more than {MAX_MEMBERS:,} files and was not unpacked")
        try:
            self.file = zipfile.ZipFile(io.BytesIO(data))
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


class _Stream:
    """Bytes that are unpacked while they are read, and counted."""

    def __init__(self, data: bytes, kind: str, budget: Budget) -> None:
        source = io.BytesIO(data)
        openers: dict[str, Any] = {"gzip": gzip.GzipFile, "bzip2": bz2.BZ2File, "xz": _Xz}
        self.file = openers[kind](fileobj=source) if kind == "gzip" else openers[kind](source) if kind in openers else source
        self.budget = budget

    def read(self, size: int) -> bytes:
        data: bytes = self.file.read(size)
        self.budget.spend(len(data))
        return data


class _Xz:
    """An xz stream that takes no more memory than it may. `lzma.LZMAFile` has no bound."""

    def __init__(self, source: io.BytesIO) -> None:
        self.source, self.unpacker = source, lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)

    def read(self, size: int) -> bytes:
        while not self.unpacker.eof:
            packed = self.source.read(2**16) if self.unpacker.needs_input else b""
            if self.unpacker.needs_input and not packed:
                raise EOFError
            if data := self.unpacker.decompress(packed, size):
                return data
        return b""


class _Careful(tarfile.TarInfo):
    """A tar archive's record. Those that describe others are read whole by `tarfile`, so they must not be large."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _SUSPECT and self.size > MAX_HEADER:
            raise tarfile.ReadError("a header is too large")
        return super()._proc_member(tar)  # type: ignore[misc,no-any-return]


def _is_tar(data: bytes, kind: str) -> bool:
    try:
        stream, head = _Stream(data, kind, Budget(2**16)), b""
        while len(head) < tarfile.BLOCKSIZE and (part := stream.read(tarfile.BLOCKSIZE - len(head))):
            head += part
    except Exception:  # each packer has its own for what is broken; that is said when the archive is read
        return False
    return _begins_tar(head)


def _begins_tar(block: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")  # its checksum tells
    except tarfile.HeaderError:
        return False
    return True


class _Tar:
    """A tar archive, packed or not. It has no table of contents: it is gone through once for the names, once for the files."""

    def __init__(self, data: bytes, kind: str, budget: Budget) -> None:
        self.damaged, self.data, self.kind, self.budget = "", data, kind, budget

    def _records(self) -> Iterator[tuple[int, tarfile.TarInfo, tarfile.TarFile]]:
        try:
            stream: Any = _Stream(self.data, self.kind, self.budget)
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Careful, encoding="utf-8") as tar:
                for key in range(MAX_MEMBERS):
                    info = tar.next()
                    if info is None:
                        return
                    tar.members.clear()  # type: ignore[attr-defined]  # it would keep them all
                    yield key, info, tar
                raise Unusable(f"holds more than {MAX_MEMBERS:,} files: the rest was not looked at")
        except Unusable as why:
            self.damaged = str(why)
        except Exception as error:  # each packer has its own for what is broken: what stands before that can be read
            self.damaged = f"could not be unpacked whole ({type(error).__name__})"

    def members(self) -> list[Member]:
        found = [self._member(key, info) for key, info, _ in self._records() if not info.isdir()]
        if not found and self.damaged:
            raise Unusable(self.damaged)
        return found

    def _member(self, key: int, info: tarfile.TarInfo) -> Member:
        problem = outside(info.name)
        if not problem and (not info.isreg() or info.issparse()):
            links = info.issym() or info.islnk()
            problem = "is a link and was not read" if links else "is no ordinary file and was not read"
        return Member(info.name.removeprefix("./"), key, float(info.mtime), problem)

    def contents(self, chosen: Sequence[Member], longest: int) -> Iterator[tuple[Member, bytes]]:
        wanted = {member.key: member for member in chosen}
        for key, info, tar in self._records():
            if key in wanted and (file := tar.extractfile(info)) is not None:
                yield wanted.pop(key), file.read(longest + 1)
            if not wanted:
                return


class _Single:
    """One packed file that is no tar archive, such as `ps8.ipynb.gz`."""

    def __init__(self, data: bytes, kind: str, name: str, budget: Budget) -> None:
        self.damaged, self.data, self.kind, self.budget = "", data, kind, budget
        self.name = name.rsplit(".", 1)[0] if "." in name else name

    def members(self) -> list[Member]:
        return [Member(self.name, 0, 0.0)]

    def contents(self, chosen: Sequence[Member], longest: int) -> Iterator[tuple[Member, bytes]]:
        parts: list[bytes] = []
        try:
            stream = _Stream(self.data, self.kind, self.budget)
            while chosen and sum(map(len, parts)) <= longest and (part := stream.read(2**20)):
                parts.append(part)
        except Unusable:
            raise
        except Exception as error:
            self.damaged = f"could not be unpacked whole ({type(error).__name__})"
        if parts:
            yield chosen[0], b"".join(parts)[: longest + 1]


def outside(path: str) -> str:
    """Why a member's path is not believed: it leads out of the archive. Empty if it does not."""
    parts = path.replace("\\", "/").split("/")
    return "points out of the archive and was not read" if ".." in parts or parts[0] == "" or ":" in parts[0] else ""
