"""Mutants that no test can see, or that none should, each with the reason: `explained.toml`."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from trials.code_mutants.make import SOURCE, CodeMutant

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).with_name("explained.toml")


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """What the file lists: for a `file` and a text `before`, all mutants or those that say `after`, and `why`."""
    return tuple(tomllib.loads(FILE.read_text(encoding="utf-8")).get("mutant", ()))


def reason(mutant: CodeMutant) -> str:
    """Why nothing is wrong with a mutant that no test kills; empty if nobody has said so."""
    for entry in entries():
        same = mutant.file == f"{SOURCE}/{entry['file']}" and entry["before"] == mutant.before
        if same and mutant.after in entry.get("after", [mutant.after]):
            return str(entry["why"])
    return ""
