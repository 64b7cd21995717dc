"""The student's check of an answer, on the spot: what was expected, what came, the likely cause, and hints on demand.

    ps8.check("encoder")   in the cell below an answer: prints one line if all is well, else says what is off, shape first
    ps8.hint("encoder")    after a check that failed: what is off, then where to look, then what to re-read

A check knows what the lesson's text says: shapes, counts, settings, closed forms, and what may or may not change what. It
holds no answer, and passing it earns nothing: the grader looks for itself, at other inputs, through the same probes.
"""

from __future__ import annotations

import sys

from ps8.checks.finding import CheckFailed, Finding, NotStarted, wrapped
from ps8.checks.fresh import tried_alone
from ps8.checks.hints import CAUSES, STARTS, TITLES
from ps8.probes import Namespace

_last: dict[str, tuple[Finding, int]] = {}  # question -> its last finding, and how many hints to it were given

_empty: set[str] = set()  # questions whose cell was found empty at the last check


def check(question: str, namespace: Namespace | None = None) -> None:
    """Tries an answer and prints that all is well, or says what is off.

    Args:
        question: one of `ps8.questions.ROOMS`. Of an answer that is data only the form is looked at.
        namespace: where the answer is defined; by default the caller's globals. Left as it was.

    Raises:
        CheckFailed: an AssertionError with the first thing that is off.
        NotStarted: a NotImplementedError, if the answer is still the stub.
        ValueError: if there is no such question.
    """
    from ps8.questions import CHECKS, READ, ROOMS  # they import this package

    _known(question)
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    if question in READ:
        print(wrapped(ROOMS[question].check(namespace), indent="    "))
        return
    problem: CheckFailed | NotStarted | None = None
    left: list[str] = []
    try:
        with tried_alone(namespace, ROOMS[question].trains) as left:
            passed = CHECKS[question](namespace)
    except (CheckFailed, NotStarted) as error:
        problem = error
    except Exception as error:  # an answer of a kind that nobody thought of
        actual = f"{type(error).__name__}: {error}"[:300]
        likely = CAUSES["general.unforeseen"].likely
        expected = "an answer of the kind that the docstring promises"
        problem = CheckFailed(Finding(question, "general.unforeseen", expected, actual, likely))
    _empty.discard(question)
    if isinstance(problem, NotStarted):
        _empty.add(question)
    if left:
        over = ", ".join(left)
        print(wrapped(f"Left over in this session, and not used for the check: {over}.", indent="    "))
    if problem is None:
        _last.pop(question, None)
        print(wrapped(f"{TITLES[question]}: all checks passed ({passed}).", indent="    "))
        return
    if isinstance(problem, CheckFailed):
        known, given = _last.get(question, (None, 0))
        same = known is not None and known.cause == problem.finding.cause
        _last[question] = (problem.finding, given if same else 0)
    raise problem.with_traceback(None) from None


def hint(question: str) -> None:
    """Prints a hint to what the last check found, a deeper one each time, three in all; to an empty cell, how to begin.

    Args:
        question: one of `ps8.questions.ROOMS`.

    Raises:
        ValueError: if there is no such question.
    """
    from ps8.questions import READ

    _known(question)
    if question in READ:
        print(wrapped(f"Hint: {STARTS[question]}", indent="    "))
        return
    if question in _empty:
        print(wrapped(f"Hint, to begin with: {STARTS[question]}", indent="    "))
        return
    if question not in _last:
        print(f'No check of {TITLES[question]} has failed. Run ps8.check("{question}") first.')
        return
    finding, given = _last[question]
    hints = CAUSES[finding.cause].hints
    depth = min(given, len(hints) - 1)
    _last[question] = (finding, min(given + 1, len(hints)))
    name = ("what is off", "where to look", "what to re-read")[depth]
    print(wrapped(f"Hint {depth + 1} of {len(hints)}, {name}: {hints[depth]}", indent="    "))
    if given >= len(hints):
        print("That was the last hint. Bring the message of the check to a forum or an office hour.")


def _known(question: str) -> None:
    if question not in TITLES:
        raise ValueError(f"no question {question!r}: choose one of {', '.join(TITLES)}")


__all__ = ["CheckFailed", "Finding", "NotStarted", "check", "hint"]
