"""A Sphinx extension that puts right what Jupyter Book brings along.

Thebe runs a page's code on a server, and the book has none. Its settings stood twice in each page, the second time as an error.
An entry of the bibliography has a role that screen readers no longer know, in a list of which it is then no item.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def correct(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Takes Thebe's scripts and styles out of a page, and makes its references items of their list."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, ()) if not _is_thebes(file)]
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def _is_thebes(file: Any) -> bool:
    attributes = getattr(file, "attributes", {})
    return "thebe" in f"{getattr(file, 'filename', file)} {attributes.get('body', '')}".lower()


def setup(app: Sphinx) -> dict[str, bool]:
    """Looks at each page last, when all others have put their files in."""
    app.connect("html-page-context", correct, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
