"""Finds secret lines in files that are to be made public. Pure: bytes in, leaks out.

All blanks are left out of both sides, so that another indentation or a line broken elsewhere hides nothing. A
file is read in every way that pages and notebooks write code: escaped, HTML, URL, base64, archives.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from assignment.builder.archive_contents import unpacked
from assignment.builder.generated_files import files_of
from assignment.builder.regions import BEGIN, END
from assignment.builder.secret_lines import BEGIN_HIDDEN, END_HIDDEN, Secret, squeezed

DEEPEST = 4  # archives in archives, base64 in base64
MARKERS = tuple(f"### {mark}" for mark in (BEGIN, END, BEGIN_HIDDEN, END_HIDDEN))
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\s+[A-Za-z0-9+/_-]{16,})*(?:\s+[A-Za-z0-9+/_-]+(?==))?={0,2}")
PICTURE = re.compile(r"[A-Za-z0-9+/]{400,}={0,2}")  # letters that no line of code is made of
JSON_BREAK = re.compile(r'(?:\\n)?",?[ \t]*\n\s*"')  # between two lines of a notebook's cell
ESCAPE = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrtbf"'\\/]))""")
TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, order=True)
class Leak:
    """A secret in a file.

    Attributes:
        path: the file; of an archive's member, `archive!member`.
        line: 1-based.
        secret: the line that must not be there.
        origin: where it comes from.
    """

    path: str
    line: int
    secret: str
    origin: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: holds a line of {self.origin}: {self.secret}"


def find_leaks(files: Mapping[str, bytes], secrets: Iterable[Secret]) -> list[Leak]:
    """Every secret, and every mark of a solution or a hidden test, that is in one of the files.

    Args:
        files: what is to be published, by name.
        secrets: what must not be in it.

    Returns:
        A leak for each secret and line, by file and line.
    """
    needles = {squeezed(secret.text): (secret.text, secret.origin) for secret in secrets}
    needles |= {squeezed(mark): (mark, "the instructor's notebook") for mark in MARKERS}
    leaks: dict[tuple[str, int, str], Leak] = {}
    for name, data in files.items():
        for leak in _in_bytes(name, data, needles, 0):
            # A line with its comment is also one without: the longer says all.
            place = (leak.path, leak.line, leak.origin)
            leaks[place] = max(leak, leaks.get(place, leak), key=lambda leak: len(leak.secret))
    return sorted(leaks.values())


def leaks_in_tree(folder: Path, secrets: Iterable[Secret]) -> list[Leak]:
    """`find_leaks` in every file below a folder, named from there; links are followed."""
    return find_leaks({path.relative_to(folder).as_posix(): path.read_bytes() for path in files_of(folder)}, secrets)


def without_given(secrets: Iterable[Secret], given: Iterable[str]) -> list[Secret]:
    """The secrets but for those that stand in lines which students are given anyway; each text once."""
    kept: dict[str, Secret] = {}
    for secret in secrets:
        kept.setdefault(squeezed(secret.text), secret)
    needles = {needle: (needle, "") for needle in kept}
    public = {leak.secret for leak in _in_text("given", "\n".join(given), needles)}
    return [secret for needle, secret in kept.items() if needle not in public]


Needles = Mapping[str, tuple[str, str]]


def _in_bytes(name: str, data: bytes, needles: Needles, depth: int) -> Iterator[Leak]:
    text, is_text = _decoded(data)
    yield from _in_text(name, text, needles)
    if depth == DEEPEST:
        return
    for member, content in unpacked(data):
        yield from _in_bytes(f"{name}!{member}", content, needles, depth + 1)
    for line, hidden in _in_base64(text) if is_text else ():
        for leak in _in_bytes(name, hidden, needles, depth + 1):
            yield Leak(leak.path, line, leak.secret, leak.origin)


def _decoded(data: bytes) -> tuple[str, bool]:
    """The bytes as text, and whether they are one. What is not is searched byte by byte."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), True
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError:
        return data.decode("latin-1"), False


def _in_text(name: str, text: str, needles: Needles) -> Iterator[Leak]:
    for reading in dict.fromkeys(_readings(PICTURE.sub("", text))):
        letters = squeezed(reading)
        present = [needle for needle in needles if needle in letters]
        if not present:
            continue
        places = [place for place, letter in enumerate(reading) if not letter.isspace()]
        for needle in present:
            for at in _all(needle, letters):
                first, last = places[at], places[at + len(needle) - 1]
                if _stands_alone(reading, first, last):
                    yield Leak(name, reading.count("\n", 0, first) + 1, *needles[needle])


def _all(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def _stands_alone(text: str, first: int, last: int) -> bool:
    """Whether a find is no part of longer names, as `loss.backward()` is in `total_loss.backward()`."""
    before = text[first - 1] if first else " "
    after = text[last + 1] if last + 1 < len(text) else " "
    return not (_one_name(before, text[first]) or _one_name(text[last], after))


def _one_name(left: str, right: str) -> bool:
    return (left.isalnum() or left == "_") and (right.isalnum() or right == "_")


def _readings(text: str) -> Iterator[str]:
    """The text as it stands, as strings of a program, as HTML, as a part of a URL. Each keeps its lines."""
    plain = _unescaped(text)
    yield from (text, plain)
    for reading in (text, plain):
        if "<" in reading or "&" in reading:
            yield html.unescape(TAG.sub(lambda tag: " " + "\n" * tag[0].count("\n"), reading))
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        yield unquote(re.sub(r"%0[AaDd]", " ", text))


def _unescaped(text: str) -> str:
    """The text with what JSON and programs escape as meant; their line breaks are blanks, so that lines stay."""

    def letter(match: re.Match[str]) -> str:
        if code := match[1] or match[2]:
            return chr(int(code, 16))
        return " " if match[3] in "nrtbf" else match[3]

    if "\\" not in text:
        return text
    return ESCAPE.sub(letter, JSON_BREAK.sub("\n", text))


def _in_base64(text: str) -> Iterator[tuple[int, bytes]]:
    """What the text holds in base64, and the 1-based line on which it begins."""
    plain = _unescaped(text)
    for match in BASE64.finditer(plain):
        letters = squeezed(match[0]).rstrip("=").replace("-", "+").replace("_", "/")
        try:
            hidden = base64.b64decode(letters + "=" * (-len(letters) % 4))
        except binascii.Error:  # one letter too many
            continue
        yield plain.count("\n", 0, match.start()) + 1, hidden
