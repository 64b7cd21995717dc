"""A Sphinx extension: pages without Thebe, which Jupyter Book brings along.

Thebe runs a page's code on a server, and the book has none. Its settings stood twice in each page, the second time as an error.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def without_thebe(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Takes its scripts and styles out of a page."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, ()) if not _is_thebes(file)]


def _is_thebes(file: Any) -> bool:
    attributes = getattr(file, "attributes", {})
    return "thebe" in f"{getattr(file, 'filename', file)} {attributes.get('body', '')}".lower()


def setup(app: Sphinx) -> dict[str, bool]:
    """Looks at each page last, when all others have put their files in."""
    app.connect("html-page-context", without_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
