"""What came of running a notebook, as it is kept and judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode


@dataclass(frozen=True)
class OrdinaryTest:
    """What came of a test cell that no judge knows, run as nbgrader runs it.

    Attributes:
        passed: whether it came to its end without an error.
        said: the error, in words; empty if it passed.
        share: a number of points that the cell gave as its result, as nbgrader takes it for partial credit; None if none.
    """

    passed: bool
    said: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Incident:
    """A cell that was stopped, or at which the kernel was lost.

    Attributes:
        cell: its id.
        why: in words.
    """

    cell: str
    why: str


@dataclass
class Gathered:
    """What came of running one notebook.

    Attributes:
        evidence: question -> the bytes that its probe wrote, unread.
        problems: question, or name of an ordinary test -> why there is nothing of it.
        outputs: id of a code cell -> its outputs, cleaned and bounded.
        tests: name of a test that no judge knows -> what came of it.
        incidents: what the student and the instructor should know: cells that were stopped, kernels that were lost.
        seconds: wall time, by what it was spent on.
    """

    evidence: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, list[NotebookNode]] = field(default_factory=dict)
    tests: dict[str, OrdinaryTest] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def lost_something(self) -> bool:
        """Whether another run might give more: a kernel was lost or time ran out, perhaps on a busy machine."""
        return bool(self.problems or self.incidents)
