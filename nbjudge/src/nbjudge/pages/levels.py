"""How much a student's page says: all of it, or, while one may still hand in again, the reasons without the grader's numbers.

A reason that says "expected 3.243" is worth points to who sees it: an answer need only look its inputs up. Before the deadline
a page therefore says what was asked, the points, known mistakes by name, shapes, and what was raised and in which line.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Literal, cast

from nbjudge.assignment import Facts

Level = Literal["full", "reason"]
MOST = 200  # characters of a reason without numbers
_NUMBER = r"[-+]?(?:\d[\d,]*\.?\d*(?:e[-+]?\d+)?|inf|nan)"
_PAIR = re.compile(rf":?\s*expected {_NUMBER}, actual {_NUMBER}(?![\w%]| [a-z])", re.IGNORECASE)
_NAMED = re.compile(r'expected (?:"\w+"(?:, )?|nothing)+, actual ')  # of an answer in words
_LETTERS = re.compile(r":?\s*expected [A-F], actual [A-F]\b")  # of a question about one's own code
_DECIMAL = re.compile(r"[-+]?(?:\d+\.\d+|\.\d+|\d+\.(?=\D|$))(?:e[-+]?\d+)?|[-+]?\d+e[-+]?\d+", re.IGNORECASE)
_LONG = re.compile(r"\d{5,}|0x[0-9a-f]+|[0-9a-f]{12,}|[\w+/=-]{40,}", re.IGNORECASE)


def level(facts: Facts, now: datetime | None = None) -> Level:
    """The level that the course asks for; `auto` gives reasons until the deadline, and all where there is none.

    Args:
        facts: the course's.
        now: the time, by default that of the clock.
    """
    if facts.feedback_level in ("full", "reason"):
        return cast("Level", facts.feedback_level)
    over = facts.deadline is None or (now or datetime.now(timezone.utc)) > facts.deadline
    return "full" if over else "reason"


def redacted(reason: str) -> str:
    """A reason without the numbers of the grader's inputs: shapes, counts, names and line numbers stay.

    Text that a student's code raised is in it, too. It is cut to one line of `MOST` characters without long numbers.
    """
    line = reason.strip().split("\n")[0]
    line = _LETTERS.sub(": not the right one", _NAMED.sub("actual ", _PAIR.sub(": the numbers differ", line)))
    line = _LONG.sub("…", _DECIMAL.sub("…", line)).removeprefix(": ")  # where nothing stands before what was expected
    return line if len(line) <= MOST else line[: MOST - 1] + "…"
