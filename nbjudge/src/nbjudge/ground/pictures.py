"""Pictures that others made: which are shown, and the word that stands in the place of one that is not.

One bound and two formats for every page and room, so that nobody sees a picture that another misses. Nothing is decoded here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbjudge.ground.foreign_names import shown

MAX_PICTURE = 2 * 2**20  # bytes
MAX_SIDE = 20_000  # pixels: a browser keeps all of them in memory, however small the file
# What every browser and nbconvert's pages show.
KINDS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
REFUSED = "text/x-not-shown"  # in place of a picture in a cell's attachments: why it is not shown
_NAMES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/svg+xml": "SVG", "image/gif": "GIF", "image/webp": "WebP"}


class NoPicture(ValueError):
    """A picture that is not shown. Its text says why, to be put in its place."""


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown.

    Attributes:
        mime: a key of `KINDS`.
        data: in base64, on one line.
    """

    mime: str
    data: str

    @property
    def uri(self) -> str:
        """The picture as an address, which holds it."""
        return f"data:{self.mime};base64,{self.data}"


def picture_of(bundle: object) -> Picture | None:
    """The picture among a cell's or an attachment's representations by media type; None if there is none.

    Raises:
        NoPicture: if what should be one cannot be shown.
    """
    if not isinstance(bundle, Mapping):
        return None
    if REFUSED in bundle:
        raise NoPicture(str(bundle[REFUSED]))
    claimed = {kind: data for kind, data in bundle.items() if str(kind).startswith("image/") and data}
    refused: NoPicture | None = None
    for mime in sorted(claimed, key=lambda kind: (kind not in KINDS, kind != "image/png")):
        try:
            return picture(str(mime), claimed[mime])
        except NoPicture as why:
            refused = refused or why
    if refused:
        raise refused
    return None


def picture(mime: str, data: Any) -> Picture:
    """A picture of a media type.

    Args:
        mime: the type that is claimed.
        data: in base64; a list is joined.

    Raises:
        NoPicture: if it is of another format, none at all, or too large.
    """
    if mime not in KINDS:
        kind = _NAMES.get(mime) or shown(mime.removeprefix("image/"), 20)
        raise NoPicture(f"a picture in the format {kind} is not shown: only PNG and JPEG are")
    text = "".join(("".join(map(str, data)) if isinstance(data, list | tuple) else str(data)).split())
    if len(text) * 3 // 4 - 2 > MAX_PICTURE:
        raise _too_large(len(text) * 3 // 4)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw.startswith(KINDS[mime]):
        raise NoPicture(f"what should be a {_NAMES[mime]} picture is none, and is not shown")
    if len(raw) > MAX_PICTURE:
        raise _too_large(len(raw))
    if max(sides := _sides(raw), default=0) > MAX_SIDE:
        raise NoPicture(f"a picture of {sides[0]:,} x {sides[1]:,} pixels is not shown: the most is {MAX_SIDE:,} a side")
    return Picture(mime, base64.b64encode(raw).decode())


def picture_at(uri: str) -> Picture | None:
    """The picture that a `data:` address holds; None for any other address.

    Raises:
        NoPicture: if it holds none that can be shown.
    """
    if not uri.lower().startswith("data:"):
        return None
    mime, comma, data = uri[len("data:") :].partition(";base64,")
    return picture(mime.lower() if comma else "image/unknown", data)


def _too_large(size: int) -> NoPicture:
    return NoPicture(f"a picture of {size / 2**20:.1f} MB is not shown: the most is {MAX_PICTURE // 2**20} MB")


def _sides(raw: bytes) -> tuple[int, ...]:
    """Width and height of a PNG, where its header says them. A JPEG's sides have 16 bits."""
    if raw[12:16] != b"IHDR":
        return ()
    return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
