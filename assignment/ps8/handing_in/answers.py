"""How each answer stands, by the student's own check."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from enum import Enum

from ps8.checks.finding import CheckFailed, NotStarted
from ps8.checks.fresh import tried_alone
from ps8.checks.hints import TEXTS
from ps8.probes import Namespace
from ps8.questions import ROOMS

from .parts import OPTIONAL


class State(Enum):
    """How an answer stands, in the words that a student reads."""

    PASSES = "passes its check"
    FAILS = "fails its check"
    EMPTY = "empty"
    ABSENT = "not run in this session"


@dataclass(frozen=True)
class CheckedAnswer:
    """A question and how its answer stands; `said` is what the check said where it fails."""

    question: str
    state: State
    said: str = ""

    @property
    def title(self) -> str:
        """What the question is called."""
        return TEXTS[self.question].title


def look_at(question: str, namespace: Namespace) -> CheckedAnswer:
    """Checks one answer, and prints nothing."""
    room = ROOMS[question]
    if not any(name in namespace for name in room.defines):
        return CheckedAnswer(question, State.ABSENT)
    try:
        with contextlib.redirect_stdout(io.StringIO()), tried_alone(namespace, room.trains):
            room.check(namespace)
    except NotStarted:
        return CheckedAnswer(question, State.EMPTY)
    except CheckFailed as error:
        return CheckedAnswer(question, State.FAILS, f"expected {error.finding.expected}, actual {error.finding.actual}")
    except Exception as error:  # an answer of a kind that nobody thought of
        return CheckedAnswer(question, State.FAILS, f"{type(error).__name__}: {error}"[:300])
    return CheckedAnswer(question, State.PASSES)


def questions(namespace: Namespace) -> list[str]:
    """Those of a notebook: the optional ones only where something of them is there."""
    return [name for name, room in ROOMS.items() if name not in OPTIONAL or any(made in namespace for made in room.defines)]
