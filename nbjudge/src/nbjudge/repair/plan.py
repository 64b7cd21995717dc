"""What a hand-in is rebuilt on: the instructor's notebook with stubs in the place of the solutions, cell by cell."""

from __future__ import annotations

import copy
import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums, LockCells
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets.config import Config

from nbjudge.ground import notebooks
from nbjudge.repair.definitions import names, tidy

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\d+(\.\d+)*(?=[. ])")


_PLANS: dict[tuple[Path, int, int, tuple[str, ...]], Plan] = {}


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
    """A place for one cell of the hand-in.

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


def make_plan(source: NotebookNode, config: Config | None = None) -> Plan:
    """Takes the solutions out of the instructor's notebook. A release, which has none, is taken as it is.

    Args:
        source: the instructor's notebook. Not changed.
        config: nbgrader's, for its stubs and markers, and `Repair.reserved`.
    """
    config = config or Config()
    clear = ClearSolutions(config=config)
    solved = any(clear.begin_solution_delimeter in cell.source for cell in source.cells)
    steps = [LockCells, *([ClearSolutions] if solved else []), ComputeChecksums]
    given = _through(source, steps, config)
    released = _through(given, [ClearHiddenTests], config)
    labels = _labels(source, given)
    slots = [
        _slot(index, cell, names_in=original.source, released=public.source, label=labels[index])
        for index, (original, cell, public) in enumerate(zip(source.cells, given.cells, released.cells, strict=True))
    ]
    return Plan(tuple(slots), copy.deepcopy(source.metadata), _reserved(config))


def plan_of(path: Path, config: Config | None = None) -> Plan:
    """The plan of a source's file, made once a process for each version of it and each configuration of what makes it."""
    info = path.stat()
    steps = (LockCells, ClearSolutions, ComputeChecksums, ClearHiddenTests)
    told = tuple(repr(config.get(name)) if config else "" for name in (*(step.__name__ for step in steps), "Repair"))
    key = (path, info.st_mtime_ns, info.st_size, told)
    if key not in _PLANS:
        _PLANS[key] = make_plan(notebooks.read(path), config)
    return _PLANS[key]


def _reserved(config: Config) -> tuple[str, ...]:
    return tuple(config.get("Repair", {}).get("reserved", ()))


def _through(notebook: NotebookNode, steps: Iterable[Any], config: Config) -> NotebookNode:
    notebook, resources = copy.deepcopy(notebook), dict[str, Any]()
    for step in steps:
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook


def role_of(cell: NotebookNode) -> Role:
    """A cell's role from nbgrader's metadata."""
    if is_solution(cell):
        return Role.ANSWER if cell.cell_type == "code" else Role.WRITTEN
    if is_grade(cell):
        return Role.TEST
    if cell.cell_type != "code":
        return Role.TEXT
    return Role.GIVEN if is_locked(cell) else Role.FREE


def _slot(index: int, cell: NotebookNode, names_in: str, released: str, label: str) -> Slot:
    role = role_of(cell)
    key = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or f"unnamed-{index}"
    found = names(names_in).all if role is Role.ANSWER else frozenset()
    return Slot(index, role, cell, key, found, tidy(released), label)


def _labels(source: NotebookNode, given: NotebookNode) -> list[str]:
    """For each cell, the number of its section and what is to be written there."""
    labels, section, written = list[str](), "", list[str]()
    for original, cell in zip(source.cells, given.cells, strict=True):
        role = role_of(cell)
        if role is Role.TEXT:
            titles = _HEADING.findall(_FENCED.sub("", cell.source))
            section = _number(titles[-1]) if titles else section
        if role is Role.ANSWER:
            mine = sorted(names(original.source).all, key=original.source.find)
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


def _label(section: str, defined: list[str]) -> str:
    shown = ", ".join(defined[:2])
    return f"{section} ({shown})" if section and shown else section or shown or "a question"
