"""Which of a submission's cells hold the code that answers a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from nbrepair.answer import JOINED, MISSING, ChosenAnswer, gap, has_neighbour, in_turn, joined, no_answer
from nbrepair.definitions import names, parse, same_code, segment
from nbrepair.leftover import is_finished
from nbrepair.pieces import BY_ID, BY_NAME, BY_POSITION, Piece, untouched
from nbrepair.plan import Plan, Role, Slot
from nbrepair.remarks import Remarks

MAX_PARTS = 6  # cells over which one answer may be spread
BY_PLACE = "The answer to {} was found by its place only: it has not the name it should."
SPREAD = "The answer to {} was spread over several cells: joined."
WAS_TEXT = "The answer to {} had been turned into text: made code again."
OTHER_CELL = "The answer to {} stood in another cell: put in its place."
OWN_CELL = "The answer to {} stood in a cell of its own: put in its place."
FILLED_IN = "The answer cell of {} was there twice: the one that was filled in was taken."
TWICE = "The answer cell of {} was there twice: one was kept."
SEVERAL = "There was more than one answer to {}: the last one above its test was taken."


@dataclass
class _Found:
    """What was written to a question.

    Attributes:
        own: cells that define what is asked for.
        rest: code in the answer's cell, or a copy of it, that defines no answer.
    """

    own: list[Piece] = field(default_factory=list)
    rest: list[Piece] = field(default_factory=list)


class Chooser:
    """Finds the answers among a submission's recognised pieces, and marks what it takes as used.

    Args:
        pieces: all of them.
        anchors: those that stand in the source's order.
        plan: what is asked for.
        remarks: where to say what was odd.
    """

    def __init__(self, pieces: Sequence[Piece], anchors: Sequence[Piece], plan: Plan, remarks: Remarks) -> None:
        self.pieces, self.anchors, self.plan, self.remarks = pieces, anchors, plan, remarks
        self.by_id = {piece for piece in pieces if piece.how == BY_ID}

    def code(self, slot: Slot) -> ChosenAnswer:
        """The answer for a slot of code."""
        found = self._found(slot)
        if not _finished(found.own, slot) and (borrowed := self._borrowed(slot)):
            return borrowed
        if found.own:
            return self._taken(slot, self._in_force(found.own, slot), found)
        if found.rest:
            return self._taken(slot, found.rest, _Found(own=found.rest))
        return no_answer(slot, self.pieces)

    def _found(self, slot: Slot) -> _Found:
        """What was written to a question, but for what went into another answer."""
        written = [piece for piece in self.pieces if not piece.used and not piece.is_stub]
        own = [piece for piece in written if _may_answer(piece, slot)]
        return _Found(own, [piece for piece in written if piece.slot is slot and not piece.defines(self.plan.owners)])

    def by_position(self, slot: Slot) -> ChosenAnswer:
        """For a slot whose cell is missing: the one unknown cell of code that stands where it should."""
        found = [piece for piece in gap(slot, self.anchors, self.pieces) if piece.kind == "code" and not _is_import(piece)]
        if len(found) != 1 or not has_neighbour(slot, self.anchors):
            return ChosenAnswer(None, MISSING)
        found[0].used = True
        self.remarks.add(BY_PLACE, slot.label)
        return ChosenAnswer(found[0].text, BY_POSITION, found)

    def _in_force(self, own: list[Piece], slot: Slot) -> list[Piece]:
        """The definitions that hold when the notebook, run from the top, comes to the question's test.

        Where the test has gone, or stands elsewhere, those in the answer's own cell.
        """
        holding = self._holding(_finished(own, slot) or own, slot)
        last = {name: piece for piece in holding for name in slot.names & piece.bound}
        return in_turn(list(last.values())) or holding[-1:]

    def _holding(self, pieces: list[Piece], slot: Slot) -> list[Piece]:
        """Those above the question's test, else those in the answer's own cell, else all."""
        test = self.plan.test_of(slot)
        limit = next((anchor.index for anchor in self.anchors if test and anchor.slot is test), -1)
        above = [piece for piece in pieces if piece.index < limit]
        return above or [piece for piece in pieces if piece.slot is slot and piece in self.by_id] or pieces

    def _taken(self, slot: Slot, chosen: list[Piece], found: _Found) -> ChosenAnswer:
        """The answer from the chosen pieces, and what completes them."""
        whole = in_turn([*chosen, *(part for piece in chosen for part in self._continuation(piece))])
        together = in_turn([*whole, *_finished(found.rest, slot)])
        if parse(joined(together)) is None and parse(joined(whole)) is not None:
            together = whole  # the halves are of something else, such as a copy
        for piece in together:
            piece.used = True
        for remark in (*self._where(slot, together), *_beside(slot, together, found.own)):
            self.remarks.add(remark, slot.label)
        how = JOINED if len(together) > 1 else together[0].how if together[0].slot is slot else BY_NAME
        return ChosenAnswer(joined(together), how, together)

    def _continuation(self, piece: Piece) -> list[Piece]:
        """The cells right below that belong to the same class or function: indented, or needed to make it whole."""
        parts: list[Piece] = []
        whole = parse(piece.text) is not None
        below = (follower for follower in self.pieces[piece.index + 1 :] if follower.text.strip())
        for follower in islice(below, MAX_PARTS):
            if not _may_continue(follower, piece) or not (follower.indented or not whole):
                break
            if parse(joined([piece, *parts, follower])) is not None:
                whole = True
            elif whole:
                break
            parts.append(follower)
        return parts if whole else []

    def _borrowed(self, slot: Slot) -> ChosenAnswer | None:
        """The answer's definitions out of a cell that stands for something else, as where two answers share one cell."""
        for piece in reversed(self.pieces):
            if piece.slot is slot or piece.is_stub or not _answers(piece, slot):
                continue
            found = [segment(piece.text, name) for name in sorted(slot.names & piece.bound, key=piece.text.find)]
            text = "\n\n\n".join(dict.fromkeys(part for part in found if part))
            if is_finished(text, slot.released) and not self._is_given(text) and not untouched(text, slot):
                self.remarks.add(OTHER_CELL, slot.label)
                return ChosenAnswer(text, BY_NAME, [piece])
        return None

    def _is_given(self, text: str) -> bool:
        return any(text in slot.released for slot in self.plan.slots)

    def _where(self, slot: Slot, parts: Sequence[Piece]) -> Iterator[str]:
        """What to say of where an answer stood."""
        if len(parts) > 1:
            yield SPREAD
        if any(piece.kind != "code" for piece in parts):
            yield WAS_TEXT
        if all(_misplaced(piece) and piece.slot is not slot for piece in parts):
            yield OTHER_CELL
        elif self.by_id and self.by_id.isdisjoint(parts):
            yield OWN_CELL
        elif any(piece.slot is slot and piece.is_stub for piece in self.by_id):
            yield FILLED_IN


def _beside(slot: Slot, parts: Sequence[Piece], own: Sequence[Piece]) -> Iterator[str]:
    """What to say of the answers that were not taken."""
    text = joined(parts)
    others = [piece for piece in own if piece not in parts]
    different = [piece for piece in others if not same_code(piece.text, text)]
    if len(different) < len(others):
        yield TWICE
    if _finished(different, slot):
        yield SEVERAL


def _finished(pieces: Sequence[Piece], slot: Slot) -> list[Piece]:
    """Those of the pieces in which every part of the stub is written."""
    return [piece for piece in pieces if is_finished(piece.text, slot.released)]


def _answers(piece: Piece, slot: Slot) -> bool:
    """Whether a piece defines what a slot asks for.

    `train_ae = timed(train_ae)` changes an answer and is none: where the reference has a class or def, so must any cell but the
    answer's own.
    """
    if piece.slot is slot:
        return piece.defines(slot.names) or not slot.names
    needs_definition = bool(names(slot.released).defined & slot.names)
    return piece.defines(slot.names) and (not needs_definition or bool(names(piece.text).defined & slot.names))


def _may_answer(piece: Piece, slot: Slot) -> bool:
    """Whether a piece answers a slot and stands for nothing else."""
    return (piece.slot in (slot, None) or _misplaced(piece)) and _answers(piece, slot)


def _may_continue(follower: Piece, piece: Piece) -> bool:
    """Whether a cell stands for nothing else than the one above it, and has something in it."""
    mine = follower.slot in (None, piece.slot) and follower.kind == "code"
    return mine and not follower.used and not follower.is_stub


def _misplaced(piece: Piece) -> bool:
    """Whether a piece stands in an answer's cell and does not answer that."""
    return piece.is_a(Role.ANSWER) and piece.slot is not None and bool(piece.slot.names) and not piece.defines(piece.slot.names)


def _is_import(piece: Piece) -> bool:
    found = names(piece.text)
    return bool(found.defined) and not found.assigned and "def " not in piece.text and "class " not in piece.text
