"""The mutants that are right, each with its reason: `equivalent_mutants.toml` of each question."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from autograder.questions import FOLDER

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "equivalent_mutants.toml"


@functools.cache
def equivalent(folder: Path = FOLDER) -> dict[str, dict[str, str]]:
    """For each question that has any, the mutants that are right, and why.

    Raises:
        ValueError: if a mutant stands twice.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob(f"*/{FILE}")):
        listed = found.setdefault(path.parent.name, {})
        with path.open("rb") as file:
            groups = tomllib.load(file)["equivalent"]
        for group in groups:
            for what in group["mutants"]:
                if what in listed:
                    raise ValueError(f"{path.parent.name}/{FILE}: {what!r} stands twice")
                listed[what] = " ".join(group["reason"].split())
    return found
