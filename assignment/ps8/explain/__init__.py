"""Questions about one's own code: what would a small change to it do? Asked first, then run, then said why.

    ps8.explain("cmc_score")          once all its checks pass: a change to *your* `CMCScore`, and what is asked of it
    ps8.explain("cmc_score", "B")     an answer, a letter or a number: the change is run on your code, and shown
    ps8.questions_for("ada")          where a course counts such questions: those of the one who hands in as ada
    ps8.questions_for("ada", {...})   the same, each with the answer as the grader will read it

The changes are made from outside (inputs, weights, settings, gradients on their way), so that they fit every way of writing a
right answer, and the right answer is what comes when they are run. Nothing here is counted; what is, is another set, whose
text alone is here (`graded.py`).
"""

from __future__ import annotations

import sys
from typing import Any


def explain(question: str, answer: str | float | None = None, namespace: dict[str, Any] | None = None) -> None:
    """Asks what a small change to your own answer would do or, given an answer, runs it and says why.

    Args:
        question: its name, such as "cmc_score". Its checks must pass.
        answer: to what was asked last: a letter, or a number. Without one, something is asked.
        namespace: where your answer is defined; by default the caller's globals. Left as it was.

    Raises:
        ValueError: if there is no such question, or the answer is neither a letter of those there are nor a number.
    """
    from ps8.explain.dialogue import ask, reply
    from ps8.runtime import profile

    if profile() == "grade":
        return  # a call that was left in the notebook: nobody is there to be asked
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    if answer is None:
        ask(question, namespace)
    else:
        reply(question, answer, namespace)


def questions_for(name: str, answers: dict[str, Any] | None = None) -> None:
    """Prints the counted questions of who hands in under this name: each student has others.

    Args:
        name: as the course knows you. Capitals and blanks make no difference.
        answers: question -> a letter or a number. It is said how each is read, and not whether it is right.
    """
    from ps8.explain.graded import text_for

    print(text_for(name, answers))


__all__ = ["explain", "questions_for"]
