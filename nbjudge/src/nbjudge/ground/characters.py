"""Which characters of a foreign text stay, and what stands for those that do not.

What a person can see stays as it is, in all scripts: tabs, blanks of every width, accents that join the letter before, emoji
that join each other, and the marks by which Arabic, Hebrew, Persian and Indic texts are written. What nobody can see but a
program obeys becomes U+FFFD: control characters, what turns the direction of writing, halves of surrogate pairs, noncharacters.
"""

from __future__ import annotations

import re

REPLACED = "\N{REPLACEMENT CHARACTER}"
_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_BLANKS = re.compile(r"[ \t\n]+")
# The flag of a region of a country is a black flag, its letters as invisible tags, and an end. Tags elsewhere are hidden text.
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"
_UNSEEN = re.compile(
    f"({_FLAG})|["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates: they turn the direction of what follows
    "\u206a-\u206f\ufeff\ufff9-\ufffb"  # out of use, a byte order mark, annotations
    "\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff"  # no characters
    "\U000e0000-\U000e007f"  # tags
    "]"
)


def visible(text: object) -> str:
    """Text of several lines, with U+FFFD for what cannot be seen. Lines end in a line feed, whatever ended them."""
    told = _ENDS.sub("\n", whole(str(text)).removeprefix("\ufeff"))
    return told if told.isascii() and told.isprintable() else _UNSEEN.sub(lambda match: match[1] or REPLACED, told)


def one_line(text: object, longest: int = 300) -> str:
    """The same on one line, of at most so many characters; what was cut off is told by an ellipsis."""
    told = _BLANKS.sub(" ", visible(text)).strip(" ")
    return told if len(told) <= longest else f"{told[: longest - 1]}…"


def code_text(text: str) -> str:
    """Code that can be written as UTF-8 and parsed, else as it was, since it will run. Lines end in LF; there is no NUL."""
    return whole(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def whole(text: str) -> str:
    """Text that can be written as UTF-8: pairs of surrogates as the character that they are, a lone one as U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
