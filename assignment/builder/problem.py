"""What is wrong, said to the person who can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assignment.builder.checkout import ROOT


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, and where.

    Attributes:
        path: the file to open; relative to the repository where it lies in it.
        line: 1-based; 0 when the whole file is meant.
        message: what is wrong, and what to do.
    """

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class BuildError(Exception):
    """The build cannot go on. Its text is all that is shown.

    Args:
        problems: each becomes a line; a plain string stands for itself.
    """

    def __init__(self, problems: Iterable[Problem | str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: Path) -> str:
    """A path as messages name it: from the repository's root where it lies in it."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return str(path)
