"""What is inside archives, compressed files and pictures, by what they hold and not by their names."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

LARGEST = 1 << 28  # bytes taken out of one member
BROKEN = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError)


def unpacked(data: bytes) -> list[tuple[str, bytes]]:
    """The members, as (name, content): none if it is no archive, those before the break if it is broken."""
    found = []
    try:
        for member in _members(data):
            found.append(member)
    except BROKEN:
        pass
    return found


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:2] == b"\x1f\x8b":
        yield "content", zlib.decompressobj(wbits=31).decompress(data, LARGEST)
    elif data[:3] == b"BZh":
        yield "content", bz2.BZ2Decompressor().decompress(data, LARGEST)
    elif data[:6] == b"\xfd7zXZ\x00":
        yield "content", lzma.LZMADecompressor().decompress(data, LARGEST)
    elif data[:1] == b"\x78" and int.from_bytes(data[:2], "big") % 31 == 0:
        yield "content", zlib.decompressobj().decompress(data, LARGEST)
    elif data[257:262] == b"ustar":
        yield from _tar(data)
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _png(data)
    elif b"PK\x05\x06" in data[-65_557:]:  # the end of a zip, which may have anything before it
        yield from _zip(data)


def _zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                yield member.filename, file.read(LARGEST)


def _tar(data: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                yield member.name, file.read(LARGEST)


def _png(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The compressed texts of a picture."""
    at = 8
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind in (b"zTXt", b"iTXt"):
            # The stream begins with 0x78, the header of zlib, somewhere behind the keyword.
            body = data[at + 8 : at + 8 + size]
            start = body.find(b"\x78", body.find(b"\0") + 1)
            if start >= 0:
                yield "text", zlib.decompress(body[start:])
        at += size + 12
