"""A student's text never keeps a page from being made."""

from __future__ import annotations

import base64
import re

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.repair.text import CUT, MAX_TEXT, NO_PICTURE, showable

PICTURE = {"a.png": {"image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()}}


def rendered(text: str, pictures: dict) -> str:
    cell = nbformat.v4.new_markdown_cell(showable(text, pictures), attachments=pictures)
    return HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]


@pytest.mark.parametrize(
    "text", ["", "Two *words*.", "$x^2$ and `code`", "| a |\n| --- |\n| b |", "![web](https://a.example/b.png)"]
)
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
    assert showable("a" * (MAX_TEXT + 1), {}) == "a" * MAX_TEXT + CUT
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
    "![x](vbscript:x)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<form action=https://a.example><input></form>",
    '<a href="https://a.example" target="_top" ping="https://b.example">x</a>',
    "$\\href{javascript:alert(1)}{x}$",
    "```mermaid\nclick a call alert()\n```",
    "<!--><script>alert(1)</script>-->",
    "<base href='https://a.example'>",
    "<p title='\"><script>alert(1)</script>'>x</p>",
]


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
