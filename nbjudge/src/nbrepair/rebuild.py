"""Rebuilds a submission on the instructor's source: answers and helpers are the student's, all else is the source's."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from nbformat import NotebookNode

from nbrepair.answer import MISSING, UNANSWERED, ChosenAnswer
from nbrepair.choose import Chooser
from nbrepair.definitions import forget_cells, names, needed, parse, same_code, tidy
from nbrepair.leftover import STUB, examine, is_finished
from nbrepair.needs import bound_by, pool_of, supply
from nbrepair.nodes import from_dict, new_node
from nbrepair.pieces import BY_ID, Piece, in_order, recognise
from nbrepair.plan import Plan, Role, Slot
from nbrepair.remarks import Remarks, costs
from nbrepair.written import written_answer

MAX_EXTRA_CELLS = 200
MAX_EXTRA_TEXT = 2**19  # characters of all of a student's own cells
MUCH_TEXT = 300_000
WRONG_FILE = "No cell of this notebook is one of this assignment's: is it the right file?"
SUPPLIED = "{} would not have been defined when the notebook is run from the top: put above the answer."
BLANK = "Nothing was written in this notebook: every answer is as it was given."
LEFT_OVER = "The stub's `raise NotImplementedError` was left beside the code of {}: taken out, and the code was graded."
IDS_GONE = "The cells had lost their names, as after saving with some editors: found again by what is in them."

_MARKER = re.compile(r"(BEGIN|END) (HIDDEN TESTS|MARK SCHEME|SOLUTION)")


Shown = Callable[[str, Mapping[str, Any]], tuple[str, Mapping[str, Any]]]  # a text and its pictures -> those that may be shown


@dataclass
class Rebuilt:
    """A submission as it will be graded.

    Attributes:
        cells: the source's in the source's order, with the student's answers and helpers.
        remarks: a sentence for each repair; none for a notebook in which only answers were written and cells added.
        lost: those of them that tell of answers that are not there.
        answered: for each answer's grade id, how it was found: by id, text, name or position, joined, not answered, missing.
        answers: what was taken for each, by grade id.
    """

    cells: list[NotebookNode]
    remarks: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    answers: dict[str, ChosenAnswer] = field(default_factory=dict)


def as_written(text: str, pictures: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """For texts that nobody but their author will open."""
    return text, pictures


def rebuild(pieces: list[Piece] | None, plan: Plan, remarks: Sequence[str] = (), shown: Shown = as_written) -> Rebuilt:
    """Rebuilds a submission.

    Args:
        pieces: its cells; None if there is nothing to be read.
        plan: of the notebook.
        remarks: what was mended before, to stand above the remarks of this.
        shown: makes a text of the student's fit to be shown to others.
    """
    return _Rebuild(plan, pieces, shown).run(remarks)


class _Rebuild:
    def __init__(self, plan: Plan, pieces: list[Piece] | None, shown: Shown) -> None:
        self.plan, self.pieces, self.remarks, self.shown = plan, pieces or [], Remarks(), shown
        self.unread = pieces is None
        self.answers: dict[str, ChosenAnswer] = {}

    def run(self, before: Sequence[str]) -> Rebuilt:
        recognise(self.pieces, self.plan)
        self._principals()
        self._choose()
        self._compare()
        cells = self._cells()
        sentences = [*before, *self.remarks.sentences()]
        lost = [remark for remark in sentences if costs(remark)] if self._something_is_lost(cells) else []
        if sum(len(piece.text) for piece in self.pieces) > MUCH_TEXT:
            forget_cells()
        return Rebuilt(cells, sentences, lost, {key: answer.how for key, answer in self.answers.items()}, self.answers)

    def _something_is_lost(self, cells: Sequence[NotebookNode]) -> bool:
        """Whether an answer is not there, or is no Python: only then has it cost anything that a file was damaged."""
        code = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
        return any(answer.text is None or (key in code and parse(code[key]) is None) for key, answer in self.answers.items())

    def _principals(self) -> None:
        """For each slot the piece that stands for it, and which of these stand in order."""
        self.principal: dict[str, Piece] = {}
        for piece in self.pieces:
            if piece.slot is not None:
                held = self.principal.get(piece.slot.key)
                if held is None or (tidy(held.text) != piece.slot.released and tidy(piece.text) == piece.slot.released):
                    self.principal[piece.slot.key] = piece
        standing = sorted(self.principal.values(), key=lambda piece: piece.index)
        self.anchors = [piece for piece, _ in in_order((piece, piece.slot.index) for piece in standing if piece.slot)]

    def _choose(self) -> None:
        chooser = Chooser(self.pieces, self.anchors, self.plan, self.remarks)
        for slot in self.plan.answers:
            self.answers[slot.key] = chooser.code(slot)
        for slot in self.plan.answers:
            if self.answers[slot.key].how == MISSING:
                self.answers[slot.key] = chooser.by_position(slot)
            self._clear_leftover(slot, self.answers[slot.key])
        for slot in self.plan.slots:
            if slot.role is Role.WRITTEN:
                self.answers[slot.key] = written_answer(slot, self.pieces, self.anchors, self.plan, self.remarks)

    def _clear_leftover(self, slot: Slot, answer: ChosenAnswer) -> None:
        """Takes out of an answer the stub's `raise` that would stop the code beside it."""
        found = examine(answer.text, slot.released) if answer.text is not None else None
        if found is not None and found.forgotten:
            answer.text = found.text
            self.remarks.add(LEFT_OVER, slot.label)

    def _compare(self) -> None:
        """Says what else of the source had been deleted, copied, moved, retyped or changed."""
        add = self.remarks.add
        if self.unread or not any(piece.slot for piece in self.pieces):
            if not self.unread:
                add(WRONG_FILE, cost=True)
            return
        if all(answer.how == UNANSWERED for answer in self.answers.values()):
            add(BLANK)
        roles = (Role.ANSWER, Role.TEST, Role.GIVEN, Role.WRITTEN)
        if not any(piece.how == BY_ID and piece.is_a(*roles) for piece in self.pieces):
            add(IDS_GONE)
        for slot in self.plan.slots:
            what, piece = _what(slot), self.principal.get(slot.key)
            if slot.role is Role.TEXT:
                continue
            if slot.role in (Role.ANSWER, Role.WRITTEN):
                if self.answers[slot.key].how == MISSING:
                    add(f"{what} was missing: put back, empty.", slot.label, cost=True)
            elif piece is None:
                add(f"{what} was missing: restored.", slot.label)
            else:
                self._compare_given(slot, piece, what)

    def _compare_given(self, slot: Slot, piece: Piece, what: str) -> None:
        add = self.remarks.add
        if piece.kind != slot.cell.cell_type:
            add(f"{what} had been turned into text: made code again.", slot.label)
        elif slot.role is not Role.FREE and not self._as_given(piece, slot):
            add(f"{what} had been changed: restored.", slot.label)
        if piece not in self.anchors:
            add(f"{what} had been moved: put back.", slot.label)
        if any(p is not piece and p.slot is slot and tidy(p.text) == slot.released for p in self.pieces):
            add(f"{what} was there more than once: one was kept.", slot.label)

    @staticmethod
    def _as_given(piece: Piece, slot: Slot) -> bool:
        return same_code(piece.text, slot.released) or same_code(piece.text, slot.cell.source)

    def _cells(self) -> list[NotebookNode]:
        """The cells of the result: each slot's, and behind the anchors the student's own."""
        extras = self._extras()
        cells: list[NotebookNode] = self._own_cells(extras.get(-1, []))
        for slot in self.plan.slots:
            cells.append(self._filled(slot))
            cells.extend(self._own_cells(extras.get(slot.index, [])))
        cells = self._supplied(cells)
        taken = {cell.id for cell in cells if "id" in cell}
        for kind, what in (("code", "own"), ("markdown", "note")):  # counted apart: a note more renames no code
            free = (name for number in count(1) if (name := f"{what}-{number}") not in taken)
            for cell in cells:
                if cell.cell_type == kind and not cell.get("id"):
                    cell.id = next(free)
        return cells

    def _filled(self, slot: Slot) -> NotebookNode:
        cell = copy.deepcopy(slot.cell)
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
        cell.setdefault("id", slot.key)
        answer = self.answers.get(slot.key)
        if answer is not None and answer.text is not None:
            cell.source = _harmless(answer.text)
            if cell.cell_type == "markdown":
                self._show(cell, answer.pictures)
        elif (
            slot.role is Role.FREE
            and (piece := self.principal.get(slot.key))
            and not any(word in cell.source for word in self.plan.reserved)
        ):
            cell.source = _harmless(piece.text) if piece.kind == "code" and piece.text.strip() else cell.source
        return cell

    def _own_cells(self, pieces: Sequence[Piece]) -> list[NotebookNode]:
        """A student's own cells, plain and unlocked."""
        return [_code(piece.text) if piece.kind == "code" else self._text(piece) for piece in pieces]

    def _text(self, piece: Piece) -> NotebookNode:
        cell = new_node(cell_type="markdown", metadata=new_node(), source=_harmless(piece.text))
        self._show(cell, piece.pictures)
        return cell

    def _show(self, cell: NotebookNode, pictures: Mapping[str, Any]) -> None:
        cell.source, shown = self.shown(cell.source, pictures)
        if shown:
            cell.attachments = from_dict(shown)

    def _extras(self) -> dict[int, list[Piece]]:
        """The student's own cells, by the index of the slot behind which they stand (-1: before all)."""
        answers = [answer.text for answer in self.answers.values() if answer.text is not None]
        places: dict[int, list[Piece]] = {}
        place, count, size = -1, 0, 0
        behind = dict(self._places())
        for piece in self.pieces:
            place = behind.get(piece, place)
            if not self._is_own(piece, answers):
                continue
            here = self._out_of_the_way(piece, place)
            count, size = count + 1, size + len(piece.text)
            if count > MAX_EXTRA_CELLS or size > MAX_EXTRA_TEXT:
                self.remarks.add("There were too many cells of your own: the last ones were left out.")
                break
            places.setdefault(here, []).append(piece)
        return places

    def _places(self) -> list[tuple[Piece, int]]:
        """The pieces by which the student's own cells keep their place: each with the slot that its text went to."""
        parts = {slot.index: self.answers[slot.key].parts for slot in self.plan.answers}
        standing = [(piece, piece.slot.index) for piece in self.principal.values() if piece.slot]
        stands = {piece: index for piece, index in standing if not parts.get(index)}
        for index, taken in parts.items():
            if taken:
                stands.setdefault(taken[0], index)
        return in_order((piece, stands[piece]) for piece in self.pieces if piece in stands)

    def _out_of_the_way(self, piece: Piece, place: int) -> int:
        """The place of an own cell: an attempt that was not taken stands above the answer, never between it and its test."""
        for name in names(piece.text).defined if piece.kind == "code" else ():
            slot = self.plan.owners.get(name)
            test = self.plan.test_of(slot) if slot else None
            if slot and test and slot.index <= place < test.index:
                place = slot.index - 1
        return place

    def _is_own(self, piece: Piece, answers: Sequence[str]) -> bool:
        """Whether a cell is the student's own, to be kept beside the answers: a helper, an earlier attempt, a note."""
        if piece.used or piece.is_stub or piece.kind == "raw" or not piece.text.strip():
            return False
        if piece.slot is not None and piece.slot.role is not Role.ANSWER:
            copied = self.principal.get(piece.slot.key) is not piece and tidy(piece.text) != piece.slot.released
            return copied and piece.kind == "code" and piece.slot.role is not Role.WRITTEN
        owners = [self.plan.owners[name] for name in piece.bound if name in self.plan.owners]
        unfinished = len(owners) == len(piece.bound) and (
            any(not is_finished(piece.text, slot.released) for slot in owners) if owners else STUB in piece.text
        )
        return not unfinished and not any(same_code(piece.text, answer) for answer in answers)

    def _supplied(self, cells: list[NotebookNode]) -> list[NotebookNode]:
        """The cells, with definitions before an answer that needs them and would not have them."""
        texts = [piece.text for piece in self.pieces if piece.kind == "code" and not piece.is_stub]
        source = [slot.released for slot in self.plan.slots if slot.cell.cell_type == "code"]
        pool = pool_of(texts, bound_by(source) | set(self.plan.owners))
        result: list[NotebookNode] = []
        for index, cell in enumerate(cells):
            slot = self.plan.by_key.get(cell.get("id", ""))
            if pool and slot is not None and slot.role is Role.ANSWER and self.answers[slot.key].text is not None:
                result.extend(self._helpers(slot, cell.source, result, cells[index + 1 :], pool))
            result.append(cell)
        return result

    def _helpers(
        self, slot: Slot, text: str, above: list[NotebookNode], below: list[NotebookNode], pool: dict[str, str]
    ) -> list[NotebookNode]:
        test = self.plan.test_of(slot)
        end = next((n for n, cell in enumerate(below) if test is not None and cell.get("id") == test.cell.get("id")), 0)
        here = bound_by(cell.source for cell in above if cell.cell_type == "code")
        there = here | bound_by(cell.source for cell in below[:end] if cell.cell_type == "code")
        found = supply(*needed(text), here, there, pool)
        if not found:
            return []
        shown = ", ".join(f"`{name[:40]}`" for name in list(found)[:-5:-1])
        self.remarks.add(SUPPLIED, f"{shown} for {slot.label}")
        source = "\n\n".join(dict.fromkeys(found.values()))
        return [_code(source)]


def _what(slot: Slot) -> str:
    """The beginning of a remark about a slot."""
    if slot.role is Role.WRITTEN:
        return "The cell of the written answer ({})"
    if slot.role in (Role.GIVEN, Role.FREE):
        return "The given cell {}"
    return "The test cell of {}" if slot.role is Role.TEST else "The answer cell of {}"


def _code(source: str) -> NotebookNode:
    return new_node(cell_type="code", execution_count=None, metadata=new_node(), outputs=[], source=_harmless(source))


def _harmless(text: str) -> str:
    """A student's text without nbgrader's markers: what cuts out hidden tests stops at one that it does not expect."""
    return _MARKER.sub(r"\1  \2", text)
