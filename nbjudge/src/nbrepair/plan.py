"""What a submission is rebuilt on: the instructor's notebook with stubs in the place of the solutions, cell by cell."""

from __future__ import annotations

import copy
import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from nbrepair.definitions import names, tidy
from nbrepair.nodes import is_grade, is_locked, is_solution

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\d+(\.\d+)*(?=[. ])")


class Role(enum.Enum):
    """What a cell of the source is to a student."""

    ANSWER = "answer cell"  # code to complete
    WRITTEN = "written answer"
    TEST = "test cell"
    GIVEN = "given cell"  # code, locked
    FREE = "free cell"  # code that the student may change and nobody grades
    TEXT = "text"


@dataclass(frozen=True)
class Slot:
    """A place for one cell of the submission.

    Attributes:
        index: of the cell in the source.
        role: what it is to a student.
        cell: as it stands when nothing is taken from the student, with nbgrader's metadata and checksums.
        key: the grade id; the cell's own id where it has none.
        names: what the reference's answer defines. Empty but for answers.
        released: the text that students were given.
        label: for remarks, such as `1.1 (Encoder)`.
    """

    index: int
    role: Role
    cell: NotebookNode
    key: str
    names: frozenset[str]
    released: str
    label: str


@dataclass(frozen=True)
class Plan:
    """The source, ready to be filled in.

    Attributes:
        slots: one for each of its cells, in order.
        metadata: the notebook's.
        reserved: words such as an environment variable; a free cell that holds one is the grader's to fill, not the student's.
    """

    slots: tuple[Slot, ...]
    metadata: NotebookNode
    reserved: tuple[str, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Slot]:
        """Slots by grade id, and by the id of the cell where they have none."""
        return {slot.key: slot for slot in self.slots}

    @cached_property
    def answers(self) -> tuple[Slot, ...]:
        """The slots of code that students write."""
        return tuple(slot for slot in self.slots if slot.role is Role.ANSWER)

    @cached_property
    def owners(self) -> dict[str, Slot]:
        """Answers by the names that they define."""
        return {name: slot for slot in self.answers for name in slot.names}

    def test_of(self, answer: Slot) -> Slot | None:
        """The next test cell below an answer."""
        return next((slot for slot in self.slots[answer.index :] if slot.role is Role.TEST), None)


def plan_from(
    given: NotebookNode, released: NotebookNode, defined: Sequence[Sequence[str]], reserved: tuple[str, ...] = ()
) -> Plan:
    """The plan of a notebook.

    Args:
        given: with stubs in the place of the solutions, as the grader fills it in.
        released: as students were given it.
        defined: for each cell the names that its solution defines, in their order.
        reserved: see `Plan`.
    """
    labels = _labels(given, defined)
    slots = [
        _slot(index, cell, defined[index], public.source, labels[index])
        for index, (cell, public) in enumerate(zip(given.cells, released.cells, strict=True))
    ]
    return Plan(tuple(slots), copy.deepcopy(given.metadata), reserved)


def defined_in(notebook: NotebookNode) -> list[list[str]]:
    """For each cell the names that its code defines, in their order."""
    return [sorted(names(cell.source).all, key=cell.source.find) if cell.cell_type == "code" else [] for cell in notebook.cells]


def role_of(cell: NotebookNode) -> Role:
    """A cell's role from nbgrader's metadata."""
    if is_solution(cell):
        return Role.ANSWER if cell.cell_type == "code" else Role.WRITTEN
    if is_grade(cell):
        return Role.TEST
    if cell.cell_type != "code":
        return Role.TEXT
    return Role.GIVEN if is_locked(cell) else Role.FREE


def _slot(index: int, cell: NotebookNode, defined: Sequence[str], released: str, label: str) -> Slot:
    role = role_of(cell)
    key = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or f"unnamed-{index}"
    return Slot(index, role, cell, key, frozenset(defined if role is Role.ANSWER else ()), tidy(released), label)


def _labels(given: NotebookNode, defined: Sequence[Sequence[str]]) -> list[str]:
    """For each cell, the number of its section and what is to be written there."""
    labels, section, written = list[str](), "", list[str]()
    for cell, mine in zip(given.cells, defined, strict=True):
        role = role_of(cell)
        if role is Role.TEXT:
            titles = _HEADING.findall(_FENCED.sub("", cell.source))
            section = _number(titles[-1]) if titles else section
        if role is Role.ANSWER:
            written.extend(mine)
            labels.append(_label(section, mine))
        elif role is Role.TEST:
            labels.append(_label(section, written))
            written = []
        elif role in (Role.GIVEN, Role.FREE):
            name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or "?"
            labels.append(f"`{name.removeprefix('given-')}`")
        else:
            labels.append(section)
    return labels


def _number(title: str) -> str:
    number = _NUMBER.match(title)
    return number[0] if number else re.split(r" [·|] | \(", title)[0].strip("*_ ")


def _label(section: str, defined: Sequence[str]) -> str:
    shown = ", ".join(defined[:2])
    return f"{section} ({shown})" if section and shown else section or shown or "a question"
