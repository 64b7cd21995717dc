r"""Names that others chose, such as those of files, as they may stand in a sentence, a table or a path of ours."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST = 80  # characters
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}
_JOINERS = "\u200c\u200d"
_MIDDLES = {"Zs"}  # blanks of other widths, as in the names that some systems give to screenshots


def shown(name: str, longest: int = LONGEST) -> str:
    r"""A name: on one line, of bounded length, with nothing in it that cannot be seen, and different for different names.

    What cannot be seen or told apart is written as Python writes it: a line's end as `\n`, a byte that is no UTF-8 as `\xe9`, a
    blank at an end or after a blank as `\x20`, an accent that is a character of its own as `\u0301`, a backslash as two. What
    joins emoji, or letters that are joined in their script, stays.

    Args:
        name: as Python has it from a file system; a byte that is no UTF-8 is a lone surrogate.
        longest: characters that there is room for; 0 for as many as it takes. A longer name loses its middle, and has a few
            digits in its place that differ for different names.
    """
    text = "".join(_seen(name, place) for place in range(len(name)))
    if not longest or len(text) <= longest:
        return text
    mark = f"…{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}…"
    ahead = max(1, (longest - len(mark)) * 2 // 3)
    return text[:ahead] + mark + text[len(text) - max(1, longest - len(mark) - ahead) :]


def shown_file(name: str, longest: int = LONGEST) -> str:
    """The same of a file's name or path. An accent may be a character of its own, as macOS writes all accents."""
    return shown(unicodedata.normalize("NFC", name), longest)


def _seen(name: str, place: int) -> str:
    char, before, after = name[place], name[place - 1 : place], name[place + 1 : place + 2]
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    if char == " ":
        return r"\x20" if place in (0, len(name) - 1) or before == " " else char
    if char in _JOINERS and _joins(before) and _joins(after):
        return char
    composed = char > "\x7f" and unicodedata.normalize("NFC", before + char) != before + char
    seen = char.isprintable() or (unicodedata.category(char) in _MIDDLES and before and after)
    if char in _SHORT or (seen and not composed):
        return _SHORT.get(char, char)
    if ord(char) < 0x80:
        return f"\\x{ord(char):02x}"
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _joins(char: str) -> bool:
    """Whether a character may stand beside one that joins: a part of an emoji, or a letter or sign of a script without case."""
    return bool(char) and char > "\x7f" and unicodedata.category(char) in ("So", "Sk", "Mn", "Mc", "Lo")
