"""The mutants that are right, each with its reason: `equivalent.toml`."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LIST = Path(__file__).resolve().parent / "equivalent.toml"


@functools.cache
def equivalent(path: Path = LIST) -> dict[str, dict[str, str]]:
    """For each question the mutants that are right, and why.

    Raises:
        ValueError: if a mutant stands twice.
    """
    found: dict[str, dict[str, str]] = {}
    with path.open("rb") as file:
        entries = tomllib.load(file)
    for question, groups in entries.items():
        for group in groups:
            for what in group["mutants"]:
                if what in found.setdefault(question, {}):
                    raise ValueError(f"{path.name}: {question}: {what!r} stands twice")
                found[question][what] = " ".join(group["reason"].split())
    return found
