"""Gives a question what its answers are compared with: the reference on the same inputs, and the known mistakes."""

from __future__ import annotations

import functools
import re
from dataclasses import replace

from nbjudge.evidence import Evidence
from nbjudge.judge.catalogue import Edit
from nbjudge.judge.criteria import Question

from autograder.catalogue import known_of
from autograder.judge import reference

# What a probe writes down whatever the answer does, and the choices that stand beside the code of 1.5.
BY_THE_PROBE = re.compile(
    r"(^|[._])(before|counts|counts_cls|T|momentum|methods|slopes|\w+_slopes|seen|unflattened|input_changed|constant|strange"
    r"|contrasted|made|length_fixed|full_only|left\d+|strangers|refused)$"
)


def with_reference(question: Question) -> Question:
    """The question as the judge is given it."""
    return replace(
        question,
        variant=functools.partial(variant, question.id),
        mistakes=functools.partial(known_of, question.id),
        noted=BY_THE_PROBE,
    )


def variant(question: str, seed: int, edits: tuple[Edit, ...]) -> Evidence | None:
    """The evidence of the reference with edits; None if they do not fit, or what comes out is no Python."""
    try:
        return reference.evidence(question, seed) if not edits else reference.fresh_evidence(question, seed, edits)
    except (reference.BadEdit, SyntaxError):
        return None
