"""What was found in a submission's artifacts, as data: kept in the cache, shown in notebooks and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.artifacts.reevaluation import Measured
from autograder.artifacts.results import Results


@dataclass(frozen=True)
class AccuracyFinding:
    """One row of the lesson's table.

    Attributes:
        row: such as `cmc`.
        reported: the accuracy in `results.json`; None if it has none.
        measured: what the weights give; None if that cannot be told.
        why: why it cannot be told.
    """

    row: str
    reported: float | None = None
    measured: Measured | None = None
    why: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether the two are the same; None where one is missing."""
        if self.reported is None or self.measured is None:
            return None
        return self.measured.agrees(self.reported)


@dataclass(frozen=True)
class Findings:
    """Of one submission.

    Attributes:
        lines: a line for each row that is reported, or whose weights were handed in.
        images: what was measured on, in words; empty if nothing was.
        remarks: what a human should look at, a sentence each.
        notes: what else is worth knowing, a sentence each.
        results: the numbers of `results.json`; None if it was not handed in.
    """

    lines: tuple[AccuracyFinding, ...] = ()
    images: str = ""
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    results: Results | None = None

    @property
    def verdict(self) -> str:
        """All in a word: `differ`, `agree`, `not compared`."""
        agree = {line.agrees for line in self.lines}
        return "differ" if False in agree else "agree" if True in agree else "not compared"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Findings:
        """What `as_json` gave.

        Raises:
            KeyError, TypeError, ValueError: if it is something else.
        """
        lines = [
            AccuracyFinding(**{**line, "measured": Measured(**line["measured"]) if line["measured"] else None})
            for line in given["lines"]
        ]
        results = Results(**given["results"]) if given["results"] else None
        return cls(tuple(lines), str(given["images"]), tuple(given["remarks"]), tuple(given["notes"]), results)
