"""What may be wider than the page is scrolled, and so it is reached by keyboard, too, and has a name (WCAG 2.1.1, 4.1.2)."""

from __future__ import annotations

import re
from html import unescape

from markupsafe import Markup

NARROW = 24  # characters of a line that fit even a phone's page
_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(r"<pre( class=\"[^\"]*\")?>(.*?)</pre>", re.DOTALL)
_TABLE = re.compile(r"<table\b[^<>]*>")
_FORMULA = '<div class="math block"'


def scrollable(html: str, name: str = "Code") -> Markup:
    """HTML of ours, with its blocks of text, its tables and its formulas made so.

    Args:
        html: in whose tags no attribute is a student's.
        name: said by screen readers of a block of text.
    """
    html = _BLOCK.sub(lambda block: _block(block, name), html).replace(_FORMULA, f"{_FORMULA} {_reached('Formula')}")
    html = _TABLE.sub(lambda table: f'<div class="wide" {_reached("Table")}>{table[0]}', html)
    return Markup(html.replace("</table>", "</table></div>"))


def _block(block: re.Match[str], name: str) -> str:
    lines = unescape(_TAG.sub("", block[2])).split("\n")
    return f"<pre{block[1] or ''} {_reached(name)}>{block[2]}</pre>" if max(map(len, lines)) > NARROW else block[0]


def _reached(name: str) -> str:
    return f'tabindex="0" role="group" aria-label="{name}"'
