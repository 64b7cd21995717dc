"""What in course.toml is no course's own: the names that the repository comes with, and blanks that were to be filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assignment.builder.checkout import COURSE
from assignment.builder.generated_files import text_files
from assignment.builder.problem import Problem, shown
from assignment.builder.schema import KEYS, Key, table_of

SHIPPED = ("VISION 442", "example-university")  # an invented course at an invented university
BLANK = re.compile(
    r"\b(TODO|TBD|TBA|TBC|FIXME|XXX+)\b|<[^>]*>|\{\{|(?i:\bchange[ _-]?me\b|\bplace[ _-]?holder\b|\blorem ipsum\b"
    r"|\b(?:your|my|some|example)[ _-](?:course|university|college|school|department|institute|org(?:anisation|anization)?"
    r"|name|user(?:name)?|repo(?:sitory)?|account|team)\b)"
)
# Names that belong to nobody (RFC 2606 and 6761), and accounts that call themselves an example.
NOBODYS = re.compile(r"(^|[.-])example([.-]|$)|(^|\.)(test|invalid|localhost)$|^(127\.|0\.0\.0\.0$|::1$)", re.IGNORECASE)


def placeholders(tables: Mapping[str, Any], path: Path = COURSE) -> list[Problem]:
    """Every placeholder of course.toml, with its line and what belongs there.

    Args:
        tables: the whole file.
        path: of the file.
    """
    found = []
    for key, value in _texts(tables):
        if why := _why(value):
            told = f"[{key.table}] {key.name} is {json.dumps(value, ensure_ascii=False)}, {why}. Set it to {key.use}."
            found.append(Problem(shown(path), _line(path, key), told))
    return found


def left_over(tree: Path) -> list[str]:
    """The files of a public tree that still name what this repository comes with: made before course.toml was filled in."""
    return [
        f"{name}: still names {there}, a placeholder: it was made before course.toml was filled in"
        for name, text in text_files(tree)
        if (there := next((each for each in SHIPPED if each in text), ""))
    ]


def _texts(tables: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    """The texts that students read."""
    for key in KEYS:
        value = (table_of(tables, key.table) or {}).get(key.name) if key.table in ("course", "assignment") else None
        if isinstance(value, str):
            yield key, value


def _why(value: str) -> str:
    if any(each in value for each in SHIPPED):
        return "a placeholder that this repository comes with"
    if BLANK.search(value):
        return "a placeholder: it has a blank to be filled in"
    if value.startswith(("http://", "https://")):
        parts = urlsplit(value)
        owner = parts.path.strip("/").split("/")[0] if parts.hostname == "github.com" else ""
        if NOBODYS.search(parts.hostname or "") or NOBODYS.search(owner):
            return "a placeholder: an address that belongs to nobody"
    return ""


def _line(path: Path, key: Key) -> int:
    """The 1-based line on which a key stands; 0 if it is written in a way of its own."""
    table = ""
    for number, line in enumerate(path.read_text("utf-8").split("\n") if path.is_file() else (), start=1):
        if header := re.match(r"\s*\[([\w.]+)\]", line):
            table = header[1]
        elif table == key.table and re.match(rf"\s*{re.escape(key.name)}\s*=", line):
            return number
    return 0
