"""What a student wrote, as HTML that can do nothing: no script, no style, no address that is loaded, and in bounded time."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MAX_MARKDOWN = 20_000  # characters; the parser takes longer by the square of some texts' length
MAX_TABLE = 20_000  # cells: a short table with a long first line grows to lines times columns
MAX_CODE = 100_000
MAX_LINES = 200  # of one output
MAX_IMAGE = 2**20
IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}

# fmt: off
TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol",
    "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}
# fmt: on
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}}
# Control characters, those that turn the direction of writing, and halves of characters, which no file can hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_ATTACHMENT = re.compile(r"attachment:([^)\s\"'>]+)")


def text(value: object) -> str:
    """Text without terminal sequences, with a mark in place of every character that cannot be seen."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", _ANSI.sub("", str(value).replace("\r\n", "\n")))


def with_code(words: str) -> Markup:
    """A sentence with what stands in backticks as code."""
    pieces = text(words).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its partner
        return Markup(escape("`".join(pieces)))
    return Markup("".join(f"<code>{escape(p)}</code>" if n % 2 else escape(p) for n, p in enumerate(pieces)))


def markdown(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    """A student's or a grader's Markdown. HTML in it is shown as it was typed, a formula as its TeX."""
    source = text(source)
    if len(source) > MAX_MARKDOWN:
        return plain(source[:MAX_CODE])
    lines = source.split("\n")
    columns = max(line.count("|") for line in lines)
    pictures = {name: uri for name, bundle in (attachments or {}).items() if (uri := _attached(bundle))}
    source = _ATTACHMENT.sub(lambda match: pictures.get(match[1], ""), source)
    html = _students(tables=len(lines) * columns < MAX_TABLE).render(source)
    return Markup(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_filter, url_schemes=_SCHEMES))


_SCHEMES = {"http", "https", "mailto", "data"}


def _filter(tag: str, attribute: str, value: str) -> str | None:
    """Nothing is loaded: images are those within the page. Links go to the web, or to an address for mail."""
    if attribute == "src":
        return value if _data_uri(value) else None
    if attribute == "href":
        return value if value.startswith(("https://", "http://", "mailto:")) else None
    return value


@functools.lru_cache(maxsize=512)
def lesson(source: str) -> Markup:
    """The lesson's own Markdown, which is trusted: formulas are drawn; images are left out, as they come from the web."""
    return Markup(re.sub(r"<img [^>]*>", "", _lesson().render(source)))


@functools.lru_cache(maxsize=512)
def code(source: str) -> Markup:
    """Python with its parts in classes of their own."""
    source = text(source)
    if len(source) > MAX_CODE:
        return plain(source[:MAX_CODE])
    source = re.sub(r"[ \t]+$", "", source, flags=re.MULTILINE)  # Pygments takes time by the square of such blanks
    return Markup(f'<pre class="code">{highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))}</pre>')


def plain(source: str) -> Markup:
    """Text as it stands."""
    return Markup(f"<pre>{escape(text(source))}</pre>")


def output(told: Mapping[str, Any]) -> Markup:
    """A cell's output: its text, or an image that is one. HTML, SVG and scripts are left out."""
    kind = told.get("output_type")
    if kind == "stream":
        return _bounded(_joined(told.get("text", "")))
    if kind == "error":
        trace = "\n".join(map(str, told.get("traceback") or ())) or f"{told.get('ename', '')}: {told.get('evalue', '')}"
        return Markup(str(_bounded(trace)).replace("<pre>", '<pre class="error">', 1))
    data = told.get("data", {})
    for mime in IMAGES:
        if uri := _uri(mime, _joined(data.get(mime, ""))):
            return Markup(f'<img src="{uri}" alt="A picture that this cell drew.">')
    words = _joined(data.get("text/plain", ""))
    return _bounded(words) if words.strip() else Markup("")


def _bounded(words: str) -> Markup:
    lines = words[: MAX_LINES * 500].split("\n")
    more = f"\n… {len(lines) - MAX_LINES} more lines" if len(lines) > MAX_LINES else ""
    shown = text("\n".join(lines[:MAX_LINES])).strip("\n")
    return plain(shown + more) if shown.strip() else Markup("")


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _attached(bundle: Any) -> str:
    """An attachment as an address, if it is an image."""
    if not isinstance(bundle, Mapping):
        return ""
    return next((uri for mime in IMAGES if (uri := _uri(mime, _joined(bundle.get(mime, ""))))), "")


def _uri(mime: str, data: str) -> str:
    """base64 as a `data:` address, if it holds such an image of a fair size; else nothing."""
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not raw.startswith(IMAGES[mime]) or len(raw) > MAX_IMAGE:
        return ""
    return f"data:{mime};base64,{base64.b64encode(raw).decode()}"


def _data_uri(value: str) -> bool:
    mime, _, data = value.removeprefix("data:").partition(";base64,")
    return value.startswith("data:") and mime in IMAGES and _uri(mime, data) != ""


@functools.cache
def _students(tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    parser.disable("reference")  # a page of link definitions takes minutes
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # `_filter` decides, images within the page included
    if tables:
        parser.enable("table")
    return parser.use(dollarmath_plugin, double_inline=True, renderer=lambda tex, options: f"<code>{escape(tex)}</code>")


@functools.cache
def _lesson() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return parser.use(dollarmath_plugin, double_inline=True, renderer=_formula)


def _formula(tex: str, options: Mapping[str, Any]) -> str:
    return convert(tex.strip(), display="block" if options["display_mode"] else "inline")
