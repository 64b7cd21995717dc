"""Names that an answer uses and that nothing above it defines, though the submission does elsewhere.

A notebook is seldom run from the top while it is written: a helper stands below its use, or an import was added to a given
cell, which is restored. In the student's kernel the name was there. Definitions alone are brought up; nothing that computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbrepair.definitions import names, needed, statements

MAX_SUPPLIED = 20  # definitions for one answer


def supply(
    at_once: Iterable[str], later: Iterable[str], here: set[str], there: set[str], pool: dict[str, str]
) -> dict[str, str]:
    """The definitions to put before an answer, in the order in which they must stand.

    Args:
        at_once: names that the answer needs when its cell runs.
        later: names that it needs when it is tested.
        here: names that the cells above it define.
        there: names that the cells above its test define.
        pool: the definitions to take from, by name.
    """
    found: dict[str, str] = {}

    def bring(name: str, known: set[str]) -> None:
        if name in known or name in found or name not in pool or len(found) >= MAX_SUPPLIED:
            return
        text = pool[name]
        found[name] = ""  # being brought: a definition may need itself
        first, then = needed(text)
        for other in sorted(first | then):
            bring(other, here)
        found[name] = found.pop(name) or text  # behind what it needs

    for name in sorted(at_once):
        bring(name, here)
    for name in sorted(later):
        bring(name, there)
    return found


def pool_of(texts: Sequence[str], reserved: Iterable[str]) -> dict[str, str]:
    """Definitions by name; the first of each. Names that the source itself defines are left out."""
    pool: dict[str, str] = {}
    reserved = set(reserved)
    for text in texts:
        for bound, statement in statements(text):
            for name in sorted(bound - reserved):
                pool.setdefault(name, statement)
    return pool


def bound_by(texts: Iterable[str]) -> set[str]:
    """The names that the cells' top levels bind."""
    return {name for text in texts for name in names(text).all}
