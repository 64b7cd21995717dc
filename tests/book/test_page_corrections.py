from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from book.page_corrections import correct


def file(filename: str | None, **attributes: str) -> SimpleNamespace:
    return SimpleNamespace(filename=filename, attributes=attributes)


def test_thebe_is_out_and_all_else_stays() -> None:
    kept = [file("_static/sphinx-book-theme.js"), file(None, body="let a = 1")]
    thebe = [file("_static/sphinx-thebe.js"), file(None, body='const THEBE_JS_URL = "https://unpkg.com/thebe"')]
    context: dict[str, Any] = {
        "script_files": [*thebe, *kept],
        "css_files": [file("_static/sphinx-thebe.css"), file("book.css")],
    }
    correct(None, "", "", context, None)  # type: ignore[arg-type]
    assert context["script_files"] == kept and [css.filename for css in context["css_files"]] == ["book.css"]


def test_a_reference_is_an_item_of_its_list() -> None:
    context: dict[str, Any] = {"body": '<div role="list"><div class="citation" role="doc-biblioentry">A</div></div>'}
    correct(None, "", "", context, None)  # type: ignore[arg-type]
    assert context["body"] == '<div role="list"><div class="citation" role="listitem">A</div></div>'
