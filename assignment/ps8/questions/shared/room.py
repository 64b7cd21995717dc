"""What a question's public half consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ps8.explain.item import PracticeItem, Statement
from ps8.probes.evidence import Evidence
from ps8.probes.tools import Namespace, Numbers


@dataclass(frozen=True)
class Room:
    """The public half of a question, with its title and its texts in the `question.toml` beside it.

    Attributes:
        defines: the names that its answer cells define; the answer's own first.
        check: the student's check. It says in a few words what passed, or raises `CheckFailed` or `NotStarted`.
        probe: calls the answer on inputs that follow from numbers; None for an answer that is data, which the grader reads from
            its cell's text. Of such an answer the check looks at the form alone.
        practice: what `ps8.explain` asks.
        counted: what may be counted of such questions, without what comes.
        trains: whether it is a training function, which takes its models where it trains: its session's device is left to it.
    """

    defines: tuple[str, ...]
    check: Callable[[Namespace], str]
    probe: Callable[[Namespace, Numbers], Evidence] | None = None
    practice: tuple[PracticeItem, ...] = ()
    counted: tuple[Statement, ...] = ()
    trains: bool = False
