"""A lesson's cells as types, before they are any notebook's."""

from __future__ import annotations

from dataclasses import dataclass

from assignment.builder.inline import Definition
from assignment.builder.problem import Problem


@dataclass(frozen=True)
class Text:
    """A markdown cell.

    Attributes:
        id: of the notebook's cell.
        source: its text.
        line: 1-based line of the lesson where it begins.
        lines: the lesson's line of each line of the source.
    """

    id: str
    source: str
    line: int
    lines: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """Code that the student gets ready made.

    Attributes:
        source: its code, inlined where `pieces` says from where.
        line: 1-based line of the lesson of its fence.
        lines: the lesson's line of each line of the source; the fence's, where the code is inlined.
        pieces: the definitions inlined, if any.
        free: whether the student may change it.
    """

    id: str
    source: str
    line: int
    lines: tuple[int, ...] = ()
    pieces: tuple[Definition, ...] = ()
    free: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """Code that the student completes: `source` is the reference's, with its solution regions."""

    id: str
    question: str
    source: str
    line: int
    pieces: tuple[Definition, ...] = ()
    part: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """The test cell of a question. `says` is its first line: what it checks."""

    id: str
    question: str
    says: str
    line: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ManualAnswer:
    """An answer in words, graded by hand: `source` holds a sample answer in a solution region."""

    id: str
    question: str
    source: str
    line: int
    lines: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """The test cell of the counted questions about one's own code, where they are a bonus. `says` is its first line."""

    id: str
    question: str
    says: str
    line: int
    tags: tuple[str, ...] = ()


Cell = Text | Given | Exercise | Check | ManualAnswer | Counted


@dataclass(frozen=True)
class Lesson:
    """One lesson, which becomes one notebook.

    Attributes:
        name: of the notebook, without its suffix.
        path: of the lesson, as messages name it.
        cells: what could be read.
        problems: what could not.
        asked: the questions that its text names, even where it could not be read.
    """

    name: str
    path: str
    cells: tuple[Cell, ...]
    problems: tuple[Problem, ...] = ()
    asked: tuple[str, ...] = ()
