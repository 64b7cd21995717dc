"""`ps8.explain`: asks about a change to the student's own answer, takes an answer, shows what came."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

from ps8.checks import CheckFailed, NotStarted, check
from ps8.checks.finding import wrapped
from ps8.checks.fresh import tried_alone
from ps8.checks.hints import TITLES
from ps8.explain.item import Posed, PracticeItem, Ran, key_of
from ps8.probes import Namespace
from ps8.questions import PRACTICE, ROOMS

SEEDS = (20_442, 20_443)  # of the inputs that a change is tried on; public


@dataclass(frozen=True)
class _Asked:
    """What was asked last of a question, and what came of it with the student's own code."""

    item: PracticeItem
    posed: Posed
    ran: Ran
    place: int


_asked: dict[str, _Asked] = {}  # question -> what waits for an answer
_next: dict[str, int] = {}  # question -> how many of its items were asked in this session


def ask(question: str, namespace: Namespace) -> None:
    """Prints the question that waits for an answer, or the next one.

    Raises:
        ValueError: if there is no such question.
    """
    _known(question)
    if not _passes(question, namespace):
        print(
            wrapped(f'This asks about your own code, once it is right: first let ps8.check("{question}") pass.', indent="    ")
        )
        return
    if question not in _asked and not _pose(question, namespace):
        print(wrapped(f"{TITLES[question]}: nothing to ask, since no change has one clear effect on your code.", indent="    "))
        return
    asked = _asked[question]
    count = len(PRACTICE[question])
    print(f"{TITLES[question]}, your own code, question {asked.place % count + 1} of {count}\n")
    print(asked.posed.text())
    example = f'"{next(iter(asked.posed.letters))}"' if asked.posed.letters else "0.25"
    print(f'\nThink first, then answer like this: ps8.explain("{question}", {example})')


def reply(question: str, answer: str | float, namespace: Namespace) -> None:
    """Says whether an answer is right, what was measured, and why.

    Raises:
        ValueError: if there is no such question, or the answer is none that was asked for.
    """
    _known(question)
    if question not in _asked:
        print("Nothing was asked yet. Here it is:\n")
        ask(question, namespace)
        return
    asked = _asked[question]
    right = asked.posed.right(asked.posed.read(answer), asked.ran.key)
    del _asked[question]
    told = asked.posed.told(asked.ran.key)
    print(wrapped(f"Yes: {told}." if right else f"No, it is {told}.", indent="    "))
    print(wrapped(f"Run with your code: {asked.ran.shown}.", indent="    "))
    print(wrapped(f"Why: {asked.item.why}", indent="    "))
    print(f'\nThe next one: ps8.explain("{question}")')


def _known(question: str) -> None:
    if question not in PRACTICE:
        raise ValueError(f"no question {question!r}: choose one of {', '.join(PRACTICE)}")


def _passes(question: str, namespace: Namespace) -> bool:
    """Whether the answer passes its check, which prints nothing here."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            check(question, namespace)
        except (CheckFailed, NotStarted):
            return False
    return True


def _pose(question: str, namespace: Namespace) -> bool:
    """Takes the next item whose effect on this answer is clear; False if there is none. Each round draws other values."""
    items, start = PRACTICE[question], _next.get(question, 0)
    for place in range(start, start + len(items)):
        item = items[place % len(items)]
        posed = item.statement.posed(SEEDS[0] + place // len(items))
        with contextlib.redirect_stdout(io.StringIO()), tried_alone(namespace, ROOMS[question].trains):
            ran = key_of(posed, item.run, namespace, SEEDS)
        if ran is not None:
            _asked[question], _next[question] = _Asked(item, posed, ran, place), place + 1
            return True
    return False
