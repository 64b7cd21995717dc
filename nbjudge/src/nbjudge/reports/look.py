"""What the pages for students and instructors share: colours, type, and a template engine that escapes everything."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2

HERE = Path(__file__).parent


@functools.cache
def page_templates(folder: Path) -> jinja2.Environment:
    """Templates of a folder, and those that the pages share."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["points"] = lambda value: f"{value:g}"
    return made
