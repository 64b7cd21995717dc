"""Hand-ins that are nearly the same: a reason to look, never a verdict. Right answers to one stub are alike to begin with."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

THRESHOLD = 97.0  # percent of the tokens, names and comments included


@dataclass(frozen=True)
class Pair:
    """Two students' answers and how much of them is the same, in percent."""

    one: str
    other: str
    likeness: float


def similar_pairs(code: Mapping[str, str], released: str = "", threshold: float = THRESHOLD) -> list[Pair]:
    """The pairs of students whose own lines are nearly the same, most alike first.

    Args:
        code: student -> the answers' code.
        released: the stubs as students got them; their lines do not count.
        threshold: percent from which a pair is listed.
    """
    given = {line.strip() for line in released.splitlines()}
    own = {student: own_tokens(text, given) for student, text in code.items()}
    names = [student for student, tokens in own.items() if len(tokens) > 40]
    if len(names) < 2:
        return []
    table = process.cdist([own[n] for n in names], [own[n] for n in names], scorer=fuzz.ratio, score_cutoff=threshold)
    pairs = [
        Pair(names[i], names[j], round(float(table[i][j]), 1))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if table[i][j] >= threshold
    ]
    return sorted(pairs, key=lambda pair: (-pair.likeness, pair.one, pair.other))


def own_tokens(text: str, given: set[str]) -> str:
    """A student's own lines, without what an editor changes by itself."""
    lines = [line for line in text.splitlines() if line.strip() and line.strip() not in given]
    source = "\n".join(lines)
    try:
        tokens = [t.string for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.string.strip()]
    except (tokenize.TokenError, IndentationError, SyntaxError):
        tokens = source.split()
    return " ".join(tokens)
