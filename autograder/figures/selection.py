"""Which picture says what is wrong with an answer."""

from __future__ import annotations

from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.questions import ROOMS


def figure(question: str, case: Case) -> Figure | None:
    """A picture of what is wrong with an answer.

    Args:
        question: its id.
        case: evidence as the judge has cleaned it; it may still hold arrays of any shape.

    Returns:
        None if no picture says it.
    """
    return next((drawn for draw in ROOMS[question].pictures if (drawn := draw(case)) is not None), None)
