"""Pictures in a text that lie elsewhere: whoever opens the page would load them, and be seen. A link stands in their place."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from nbjudge.ground.characters import one_line
from nbjudge.ground.pictures import NoPicture, picture_at

LOST = "*(a picture that was not in the file)*"
_LONGEST = 200  # characters of an address that are shown

_SRC = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))", re.I)
_BESIDE = re.compile(r"(?!/)(?!.*(?:\.\.|%2e))[\w./% ()+-]*(?:[?#].*)?", re.I)  # a file beside the notebook
_WEB = re.compile(r"(https?:)?//", re.I)

_ALT = r"(?P<alt>(?:\\.|[^\]\\\n]){0,500})"
_ADDRESS = (
    r"\(\s*(?:<(?P<pointed>[^<>\n]{1,30000})>|(?P<bare>(?:[^()\s<>]|\([^()\s<>]*\)){1,30000}))"
    r"(?:\s+[\"'(][^)\n]{0,300})?\s*\)"
)
_INLINE = re.compile(rf"!\[{_ALT}\]{_ADDRESS}")
_IN_A_LINK = re.compile(rf"\[\s*!\[{_ALT}\]{_ADDRESS}\s*\](?=\(|\[)")
_DEFINED = re.compile(r"^ {0,3}\[(?P<label>[^\]\n]{1,200})\]:[ \t]*<?(?P<address>[^\s<>]{1,30000})>?", re.M)
_BY_NAME = re.compile(rf"!\[{_ALT}\](?:\[(?P<label>[^\]\n]{{0,200}})\])?(?!\()")
_TAG = re.compile(r"<img\b[^<>]*>", re.I)
_TAG_IN_A_LINK = re.compile(r"(<a\b[^<>]*>\s*)(<img\b[^<>]*>)(?=\s*</a>)", re.I)
_ALT_OF = re.compile(r"\balt\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.I)
_SPECIAL = re.compile(r"([\\`*\[\]<>~$])")  # a word's own _ means nothing, and nbconvert makes addresses links as they stand


def loads(page: str) -> bool:
    """Whether a page's pictures include one that is neither in it nor a file beside it."""
    return any(_refused(html.unescape(first(match))) for match in _SRC.finditer(page))


def linked(text: str) -> str:
    """Markdown with a link, or a word, in place of each picture that a browser would load from elsewhere."""
    text = _IN_A_LINK.sub(lambda match: _instead(match, bare=True), text)
    text = _INLINE.sub(_instead, text)
    text = _by_name(text)
    text = _TAG_IN_A_LINK.sub(lambda match: match[1] + _tag_instead(match[2], text="html, in a link"), text)
    blocks = re.split(r"(\n[ \t]*\n)", text)
    return "".join(_TAG.sub(lambda match, block=block: _tag_instead(match[0], _kind(block)), block) for block in blocks)


def said(words: str) -> str:
    """Words of ours in place of a picture."""
    return f"*({words})*"


def words(address: str) -> str:
    """What a link says that stands in place of a picture from elsewhere."""
    return f"a picture from elsewhere: {one_line(address, _LONGEST)}, not loaded"


def first(match: re.Match[str]) -> str:
    """The group of a match that took part in it."""
    return next((group for group in match.groups() if group is not None), "")


def from_elsewhere(address: str) -> bool:
    """Whether an address leads to the web."""
    return _WEB.match(_plain(address)) is not None


def _plain(address: str) -> str:
    """An address as a browser reads it: without blanks at its ends, and with no line's end in it."""
    return re.sub(r"[\t\n\r]", "", address).strip(" \0").replace("\\", "/")


def _refused(address: str) -> bool:
    """Whether a picture at an address is not to be shown."""
    plain = _plain(address)
    try:
        return picture_at(plain) is None and not _BESIDE.fullmatch(plain)
    except NoPicture:
        return True


def _why(address: str) -> str:
    """Why a picture that is not on the web is not shown."""
    try:
        picture_at(_plain(address))
    except NoPicture as why:
        return said(str(why))
    return LOST


def _instead(match: re.Match[str], bare: bool = False) -> str:
    """In place of a picture of Markdown's: a link, or only the words where a link is around it already."""
    address = match["pointed"] or match["bare"]
    if not _refused(address):
        return match[0]
    if not from_elsewhere(address):
        shown = _with(match["alt"], _why(address))
    elif bare:
        shown = _with(match["alt"], _escaped(words(address)))
    else:
        shown = _with(match["alt"], f"[{_escaped(words(address))}](<{_plain(address)}>)")
    return f"[{shown}]" if bare else shown


def _by_name(text: str) -> str:
    """The same for pictures whose address is given elsewhere in the text, under a name."""
    places: Mapping[str, str] = {_label(match["label"]): match["address"] for match in _DEFINED.finditer(text)}

    def instead(match: re.Match[str]) -> str:
        label = match["label"] or match["alt"]
        address = places.get(_label(label), "")
        if not address or not _refused(address):
            return match[0]
        if not from_elsewhere(address):
            return _with(match["alt"], _why(address))
        return _with(match["alt"], f"[{_escaped(words(address))}][{label}]")

    return _BY_NAME.sub(instead, text) if places else text


def _label(label: str) -> str:
    return " ".join(label.split()).casefold()


def _kind(block: str) -> str:
    """Whether Markdown is read in a block of text besides pictures' tags, or it is HTML."""
    return "html" if re.search(r"<[a-z/!]", _TAG.sub("", block), re.I) else "markdown"


def _tag_instead(tag: str, text: str) -> str:
    """In place of a picture's tag in HTML."""
    found = _SRC.match(tag)
    address = html.unescape(first(found)) if found else ""
    if not found or not _refused(address):
        return tag
    alt = _ALT_OF.search(tag)
    told = html.unescape(first(alt)) if alt else ""
    if text == "markdown" and from_elsewhere(address):
        return _with(_escaped(told), f"[{_escaped(words(address))}](<{_plain(address)}>)")
    if text == "markdown":
        return _with(_escaped(told), _why(address))
    shown = html.escape(words(address) if from_elsewhere(address) else _why(address).strip("*()"))
    if text == "html" and from_elsewhere(address):
        shown = f'<a href="{html.escape(_plain(address))}">{shown}</a>'
    return _with(html.escape(told), shown)


def _with(alt: str, shown: str) -> str:
    """A picture's own word, and then ours."""
    if not alt.strip():
        return shown
    return f"{alt.strip()} {shown}" if shown.startswith("*(") else f"{alt.strip()} ({shown})"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
