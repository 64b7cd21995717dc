"""Probes: each calls a student's answer on inputs drawn from a seed and records what came out.

The student's own check and the grader use the same probes, so that the two cannot disagree on what an answer did.
A probe holds no answer: what should have come is known to the judge alone. Each stands with its question, in `ps8.questions`.
"""

from __future__ import annotations

from ps8.probes.evidence import Evidence
from ps8.probes.tools import Namespace, Numbers


def probe(question: str, namespace: Namespace, seed: int) -> Evidence:
    """Calls a question's answer and records what came.

    Args:
        question: one of `ps8.questions.PROBES`.
        namespace: where the answer is defined, such as a notebook's globals. Restored afterwards.
        seed: non-negative; decides every input.
    """
    from ps8.questions import PROBES  # they import this package

    return PROBES[question](namespace, Numbers(seed))


__all__ = ["Evidence", "Namespace", "probe"]
