"""Names of students: a folder in `submitted/` may be called anything that a file system holds.

A name is Python's text for the folder's bytes: a byte that is no UTF-8 is a lone surrogate. `shown` shows it, `key` is what it
is stored under, `find` chooses it on the command line. Only the standard library is imported here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # small letters only: some file systems take Ada and ada for the same file
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # names of devices, on Windows
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}


def shown(student: str, longest: int = 0) -> str:
    r"""A name as it may stand anywhere: printable, on one line, and different for different names.

    What cannot be seen or told apart is written as Python writes it: a byte that is no UTF-8 as `\xe9`, a line's end as `\n`, a
    blank at an end or after a blank as `\x20`, an accent that is a character of its own as `\u0301`, a backslash as two.

    Args:
        student: the name.
        longest: characters that there is room for; 0 for as many as it takes. A longer name loses its middle, and says so.
    """
    text = "".join(_seen(student, place) for place in range(len(student)))
    if not longest or len(text) <= longest:
        return text
    mark = f"…{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}…"
    ahead = max(1, (longest - len(mark)) * 2 // 3)
    return text[:ahead] + mark + text[len(text) - max(1, longest - len(mark) - ahead) :]


def _seen(name: str, place: int) -> str:
    char, before = name[place], name[place - 1 : place]
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    if char == " ":
        return r"\x20" if place in (0, len(name) - 1) or before == " " else char
    joins = char > "\x7f" and unicodedata.normalize("NFC", before + char) != before + char
    if char in _SHORT or (char.isprintable() and not joins):
        return _SHORT.get(char, char)
    return (
        f"\\x{ord(char):02x}" if ord(char) < 0x80 else f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
    )


def key(student: str) -> str:
    """A file's name for what is kept of a student, one for each name: small letters, digits, `_`, `-` and `~`, at most 100."""
    if _PLAIN.fullmatch(student) and not _RESERVED.fullmatch(student):
        return student
    begins = re.sub(r"[^a-z0-9_-]+", "-", student.lower())[:32].strip("-")  # for whoever looks into the folder
    return f"{begins}~{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()}"


def refusal(student: str) -> str:
    """Why nbgrader cannot hold a student of this name; empty if it can."""
    try:
        student.encode("utf-8")
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8, and nbgrader's gradebook holds nothing else: rename the folder and grade again"
    return ""


def find(texts: Iterable[str], known: Collection[str]) -> tuple[list[str], list[str]]:
    """The students that a command line speaks of, each as the folder is called or as it is shown, several between commas.

    Returns:
        Those that are known, in order and each once; and what names nobody.
    """
    by_text = {shown(student): student for student in known} | {student: student for student in known}
    found: list[str] = []
    unknown: list[str] = []
    for text in texts:
        for part in [text] if text in by_text else text.split(","):  # a name may hold a comma itself
            (found if part in by_text else unknown).append(by_text.get(part, part))
    return list(dict.fromkeys(found)), list(dict.fromkeys(unknown))
