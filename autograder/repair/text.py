"""A student's text as it may stand in a page that other people open.

nbgrader's formgrader and feedback show Markdown with whatever HTML is in it, and nbconvert gives up on a whole notebook for one
text that it cannot render. So each text is rendered here once, as they would; one that fails, or gives anything but plain
formatting, is shown as it was typed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MAX_TEXT = 30_000  # characters; some texts take time that grows with the square of their length
CUT = "\n\n*(The text goes on, and is cut off here.)*"
NO_PICTURE = "*(a picture that was not in the file)*"

_PICTURE = re.compile(r"!\[[^\]\n]{0,500}\]\(\s*<?attachment:([^)\n>]{1,200}?)>?(\s+[\"'][^)\n]{0,200})?\s*\)")
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
_URL = re.compile(r"(https?:|mailto:|#|data:image/(png|jpeg|gif);base64,|[\w./%-]*([?#]|$))", re.I)
_VALUES = {
    "href": _URL,
    "src": _URL,
    "style": re.compile(r"text-align:\s*(left|center|right);?$"),
    "class": re.compile(r"(?!.*mermaid)", re.I),  # a language of diagrams that a page runs
}
_MATH = re.compile(r"\\(href|url|require|class|cssid|style|mmltoken|html\w*|data)\b", re.I)  # what MathJax makes links, ids of


def showable(text: str, pictures: Mapping[str, dict[str, str]]) -> str:
    """The text, cut to a length, with a word for each picture that is not there; as it was typed if it is not harmless.

    Args:
        text: Markdown.
        pictures: the cell's attachments, by name.
    """
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + CUT
    text = _PICTURE.sub(lambda match: match[0] if match[1] in pictures else NO_PICTURE, text)
    try:
        page = MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=dict(pictures))).render(text)
    except Exception:  # of Markdown's reader, for whatever nobody thought of
        return _typed(text)
    return text if harmless(page) else _typed(text)


def harmless(page: str) -> bool:
    """Whether rendered Markdown is formatting, pictures and links only, so that nothing in it runs in a browser."""
    tags = list(_TAG.finditer(page))
    if len(tags) != page.count("<") or _MATH.search(page):
        return False
    for name, value in (pair for tag in tags for pair in _ATTRIBUTE.findall(tag["attributes"] or "")):
        value = html.unescape(value).strip()
        allowed = _VALUES.get(name.lower())
        if allowed is not None and not allowed.match(value):
            return False
    return True


def _typed(text: str) -> str:
    """The text between fences that are longer than any in it."""
    longest = max((len(run) for run in re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
