"""What is wider than the page can be reached and scrolled without a mouse, and says what it is."""

from __future__ import annotations

import pytest
from nbjudge.pages import safe
from nbjudge.pages.scrollable import NARROW, scrollable

from .test_safe import png

REACHED = 'tabindex="0" role="group" aria-label="{}"'
LONG = "x = " + NARROW * "1"


@pytest.mark.parametrize(
    ("html", "name"),
    [
        (safe.code(LONG), "Code"),
        (safe.plain(LONG), "Code"),
        (safe.markdown(f"```\n{LONG}\n```"), "Code"),
        (safe.lesson(f"```python\n{LONG}\n```"), "Code"),
        (safe.safe_output({"output_type": "stream", "text": LONG}), "Output"),
        (safe.safe_output({"output_type": "error", "ename": "E", "evalue": LONG, "traceback": []}), "Output"),
        (safe.lesson("$$x^2$$"), "Formula"),
        (safe.lesson("|a|\n|-|\n|1|"), "Table"),
        (safe.markdown("|a|\n|-|\n|1|"), "Table"),
    ],
)
def test_it_is_reached_and_has_a_name(html: str, name: str) -> None:
    assert html.count(REACHED.format(name)) == 1 and html.count("tabindex") == 1


def test_what_fits_any_page_is_no_stop_on_the_way() -> None:
    short = (NARROW - 1) * "<"  # four characters each in the HTML
    for html in (safe.code("x = 1\ny = 2"), safe.plain(short), safe.safe_output({"output_type": "stream", "text": short})):
        assert "<pre" in html and "tabindex" not in html


def test_what_an_error_is_marked_by_stays() -> None:
    html = safe.safe_output({"output_type": "error", "ename": "E", "evalue": LONG, "traceback": []})
    assert html.startswith('<pre class="error" tabindex=')


def test_tags_that_a_student_typed_are_text() -> None:
    html = safe.code("'<table></table><pre></pre>' + " + LONG)
    assert html.count("<pre") == html.count("tabindex") == 1 and "wide" not in html
    nested = scrollable("<table><tr><td><table class='a'></table></td></tr></table>")
    assert nested.count("<div") == nested.count("</div>") == 2


def test_a_picture_without_words_has_some() -> None:
    """Else a link around it has no name, and a screen reader says nothing at all."""
    html = safe.markdown(f"[![](data:image/png;base64,{png()})](https://example.org)")
    assert 'alt="A picture."' in html and "<img" in html
    assert 'alt="my plot"' in safe.markdown(f"![my plot](data:image/png;base64,{png()})")


def test_empty_headings_and_links_are_not_shown() -> None:
    assert safe.markdown("#\n\n## \n\n[](https://example.org) [ ](https://example.org)").strip() == ""
