"""Recognising a known mistake: an answer that gives the same evidence as the reference with the mistake put in."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from ps8.probes import Evidence

from autograder.judge import reference
from autograder.judge.compare import Case, close
from autograder.judge.criteria import Question
from autograder.misconceptions.catalogue import Misconception, catalogue


def recognise(asked: Question, case: Case) -> tuple[Misconception, ...]:
    """The mistake that explains the evidence, or the pair of them; nothing if none does."""
    known = [m for m in catalogue() if m.question == asked.id]
    got = asked.canonical(case.got, case.seed)
    for mistakes in [(m,) for m in known] + list(combinations(known, 2)):
        try:
            variant = reference.evidence(asked.id, case.seed, tuple(edit for m in mistakes for edit in m.edits))
        except reference.BadEdit:
            continue  # the two touch the same line
        if same_evidence(got, asked.canonical(variant, case.seed)):
            return mistakes
    return ()


def same_evidence(a: Evidence, b: Evidence) -> bool:
    """Whether two answers gave the same: the same arrays under the same names, and the same kinds of error."""
    if a.arrays.keys() != b.arrays.keys() or a.errors.keys() != b.errors.keys():
        return False
    if any(_kind(a.errors[part]) != _kind(b.errors[part]) for part in a.errors):
        return False
    return all(_same(a.arrays[key], b.arrays[key]) for key in a.arrays)


def _kind(error: str) -> str:
    return error.split(" in ")[0].split(":")[0]


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Close, to within a share of the array's own size; NaN in the same places."""
    if a.shape != b.shape:
        return False
    if a.dtype.kind != "f" or b.dtype.kind != "f" or not a.size:
        return np.array_equal(a, b)
    both = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return False
    scale = float(np.abs(b[both]).max()) if both.any() else 0.0
    return close(a[both], b[both], rtol=1e-3, atol=1e-4 * scale + 1e-9)
