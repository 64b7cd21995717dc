"""A student's notebook as the grader will run it: put right on the released one, with which of its cells are run.

This is done by the grader's own package, `nbrepair`. It is imported in a dry run's process only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbformat import NotebookNode
from nbrepair.answer import MISSING, UNANSWERED
from nbrepair.definitions import names
from nbrepair.nodes import new_node, reads
from nbrepair.pieces import BY_ID, Piece
from nbrepair.plan import Plan, defined_in, plan_from
from nbrepair.rebuild import Rebuilt, rebuild
from nbrepair.slicing import cells_to_run

from ps8.questions import ROOMS
from ps8.runtime import PROFILE_VARIABLE

from .student_notebook import Notebook, StudentCell

_KIT = Path(__file__).resolve().parents[1]
_PLACES = (_KIT / "released", _KIT.parent / "release" / "ps8")  # of the released notebooks: installed, and in a checkout


class NotWhole(RuntimeError):
    """The kit was not installed whole. Its text says what is missing."""


@dataclass(frozen=True)
class GradedNotebook:
    """A notebook as it will be run.

    Attributes:
        cells: the released ones, with the student's answers and own cells.
        run: places among them of those that are run beside the tests.
        remarks: a sentence for each thing that was put right.
        taken: question -> numbers of the student's cells that its answer is taken from, where these are not its own.
        open: questions to which nothing was found.
        numbers: id of a cell -> its number in the student's notebook, from 1, where it is known.
    """

    cells: list[NotebookNode]
    run: set[int]
    remarks: list[str]
    taken: dict[str, list[int]]
    open: frozenset[str]
    numbers: dict[str, int]


def prepare(notebook: Notebook) -> GradedNotebook:
    """Puts a student's notebook right, as the grader does.

    Raises:
        NotWhole: if the released notebooks are not there.
    """
    plan = _plan_for(notebook.cells)
    pieces = [_piece(cell) for cell in notebook.cells]
    rebuilt = rebuild(pieces, plan)
    run = cells_to_run(new_node(cells=rebuilt.cells), [slot.key for slot in plan.slots if slot.key in ROOMS])
    return GradedNotebook(
        rebuilt.cells,
        run,
        list(map(str, rebuilt.remarks)),
        dict(_taken(rebuilt, plan)),
        frozenset(_open(rebuilt, plan)),
        _numbers(rebuilt.cells, pieces),
    )


def _piece(cell: StudentCell) -> Piece:
    return Piece(cell.number - 1, cell.kind, cell.source, cell.grade_id, cell.id)


@cache
def plans() -> tuple[Plan, ...]:
    """What a student's notebook is put right on: the plan of each released one."""
    folder = next((place for place in _PLACES if any(place.glob("*.ipynb"))), None)
    if folder is None:
        raise NotWhole("the released notebooks are not in the kit: install it again")
    main_first = sorted(folder.glob("*.ipynb"), key=lambda path: (path.stem != "ps8", path.name))
    return tuple(_plan(reads(path.read_text("utf-8"))) for path in main_first)


def _plan(released: NotebookNode) -> Plan:
    return plan_from(released, released, _defined(released), (PROFILE_VARIABLE,))


def _defined(released: NotebookNode) -> list[list[str]]:
    """For each cell what its answer defines: what its stub does, or what is left of the question's names."""
    defined = defined_in(released)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in released.cells]
    for question, room in ROOMS.items():
        mine = [place for place, name in enumerate(ids) if name.startswith(f"{question}-")]
        rest = [name for name in room.defines if not any(name in defined[place] for place in mine)]
        bare = [place for place in mine if not defined[place]]
        if rest and bare:
            defined[bare[0]] = rest
    return defined


def _plan_for(cells: Sequence[StudentCell]) -> Plan:
    """The plan of the notebook that this is, by the names of its cells and by what they define."""
    ids = {cell.grade_id for cell in cells}
    defined = frozenset[str]().union(*(names(cell.source).all for cell in cells if cell.is_code))
    return max(plans(), key=lambda plan: sum(slot.key in ids or bool(slot.names & defined) for slot in plan.answers))


def _question(key: str, plan: Plan) -> str:
    test = plan.test_of(plan.by_key[key])
    return test.key if test is not None else ""


def _open(rebuilt: Rebuilt, plan: Plan) -> set[str]:
    states: dict[str, list[bool]] = {}
    for slot in plan.answers:
        states.setdefault(_question(slot.key, plan), []).append(rebuilt.answered[slot.key] in (UNANSWERED, MISSING))
    return {question for question, nothing in states.items() if all(nothing)}


def _taken(rebuilt: Rebuilt, plan: Plan) -> Mapping[str, list[int]]:
    taken: dict[str, list[int]] = {}
    for slot in plan.answers:
        parts = rebuilt.answers[slot.key].parts
        if any(part.slot is not slot or part.how != BY_ID for part in parts):
            taken.setdefault(_question(slot.key, plan), []).extend(part.index + 1 for part in parts)
    return taken


def _numbers(cells: Sequence[NotebookNode], pieces: Sequence[Piece]) -> dict[str, int]:
    """Where in the student's notebook each cell stands, by its name or its text."""
    by_name = {piece.slot.key: piece.index + 1 for piece in reversed(pieces) if piece.slot is not None}
    by_text = {piece.text.strip(): piece.index + 1 for piece in reversed(pieces)}
    found = {cell.id: by_text.get(cell.source.strip()) or by_name.get(cell.id) for cell in cells}
    return {name: number for name, number in found.items() if number is not None}
