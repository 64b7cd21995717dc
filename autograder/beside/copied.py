"""A text that is not the student's own: the template, the lesson's, the instructor's notes, the same in two boxes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from difflib import SequenceMatcher

from autograder.artifacts.words import named
from autograder.beside.boxes import words, written

RUN = 6  # words in a row that are no coincidence
SHARE = 0.3  # of a text's words in such runs, from which it is told
LONG = 90  # characters of what is quoted
SHORT = 8  # words; of a shorter text no likeness can be told


def about_words(box: str, texts: Mapping[str, str], lesson: str, notes: str) -> list[str]:
    """Sentences on the words of a box: how many, and whose.

    Args:
        box: its grade id.
        texts: box -> what stands in it.
        lesson: all text that students were given.
        notes: what the instructor's notebook has in the boxes, which no student has seen.
    """
    text = written(texts.get(box, ""))
    own = words(text)
    if not own:
        return ["Nothing was written here: it is as it was released."]
    said = [f"{len(own)} words."]
    if len(own) < SHORT:
        return said
    for other, whose in ((lesson, "the lesson's own"), (notes, "those of the instructor's notes, which students do not get")):
        share = copied(own, other)
        if share >= SHARE:
            said.append(f"**{share:.0%} of its words are {whose}**, in the same order, such as {named(longest(text, other))}.")
    for another, theirs in texts.items():
        if another != box and SequenceMatcher(None, own, words(written(theirs)), autojunk=False).ratio() >= 0.9:
            said.append(f"Nearly the same text stands in the box {another.removeprefix('report_')}.")
    return said


def copied(own: list[str], other: str) -> float:
    """The share of words that stand, `RUN` or more in a row, in another text."""
    runs = _runs(other)
    taken = set[int]()
    for n in range(len(own) - RUN + 1):
        if tuple(own[n : n + RUN]) in runs:
            taken.update(range(n, n + RUN))
    return len(taken) / max(1, len(own))


@functools.lru_cache(maxsize=8)  # all submissions, and all their boxes, are held against the same few texts
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    own = words(text)
    return frozenset(tuple(own[n : n + RUN]) for n in range(len(own) - RUN + 1))


def longest(text: str, other: str) -> str:
    """The longest run of words that two texts share, for a quotation."""
    own, theirs = words(text), words(other)
    match = SequenceMatcher(None, own, theirs, autojunk=False).find_longest_match()
    quoted = " ".join(own[match.a : match.a + match.size])
    return quoted if len(quoted) <= LONG else f"{quoted[: LONG - 1]}…"
