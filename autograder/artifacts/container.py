"""Looks at a weights file from outside, before anything unpacks it: `torch.save` writes a zip archive of a few members."""

from __future__ import annotations

import io
import zipfile

from autograder.artifacts.words import named

MAX_BYTES = 4 * 2**20  # the largest that the assignment makes, ae.pth, has 0.35 MB
MAX_MEMBERS = 200
MAX_PICKLE = 2**18
_OTHER = "is no file that torch.save writes"
_KINDS = (
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", "was written by torch.save in a format of before 2020"),
    (b"\x80", "is a pickle"),
    (b"<", "is a web page"),
    (b"version https://git-lfs", "is a pointer of Git LFS and not the file itself"),
)


class WeightsRefused(ValueError):
    """A weights file that is not unpacked. Its text says why, and goes on after the file's name."""


def check_container(data: bytes) -> None:
    """Looks through the table of a weights file. Nothing is unpacked.

    Raises:
        WeightsRefused: if it is not a small, uncompressed archive as `torch.save` writes it.
    """
    if len(data) > MAX_BYTES:
        raise WeightsRefused(
            f"has {len(data) / 2**20:.1f} MB, at most {MAX_BYTES // 2**20} are read: is it the model of this assignment?"
        )
    if not data:
        raise WeightsRefused("is empty")
    if not data.startswith(b"PK\x03\x04"):
        raise WeightsRefused(next((kind for start, kind in _KINDS if data.lstrip().startswith(start)), _OTHER))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except Exception as error:  # zipfile and struct each have their own for what is no archive
        raise WeightsRefused(f"is damaged or was cut off ({type(error).__name__}): download it again") from None
    if len(members) > MAX_MEMBERS:
        raise WeightsRefused(f"has {len(members)} parts, at most {MAX_MEMBERS} are read")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
            raise WeightsRefused(f"has a part that is packed or encrypted, {named(member.filename)}: torch.save does neither")
    if sum(member.file_size for member in members) > len(data):
        raise WeightsRefused("has parts that lie on top of each other")
    pickles = [member for member in members if member.filename.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise WeightsRefused(_OTHER)
    if pickles[0].file_size > MAX_PICKLE:
        raise WeightsRefused("has a list of layers that is longer than any model of this assignment needs")
