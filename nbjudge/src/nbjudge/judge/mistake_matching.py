"""Recognising a known mistake: an answer that gives the same evidence as the reference with the mistake put in."""

from __future__ import annotations

import functools
from itertools import combinations

from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import Question
from nbjudge.judge.fingerprint import Fingerprint, fingerprint

MAX_PAIRS = (
    40  # tried for one answer, likely ones first; a count and not a time, so that a verdict never depends on the machine
)


def recognise_mistake(asked: Question, case: Case) -> tuple[Misconception, ...]:
    """The mistake that explains the evidence, or the pair of them; nothing if none does."""
    actual = fingerprint(asked, case.actual, case.seed)
    right = fingerprint(asked, case.expected, case.seed)
    single = {m: known_fingerprint(asked, case.seed, (m,)) for m in asked.mistakes()}
    for mistake, variant in single.items():
        if variant is not None and not actual.differs(variant):
            return (mistake,)
    for pair in _likely_pairs(actual, right, {m: f for m, f in single.items() if f is not None}):
        variant = known_fingerprint(asked, case.seed, pair)
        if variant is not None and not actual.differs(variant):
            return pair
    return ()


@functools.lru_cache(maxsize=20_000)
def known_fingerprint(asked: Question, seed: int, mistakes: tuple[Misconception, ...]) -> Fingerprint | None:
    """The fingerprint of the reference with these mistakes in it; None if they touch the same text."""
    evidence = asked.variant(seed, tuple(edit for m in mistakes for edit in m.edits))
    return None if evidence is None else fingerprint(asked, evidence, seed)


def _likely_pairs(
    actual: Fingerprint, right: Fingerprint, single: dict[Misconception, Fingerprint]
) -> list[tuple[Misconception, Misconception]]:
    """The pairs that may explain the evidence, best first.

    A name under which only one of the two mistakes shows should be as that one alone makes it, and a name under which neither
    shows as it is in a right answer. What neither explains alone tells nothing, and the fewer such names, the better.
    """
    off = actual.differs(right)
    shows = {m: variant.differs(right) for m, variant in single.items()}
    unlike = {m: actual.differs(variant) for m, variant in single.items()}

    def misfits(pair: tuple[Misconception, Misconception]) -> tuple[int, int]:
        one, two = pair
        alone = {one: shows[one] - shows[two], two: shows[two] - shows[one]}
        neither = off - shows[one] - shows[two]
        unexplained = len(unlike[one] & unlike[two])
        return len(neither) + sum(len(unlike[m] & names) for m, names in alone.items()) + unexplained, unexplained

    return sorted(combinations(single, 2), key=misfits)[:MAX_PAIRS]
