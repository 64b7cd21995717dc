"""A student's text never keeps a page from being made."""

from __future__ import annotations

import base64
import html
import re

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbjudge.ground.markdown import CUT, MAX_TEXT, NO_PICTURE, in_a_sentence, showable, shown_pictures
from nbjudge.ground.pictures import MAX_PICTURE, REFUSED

PICTURE = {"a.png": {"image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()}}


def loaded(page: str) -> list[str]:
    """The addresses of pictures that a browser would load from anywhere but the notebook's own folder."""
    found = re.findall(r"<img[^>]*\ssrc=[\"']?([^\"'>]*)", page, re.I)
    elsewhere = re.compile(r"\s*([a-z][a-z0-9+.-]*:|[/\\]|(\.|%2e){2})", re.I)
    return [address for address in found if elsewhere.match(address) and not address.startswith("data:image/png;base64,")]


def rendered(text: str, pictures: dict) -> str:
    cell = nbformat.v4.new_markdown_cell(showable(text, pictures), attachments=pictures)
    return HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]


@pytest.mark.parametrize("text", ["", "Two *words*.", "$x^2$ and `code`", "| a |\n| --- |\n| b |"])
def test_ordinary_text_stays_as_it_is(text):
    assert showable(text, {}) == text


def test_a_picture_that_is_there_is_shown():
    text = '![mine](attachment:a.png "title")'
    assert showable(text, PICTURE) == text
    assert "data:image/png;base64," in rendered(text, PICTURE)


@pytest.mark.parametrize(
    "text",
    [
        "![](attachment:b.png)",
        "![b](<attachment:my plot.png>)",
        "![b](attachment:my%20plot.png 'plot')",
        "![b]( attachment:b.png )",
    ],
)
def test_a_picture_that_is_missing_is_said_to_be(text):
    assert showable(f"See {text}.", PICTURE) == f"See {NO_PICTURE}."


@pytest.mark.parametrize("text", ["![x](&#97;ttachment:b.png) ~~~", "![x][y]\n\n[y]: attachment:b.png\n\n~~~~"])
def test_what_cannot_be_rendered_is_shown_as_typed(text):
    shown = showable(text, {})
    assert shown.startswith("~~~~") and f"text\n{text}\n~~~~" in shown
    assert "attachment:b.png" in rendered(text, {}) or "ttachment:b.png" in rendered(text, {})


def test_a_long_text_is_cut():
    assert showable("a" * (MAX_TEXT + 1), {}) == "a" * (MAX_TEXT - len(CUT)) + CUT
    assert showable("a" * MAX_TEXT, {}) == "a" * MAX_TEXT


HARMLESS = [
    'A <b>bold</b> word, a break<br>, <img src="plot.png" width="300">, <!-- a note -->',
    "[a page](https://a.example/b?c=d#e), <https://a.example>, [above](#part-1), [mail](mailto:a@a.example)",
    "1 < 2 and a<b, `<script>`, x <- y",
    "```python\nif a < b: print('<script>')\n```",
    "$a < b$ and $$\\frac{1}{2}$$",
    "# Title\n\n- [ ] open\n- two\n\n> quoted\n\n| a | b |\n| :-- | --: |\n| 1 | 2 |",
    "![plot](plot.png 'title')",
]
HARMFUL = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//a.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<svg onload=alert(1)></svg>",
    "<iframe src='https://a.example'></iframe>",
    "<math><mtext onclick=alert(1)>x</mtext></math>",
    "<style>*{display:none}</style>",
    '<p style="position:fixed;inset:0">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<form action=https://a.example><input></form>",
    '<a href="https://a.example" target="_top" ping="https://b.example">x</a>',
    "$\\href{javascript:alert(1)}{x}$",
    "```mermaid\nclick a call alert()\n```",
    "<!--><script>alert(1)</script>-->",
    "<base href='https://a.example'>",
    "<p title='\"><script>alert(1)</script>'>x</p>",
    "$\\bbox[background:url(https://a.example/b.png)]{x}$",
    "$\\includegraphics{https://a.example/b.png}$",
    '<img src="a.png" srcset="https://a.example/b.png 2x">',
    '<img alt="a>b" src="https://a.example/b.png">',
    '<table background="https://a.example/b.png"></table>',
]
WORDS = "a picture from elsewhere: {}, not loaded"
WEB = "https://a.example/b_c.png"
OUTSIDE = [
    (f"![]({WEB})", f"[{WORDS}](<{WEB}>)"),
    (f"See ![plot]({WEB} 'title').", f"See plot ([{WORDS}](<{WEB}>))."),
    (f"![](<{WEB}>)", f"[{WORDS}](<{WEB}>)"),
    (f"[![CI]({WEB})](https://c.example)", f"[CI ({WORDS})](https://c.example)"),
    (f"![a][p] ![p]\n\n[p]: {WEB}", f"a ([{WORDS}][p]) p ([{WORDS}][p])\n\n[p]: {WEB}"),
    (f'<img src="{WEB}" width="300">', f"[{WORDS}](<{WEB}>)"),
    (f"<IMG SRC={WEB}>", f"[{WORDS}](<{WEB}>)"),
    (f'<IMG ALT="A_b*" SRC="{WEB}">', f"A_b\\* ([{WORDS}](<{WEB}>))"),
    (f'<A HREF="https://c.example"><IMG SRC="{WEB}"></A>', f'<A HREF="https://c.example">{WORDS}</A>'),
    (f'<p align="center"><img src=\'{WEB}\' alt="A"></p>', f'<p align="center">A (<a href="{WEB}">{WORDS}</a>)</p>'),
    (f'<a href="https://c.example"><img src="{WEB}"></a>', f'<a href="https://c.example">{WORDS}</a>'),
]


@pytest.mark.parametrize(("text", "shown"), OUTSIDE)
def test_a_picture_from_elsewhere_becomes_a_link(text, shown):
    """Whoever opens it in formgrader would be seen by whoever the student likes."""
    assert showable(text, {}) == shown.format(*[WEB] * shown.count("{}"))
    assert WORDS.format(WEB) in rendered(text, {}) and not loaded(rendered(text, {}))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('<img src="/hub/logout" alt="A">', f"A {NO_PICTURE}"),
        ('<p><img src="/hub/logout" alt="A"></p>', f"<p>A ({NO_PICTURE.strip('*()')})</p>"),
        ('<p><img src="/hub/logout"></p>', f"<p>{NO_PICTURE.strip('*()')}</p>"),
        ("![A](/hub/logout)", f"A {NO_PICTURE}"),
        ("![A][p]\n\n[p]: /hub/logout", f"A {NO_PICTURE}\n\n[p]: /hub/logout"),
    ],
)
def test_a_picture_that_is_nowhere_becomes_a_word(text, shown):
    assert showable(text, {}) == shown


@pytest.mark.parametrize(
    "address",
    ["//a.example/b.png", "HTTP://a.example", "ht\ttps://a.example", "&#104;ttps://a.example/b.png", "/hub/logout", "../../api",
     "%2E%2e/api", "\\\\a.example\\b.png", "file:///etc/passwd", "ftp://a.example/b.png", "blob:x", "vbscript:x",
     "data:image/gif;base64,R0lGODlh", "data:image/svg+xml;base64,PHN2Zz4=", "data:text/html,x"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["![x]({})", "![x](<{}>)", "![x][y]\n\n[y]: {}", '<img src="{}">', "<b><img src='{}'></b>"])
def test_no_address_is_loaded_whatever_its_form(form, address):
    assert not loaded(rendered(form.format(address), {}))


def test_pictures_in_code_are_code():
    text = f'`![x]({WEB})`\n\n```html\n<img src="{WEB}">\n```'
    assert showable(text, {}) == text


def test_a_file_beside_the_notebook_stays():
    assert showable("![p](plots/my%20plot.png)", {}) == "![p](plots/my%20plot.png)"


def test_a_picture_that_is_not_shown_is_said_and_not_kept():
    large = {"image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n".ljust(MAX_PICTURE + 1)).decode()}
    pictures = {"d.png": large, "b.gif": {"image/gif": "R0lGODlh"}, "c.png": {REFUSED: "a picture of another kind"}, **PICTURE}
    text = "![](attachment:d.png) ![](attachment:b.gif) ![](attachment:c.png)"
    assert showable(text, pictures).split(")* ") == [
        "*(a picture of 2.0 MB is not shown: the most is 2 MB",
        "*(a picture in the format GIF is not shown: only PNG and JPEG are",
        "*(a picture of another kind)*",
    ]
    assert list(shown_pictures(pictures)) == ["a.png"]


def test_words_in_a_sentence_mean_nothing_to_markdown():
    shown = in_a_sentence("a\n*b* [c](d) ![e](f) <g> `h*` $i$ | \x1b \u202e # j_k_l")
    page = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(f"- {shown}")
    words = html.unescape(re.sub(r"</?(ul|li|span|p)>", "", page)).strip()
    assert words == "a *b* [c](d) ![e](f) <g> <code>h*</code> $i$ | \ufffd \ufffd # j_k_l"
    assert "$i$" not in page
    assert in_a_sentence("one ` backtick") == "one \\` backtick"


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_formatting_stays(text):
    assert showable(text, {}) == text


@pytest.mark.parametrize("text", HARMFUL)
def test_what_a_browser_would_run_is_shown_as_typed(text):
    shown = showable(text, {})
    assert shown == f"~~~text\n{text}\n~~~"
    page = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(shown)
    assert set(re.findall(r"<(\w+)", page)) == {"div", "pre", "span"}


def test_no_fence_is_broken_out_of():
    text = "~~~\n<script>alert(1)</script>\n~~~~~"
    page = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(showable(text, {}))
    assert "<script" not in page and "&lt;script" in page
