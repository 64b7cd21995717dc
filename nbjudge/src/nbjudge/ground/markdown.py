"""A foreign text as it may stand in a notebook that other people open.

nbgrader's formgrader shows Markdown with whatever HTML is in it, and nbconvert gives up on a whole notebook for one text that
it cannot render. So each text is rendered here once, as they would; one that fails, or gives anything but plain formatting, is
shown as it was typed.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Mapping
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from nbjudge.ground import outside
from nbjudge.ground.characters import one_line, visible
from nbjudge.ground.pictures import NoPicture, picture_of

MAX_TEXT = 30_000  # characters; some texts take time that grows with the square of their length
CUT = "\n\n*(The text goes on, and is cut off here.)*"
NO_PICTURE = outside.LOST

# The address of an attachment is what follows its name's text: pictures of that name, with or without a title.
_ATTACHED = re.compile(r"!\[[^\]\n]{0,500}\]\(\s*<?attachment:([^)\n>]{1,200}?)>?(\s+[\"'][^)\n]{0,200})?\s*\)")
_TAGS = (
    "a|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|figcaption|figure|h1|h2|h3|h4|h5|h6|hr|i|img|kbd|li|mark|ol|p|pre|q"
    "|s|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
_ATTRIBUTES = "align|alt|class|colspan|height|href|id|open|rowspan|src|start|style|title|width"
_TAG = re.compile(
    rf"</?(?:{_TAGS})(?P<attributes>(?:\s+(?:{_ATTRIBUTES})(?:=\"[^\"<>]*\")?)*)\s*/?>|<!--[^<>]*-->"
    r"|<input class=\"task-list-item-checkbox\" type=\"checkbox\" disabled(?: checked)?/>",
    re.I,
)
_ATTRIBUTE = re.compile(r"([a-z]+)=\"([^\"]*)\"", re.I)
_VALUES = {
    "href": re.compile(r"(https?:|mailto:|#|[\w./%-]*([?#]|$))", re.I),
    "style": re.compile(r"text-align:\s*(left|center|right);?$"),
    "class": re.compile(r"(?!.*mermaid)", re.I),  # a language of diagrams that a page runs
}
# What MathJax makes links, ids and styles of, or loads.
_MATH = re.compile(
    r"\\(?:(?:href|url|require|class|cssid|style|mmltoken|html\w*|data|includegraphics|csname)\b|bbox\b[^\n]*[:(])", re.I
)
_SPECIAL = re.compile(r"([\\*_\[\]~#!|])")


def showable(text: str, pictures: Mapping[str, Mapping[str, Any]]) -> str:
    """The text, with a word for each picture that is not shown; cut to a length, and as it was typed if it is not harmless.

    Args:
        text: Markdown.
        pictures: the cell's attachments, by name, each by media type.
    """
    text = visible(text)
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - len(CUT)] + CUT
    text = _ATTACHED.sub(lambda match: _missing(pictures.get(match[1])) or match[0], text)
    page = _rendered(text, pictures)
    if page is not None and outside.loads(page):
        text = outside.linked(text)
        page = _rendered(text, pictures)
    return text if page is not None and harmless(page) else _typed(text)


def shown_pictures(pictures: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Of a cell's attachments those that are shown, as a notebook holds them."""
    kept = {}
    for name, bundle in pictures.items():
        if not _missing(bundle) and (picture := picture_of(bundle)):
            kept[name] = {picture.mime: picture.data}
    return kept


def harmless(page: str) -> bool:
    """Whether rendered Markdown is formatting, links and pictures within it: nothing runs in a browser, nothing is loaded."""
    tags = list(_TAG.finditer(page))
    if len(tags) != page.count("<") or _MATH.search(page) or outside.loads(page):
        return False
    for name, value in (pair for tag in tags for pair in _ATTRIBUTE.findall(tag["attributes"] or "")):
        value = html.unescape(value).strip()
        allowed = _VALUES.get(name.lower())
        if allowed is not None and not allowed.match(value):
            return False
    return True


def in_a_sentence(text: str) -> str:
    """Foreign words, on one line, that Markdown shows as they are, but for code in backticks."""
    pieces = one_line(text, 2_000).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its partner
        pieces = ["\\`".join(pieces)]
    return "`".join(piece if n % 2 else _escaped(piece) for n, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    """Text without a meaning in Markdown, HTML or TeX: a formula does not reach over an element's end."""
    shown = html.escape(text, quote=False).split("\\`")
    return "\\`".join(_SPECIAL.sub(r"\\\1", part).replace("$", "<span>&#36;</span>") for part in shown)


def _missing(bundle: object) -> str:
    """The word in place of an attachment; empty if it is shown."""
    try:
        picture = picture_of(bundle)
    except NoPicture as why:
        return outside.said(str(why))
    return "" if picture else NO_PICTURE


def _rendered(text: str, pictures: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The page that nbconvert makes of a text; None if it cannot."""
    return _page(text, pictures) if pictures else _page_of_words(text)


@functools.lru_cache(maxsize=256)  # most are the lesson's own, and so in every submission
def _page_of_words(text: str) -> str | None:
    return _page(text, {})


def _page(text: str, pictures: Mapping[str, Mapping[str, Any]]) -> str | None:
    attached = {name: dict(bundle) for name, bundle in pictures.items()}
    try:
        return str(MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attached)).render(text))
    except Exception:  # of Markdown's reader, for whatever nobody thought of
        return None


def _typed(text: str) -> str:
    """The text between fences that are longer than any in it."""
    longest = max((len(run) for run in re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
