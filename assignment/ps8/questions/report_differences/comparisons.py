"""The table before the report's comparisons: what differs between two rows of the results. Its form; no answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ps8.literals import NotLiteral, read_literal

QUESTION, NAME = "report_differences", "differs"
THINGS = ("task", "colours", "features")
PAIRS = (
    ("autoencoder", "random_rgb"),
    ("supervised", "autoencoder"),
    ("random_lab", "random_rgb"),
    ("cmc", "random_lab"),
    ("cmc", "autoencoder"),
)
Pair = tuple[str, str]
_SETS = re.compile(rf"^{NAME}\b[^=\n]*=(?!=)", re.MULTILINE)


class BadForm(ValueError):
    """A table, or a pair of it, that is not of the form asked for. Its text says what is, and goes on after `differs`."""


def is_stub(source: str) -> bool:
    """Whether the cell is as it was released, or holds nothing."""
    lines = [line.strip() for line in source.splitlines()]
    return all(not line or line.startswith(("#", "raise NotImplementedError")) for line in lines)


def table_of(value: Any) -> Mapping[Any, Any]:
    """The student's table.

    Raises:
        BadForm: if it is no dictionary.
    """
    if not isinstance(value, dict):
        raise BadForm(f"is no dictionary, but {kind(value)}")
    return value


def entry(table: Mapping[Any, Any], pair: Pair) -> frozenset[str]:
    """What a table says of a pair, whichever of its rows is named first. A list or a single word serves for a set.

    Raises:
        BadForm: if the pair is missing, or is given other words than `THINGS`.
    """
    found = [table[key] for key in (pair, pair[::-1]) if key in table]
    called = f'("{pair[0]}", "{pair[1]}")'
    if not found:
        raise BadForm(f"has no entry for the pair {called}")
    words = [{value} if isinstance(value, str) else value for value in found]
    for value in words:
        if not isinstance(value, set | frozenset | list | tuple):
            raise BadForm(f"gives {called} {kind(value)} and no set")
        for word in value:
            if word not in THINGS:
                raise BadForm(f"gives {called} {_unknown(word)}")
    if len({frozenset(value) for value in words}) > 1:
        raise BadForm(f"has the pair {called} twice, with two answers")
    return frozenset(words[0])


def fault(value: Any) -> str:
    """The first thing in which a value is not of the form asked for, in words; empty if it is."""
    try:
        table = table_of(value)
        for pair in PAIRS:
            entry(table, pair)
    except BadForm as bad:
        return f"{NAME} {bad}"
    return ""


def fault_of_cell(source: str) -> str:
    """The same for the text of a cell, which the grader reads without running it."""
    try:
        return fault(read_literal(source, NAME))
    except NotLiteral as why:
        return f"{NAME} cannot be read from the cell's text: {why}"


def cell_of(namespace: Mapping[str, Any]) -> str:
    """The text of the last cell that set the table, from the history that IPython keeps in a notebook's globals, if any."""
    history = namespace.get("In")
    cells = [cell for cell in history if isinstance(cell, str)] if isinstance(history, list) else []
    return next((cell for cell in reversed(cells) if _SETS.search(cell)), "")


def kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None or value is ...:
        return "nothing yet"
    return f"a value of the type {type(value).__name__}"


def _unknown(word: Any) -> str:
    if not isinstance(word, str):
        return f"{kind(word)}, and not one of the words {_listed()}"
    near = get_close_matches(word.casefold(), THINGS, 1)
    meant = f": did you mean {near[0]!r}?" if near else f": it may be {_listed()}"
    return f"the word {word[:40]!r}{meant}"


def _listed() -> str:
    return ", ".join(f'"{thing}"' for thing in THINGS)
