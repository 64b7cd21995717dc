"""What a student wrote, as HTML that can do nothing: no script, no style, no address that is loaded, and in bounded time."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import unquote

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nbjudge.ground import terminal
from nbjudge.ground.characters import one_line, visible
from nbjudge.ground.foreign_names import shown
from nbjudge.ground.markdown import MAX_TEXT as MAX_MARKDOWN
from nbjudge.ground.outside import LOST, from_elsewhere, said, words
from nbjudge.ground.pictures import NoPicture, Picture, picture_at, picture_of
from nbjudge.pages.scrollable import scrollable

MAX_TABLE = 20_000  # cells: a short table with a long first line grows to lines times columns
MAX_CODE = 100_000

# fmt: off
TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol",
    "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}
# fmt: on
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}}


def with_code(sentence: str) -> Markup:
    """A sentence with what stands in backticks as code."""
    pieces = visible(sentence).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its partner
        return Markup(escape("`".join(pieces)))
    return Markup("".join(f"<code>{escape(p)}</code>" if n % 2 else escape(p) for n, p in enumerate(pieces)))


def markdown(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    """A student's or a grader's Markdown. HTML is shown as it was typed, a formula as its TeX, a picture if it is within."""
    source = visible(source)
    if len(source) > MAX_MARKDOWN:
        return plain(source)
    lines = source.split("\n")
    columns = max(line.count("|") for line in lines)
    html = _students(tables=len(lines) * columns < MAX_TABLE).render(source, {"attachments": attachments or {}})
    html = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_filter, url_schemes=_SCHEMES)
    return scrollable(_without_husks(html))


_HUSK = re.compile(r"<(a|p|h[1-6])\b[^<>]*>\s*</\1>")  # of what had nothing in it to be seen
_IMAGE = re.compile(r"<img\b[^<>]*>")
_SCHEMES = {"http", "https", "mailto", "data"}


def _filter(tag: str, attribute: str, value: str) -> str | None:
    """Nothing is loaded: pictures are those within the page. Links go to the web, or to an address for mail."""
    if attribute == "src":
        return value if _within(value) else None
    if attribute == "href":
        return value if value.startswith(("https://", "http://", "mailto:")) else None
    return value


def _without_husks(html: str) -> Markup:
    return Markup(_HUSK.sub("", _HUSK.sub("", html)))  # twice: a paragraph of an empty link


def _within(address: str) -> Picture | None:
    """The picture that an address holds, if it does and may be shown."""
    try:
        return picture_at(address)
    except NoPicture:
        return None


@functools.lru_cache(maxsize=512)
def lesson(source: str) -> Markup:
    """The lesson's own Markdown, which is trusted: formulas are drawn; of images, which come from the web, their words stay."""
    return scrollable(_without_husks(_IMAGE.sub("", _lesson().render(source))))


@functools.lru_cache(maxsize=512)
def code(source: str) -> Markup:
    """Python with its parts in classes of their own."""
    source = visible(source)
    if len(source) > MAX_CODE:
        return plain(source)
    source = re.sub(r"[ \t]+$", "", source, flags=re.MULTILINE)  # Pygments takes time by the square of such blanks
    return scrollable(f'<pre class="code">{highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))}</pre>')


def plain(source: str) -> Markup:
    """Text as it stands, up to a bound."""
    source = visible(source)
    more = f"\n… {len(source) - MAX_CODE:,} more characters are left out here …" if len(source) > MAX_CODE else ""
    return scrollable(f"<pre>{escape(source[:MAX_CODE] + more)}</pre>")


def safe_output(told: Mapping[str, Any]) -> Markup:
    """A cell's output: its text, or a picture that is one. HTML, SVG and scripts are left out."""
    kind = told.get("output_type")
    if kind == "stream":
        return _printed(told.get("text", ""))
    if kind == "error":
        trace = "\n".join(map(str, told.get("traceback") or ())) or f"{told.get('ename', '')}: {told.get('evalue', '')}"
        return _printed(trace, '<pre class="error">')
    data = told.get("data", {})
    text = _printed(data.get("text/plain", ""))
    try:
        picture = picture_of(data)
    except NoPicture as why:
        return Markup(f"<p><em>({escape(str(why))})</em></p>") + text
    return Markup(f'<img src="{picture.uri}" alt="A picture that this cell drew.">') if picture else text


def _printed(text: object, opening: str = "<pre>") -> Markup:
    shown_text = terminal.output(text).strip("\n")
    return scrollable(f"{opening}{escape(shown_text)}</pre>", "Output") if shown_text.strip() else Markup("")


@functools.cache
def _students(tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    parser.disable("reference")  # a page of link definitions takes minutes
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # `_filter` decides, images within the page included
    if tables:
        parser.enable("table")
    parser.core.ruler.push("pictures", _pictures)
    return parser.use(dollarmath_plugin, double_inline=True, renderer=lambda tex, options: f"<code>{escape(tex)}</code>")


@functools.cache
def _lesson() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _words_of)
    return parser.use(dollarmath_plugin, double_inline=True, renderer=_formula)


def _words_of(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return escape(tokens[index].content)


def _pictures(state: StateCore) -> None:
    """Gives each picture that is not shown a word in its place; a link, where it lies on the web and no link is around it."""
    for block in state.tokens:
        made, links = [], 0
        for token in block.children or ():
            links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            made += _picture(token, state.env["attachments"], links > 0) if token.type == "image" else [token]
        if block.children is not None:
            block.children = made


def _picture(token: Token, attachments: Mapping[str, Any], linked: bool) -> list[Token]:
    address = str(token.attrs.get("src", ""))
    try:
        if address.startswith("attachment:"):
            name = unquote(address.removeprefix("attachment:"))
            picture = picture_of(attachments.get(name))
        else:
            picture = picture_at(address)
    except NoPicture as why:
        return _told(token, said(str(why)).strip("*"), "em")
    if picture:
        token.attrs = {**token.attrs, "src": picture.uri}
        if not one_line(token.content):  # a link around it would have no name
            token.children = [Token("text", "", 0, content="A picture.")]
        return [token]
    if from_elsewhere(address):
        return _told(token, words(address), "" if linked else "a", address)
    if not address or ":" in address:
        return _told(token, LOST.strip("*"), "em")
    return _told(token, f"(a picture in a file of its own, {shown(unquote(address))}, is not here)", "em")


def _told(token: Token, text: str, tag: str, address: str = "") -> list[Token]:
    """A picture's own word, and then ours in an element."""
    alt = one_line(token.content)
    link = {"href": f"https:{address}" if address.startswith("//") else address} if tag == "a" else {}
    before = Token("text", "", 0, content=f"{alt} " if alt else "")
    if not tag:
        return [before, Token("text", "", 0, content=f"({text})")]
    return [
        before,
        Token(f"{tag}_open", tag, 1, attrs=dict(link)),
        Token("text", "", 0, content=f"({text})" if tag == "a" else text),
        Token(f"{tag}_close", tag, -1),
    ]


def _formula(tex: str, options: Mapping[str, Any]) -> str:
    return convert(tex.strip(), display="block" if options["display_mode"] else "inline")
