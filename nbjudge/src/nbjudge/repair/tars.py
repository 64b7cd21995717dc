"""Tar archives, packed or not, and single packed files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator, Sequence
from typing import Any

from nbjudge.repair.members import MAX_MEMBERS, Budget, Member, Unusable, outside

MAX_HEADER = 2**16  # bytes of a tar archive's own records, such as a long name
MAX_DICTIONARY = 128 * 2**20  # bytes of memory that unpacking xz may take

_SUSPECT = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


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


def is_tar(data: bytes, kind: str) -> bool:
    """Whether packed bytes are those of a tar archive."""
    try:
        stream, head = _Stream(data, kind, Budget(2**16)), b""
        while len(head) < tarfile.BLOCKSIZE and (part := stream.read(tarfile.BLOCKSIZE - len(head))):
            head += part
    except Exception:  # each packer has its own for what is broken; that is said when the archive is read
        return False
    return begins_tar(head)


def begins_tar(block: bytes) -> bool:
    """Whether a tar archive begins with these 512 bytes."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")  # its checksum tells
    except tarfile.HeaderError:
        return False
    return True


class Tar:
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
                yield wanted.pop(key), self._as_far_as_it_goes(file, longest + 1)
            if not wanted:
                return

    def _as_far_as_it_goes(self, file: Any, longest: int) -> bytes:
        """What can be unpacked of a file: of a notebook that was cut the beginning is worth something."""
        parts: list[bytes] = []
        size = 0
        try:
            while size < longest and (part := file.read(min(2**20, longest - size))):
                parts.append(part)
                size += len(part)
        except Exception as error:
            self.damaged = (
                str(error) if isinstance(error, Unusable) else f"could not be unpacked whole ({type(error).__name__})"
            )
        return b"".join(parts)


class SingleFile(Tar):
    """One packed file that is no tar archive, such as `ps8.ipynb.gz`."""

    def __init__(self, data: bytes, kind: str, name: str, budget: Budget) -> None:
        super().__init__(data, kind, budget)
        self.name = name.rsplit(".", 1)[0] if "." in name else name

    def members(self) -> list[Member]:
        return [Member(self.name, 0, 0.0)]

    def contents(self, chosen: Sequence[Member], longest: int) -> Iterator[tuple[Member, bytes]]:
        stream = _Stream(self.data, self.kind, self.budget)
        if chosen and (data := self._as_far_as_it_goes(stream, longest + 1)):
            yield chosen[0], data
