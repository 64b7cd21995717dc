"""How alike two texts are: by rapidfuzz where it is, and else by the same measure, worked out here."""

from __future__ import annotations

from importlib.util import find_spec


def likeness(one: str, other: str, least: float = 0.0) -> float:
    """Twice the length of the longest common subsequence over both lengths, of 100; 0 if that is below `least`."""
    if find_spec("rapidfuzz") is None:  # a student's machine
        return plain_likeness(one, other, least)
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other, score_cutoff=least)


def plain_likeness(one: str, other: str, least: float = 0.0) -> float:
    """The same without rapidfuzz: slower, so texts whose lengths alone tell are not compared."""
    both = len(one) + len(other)
    if not both:
        return 100.0
    if 200.0 * min(len(one), len(other)) / both < least:
        return 0.0
    found = 200.0 * _common(one, other) / both
    return found if found >= least else 0.0


def _common(one: str, other: str) -> int:
    """The length of the longest common subsequence, by Hyyrö's algorithm: a bit for each character of `one`."""
    places: dict[str, int] = {}
    for index, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << index
    whole = (1 << len(one)) - 1
    open_bits = whole
    for character in other:
        matched = open_bits & places.get(character, 0)
        open_bits = ((open_bits + matched) | (open_bits - matched)) & whole
    return len(one) - open_bits.bit_count()
