"""Which of a hand-in's cells hold the answer to a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from nbrepair.definitions import names, parse, same_code, segment, tidy
from nbrepair.leftover import is_finished
from nbrepair.pieces import BY_ID, BY_NAME, BY_POSITION, Piece, untouched
from nbrepair.plan import Plan, Role, Slot
from nbrepair.remarks import Remarks

JOINED, UNANSWERED, MISSING = "joined", "not answered", "missing"
MAX_PARTS = 6  # cells over which one answer may be spread


@dataclass
class Answer:
    """What goes into an answer's slot.

    Attributes:
        text: None: what the source has there.
        how: by which sign it was found: by id, text, name or position, joined, not answered, missing.
        parts: the hand-in's cells it was taken from, in their order.
        pictures: pasted into a written answer.
    """

    text: str | None
    how: str
    parts: list[Piece] = field(default_factory=list)
    pictures: Mapping[str, Any] = field(default_factory=dict)


class Chooser:
    """Finds the answers among a hand-in's recognised pieces, and marks what it takes as used.

    Args:
        pieces: all of them.
        anchors: those that stand in the source's order.
        plan: what is asked for.
        remarks: where to say what was odd.
    """

    def __init__(self, pieces: Sequence[Piece], anchors: Sequence[Piece], plan: Plan, remarks: Remarks) -> None:
        self.pieces, self.anchors, self.plan, self.remarks = pieces, anchors, plan, remarks
        self.has_ids = any(piece.how == BY_ID for piece in pieces)

    def code(self, slot: Slot) -> Answer:
        """The answer for a slot of code."""
        tagged = [piece for piece in self.pieces if piece.slot is slot]
        written = [piece for piece in self.pieces if not piece.used and not piece.is_stub]
        own = [piece for piece in written if (piece.slot in (slot, None) or _misplaced(piece)) and _answers(piece, slot)]
        rest = [piece for piece in written if piece.slot is slot and not piece.defines(self.plan.owners)]
        halves = [piece for piece in rest if is_finished(piece.text, slot.released)]
        if any(is_finished(piece.text, slot.released) for piece in own):
            return self._taken(slot, self._in_force(own, slot), own, halves)
        if answer := self._borrowed(slot):
            return answer
        if own:
            return self._taken(slot, self._in_force(own, slot), own, halves)
        if rest:
            return self._taken(slot, rest, rest, [])
        return Answer(None, UNANSWERED if tagged else MISSING)

    def by_position(self, slot: Slot) -> Answer:
        """For a slot whose cell is missing: the one unknown cell of code that stands where it should."""
        found = [piece for piece in gap(slot, self.anchors, self.pieces) if piece.kind == "code" and not _is_import(piece)]
        if len(found) != 1 or not _has_neighbour(slot, self.anchors):
            return Answer(None, MISSING)
        found[0].used = True
        self.remarks.add("The answer to {} was found by its place only: it has not the name it should.", slot.label)
        return Answer(found[0].text, BY_POSITION, found)

    def _in_force(self, own: list[Piece], slot: Slot) -> list[Piece]:
        """The definitions that hold when the notebook, run from the top, comes to the question's test.

        Where the test has gone, or stands elsewhere, those in the answer's own cell.
        """
        finished = [piece for piece in own if is_finished(piece.text, slot.released)] or own
        test = self.plan.test_of(slot)
        limit = next((anchor.index for anchor in self.anchors if test and anchor.slot is test), -1)
        above = [piece for piece in finished if piece.index < limit]
        holding = above or [piece for piece in finished if piece.slot is slot and piece.how == BY_ID] or finished
        last = {name: piece for piece in holding for name in slot.names & piece.bound}
        return sorted(set(last.values()), key=lambda piece: piece.index) or holding[-1:]

    def _taken(self, slot: Slot, chosen: list[Piece], own: list[Piece], halves: list[Piece]) -> Answer:
        """The answer from the chosen pieces, and what completes them."""
        whole = _in_turn([*chosen, *(part for piece in chosen for part in self._continuation(piece))])
        together = _in_turn([*whole, *halves])
        if parse(joined(together)) is None and parse(joined(whole)) is not None:
            together = whole  # the halves are of something else, such as a copy
        for piece in together:
            piece.used = True
        self._say(slot, together, [piece for piece in own if piece not in together])
        how = JOINED if len(together) > 1 else together[0].how if together[0].slot is slot else BY_NAME
        return Answer(joined(together), how, together)

    def _continuation(self, piece: Piece) -> list[Piece]:
        """The cells right below that belong to the same class or function: indented, or needed to make it whole."""
        parts: list[Piece] = []
        whole = parse(piece.text) is not None
        below = (follower for follower in self.pieces[piece.index + 1 :] if follower.text.strip())
        for follower in islice(below, MAX_PARTS):
            mine = follower.slot in (None, piece.slot) and follower.kind == "code" and not follower.used
            if not mine or follower.is_stub or not (follower.indented or not whole):
                break
            if parse(joined([piece, *parts, follower])) is not None:
                whole = True
            elif whole:
                break
            parts.append(follower)
        return parts if whole else []

    def _borrowed(self, slot: Slot) -> Answer | None:
        """The answer's definitions out of a cell that stands for something else, as where two answers share one cell."""
        for piece in reversed(self.pieces):
            if piece.slot is slot or piece.is_stub or not _answers(piece, slot):
                continue
            found = [segment(piece.text, name) for name in sorted(slot.names & piece.bound, key=piece.text.find)]
            text = "\n\n\n".join(dict.fromkeys(part for part in found if part))
            given = any(text in other.released for other in self.plan.slots)
            if is_finished(text, slot.released) and not given and not untouched(text, slot):
                self.remarks.add("The answer to {} stood in another cell: put in its place.", slot.label)
                return Answer(text, BY_NAME, [piece])
        return None

    def _say(self, slot: Slot, parts: list[Piece], others: list[Piece]) -> None:
        add = self.remarks.add
        if len(parts) > 1:
            add("The answer to {} was spread over several cells: joined.", slot.label)
        if any(piece.kind != "code" for piece in parts):
            add("The answer to {} had been turned into text: made code again.", slot.label)
        if all(_misplaced(piece) and piece.slot is not slot for piece in parts):
            add("The answer to {} stood in another cell: put in its place.", slot.label)
        elif self.has_ids and not any(piece.how == BY_ID for piece in parts):
            add("The answer to {} stood in a cell of its own: put in its place.", slot.label)
        elif any(piece.slot is slot and piece.how == BY_ID and piece.is_stub for piece in self.pieces):
            add("The answer cell of {} was there twice: the one that was filled in was taken.", slot.label)
        text = joined(parts)
        if any(same_code(piece.text, text) for piece in others):
            add("The answer cell of {} was there twice: one was kept.", slot.label)
        if any(is_finished(piece.text, slot.released) and not same_code(piece.text, text) for piece in others):
            add("There was more than one answer to {}: the last one above its test was taken.", slot.label)

    def written(self, slot: Slot) -> Answer:
        """The answer in words: from its own cell, the unknown cells beside it, or below its question."""
        tagged = [piece for piece in self.pieces if piece.slot is slot]
        parts = [piece for piece in tagged if not piece.is_stub]
        last = max((piece.index for piece in parts), default=-1)
        beside = gap(slot, [anchor for anchor in self.anchors if anchor.slot is not slot], self.pieces)
        texts = [piece for piece in beside if piece.kind == "markdown"]
        if not parts and not texts:
            texts = [piece for piece in beside if piece.kind == "code" and parse(piece.text) is None][:1]
        for piece in texts if parts or _has_neighbour(slot, self.anchors) else ():
            if last < 0 or piece.index == last + 1:
                parts.append(piece)
                last = piece.index if last >= 0 else last
        tidied = [tidy(piece.text) for piece in parts]
        parts = [part for n, part in enumerate(parts) if not _is_within(tidied, n)]
        parts.sort(key=lambda piece: piece.index)
        if not parts:
            return self._below_question(slot) or Answer(None, UNANSWERED if tagged else MISSING)
        for piece in parts:
            piece.used = True
        if len(parts) > 1:
            self.remarks.add("The written answer was spread over several cells: joined.")
        elif parts[0].kind == "code":
            self.remarks.add("The written answer stood in a cell of code: made text again.")
        elif parts[0].slot is not slot and self.has_ids:
            self.remarks.add("The written answer stood in a cell of its own: put in its place.")
        pictures = {name: data for piece in parts for name, data in piece.pictures.items()}
        how = JOINED if len(parts) > 1 else parts[0].how or BY_POSITION
        return Answer("\n\n".join(piece.text.strip("\n") for piece in parts), how, parts, pictures)

    def _below_question(self, slot: Slot) -> Answer | None:
        """What was written into the cell of the question itself, below its text."""
        question = next((other for other in self.plan.slots[: slot.index][::-1] if other.role is Role.TEXT), None)
        for piece in self.pieces:
            text = tidy(piece.text)
            if question is None or piece.slot is not question or not text.startswith(question.released):
                continue
            if rest := text[len(question.released) :].strip():
                self.remarks.add("The written answer stood below its question, in the same cell: put in its place.")
                return Answer(rest, BY_POSITION, [piece], piece.pictures)
        return None


def _in_turn(parts: Sequence[Piece]) -> list[Piece]:
    return sorted(dict.fromkeys(parts), key=lambda piece: piece.index)


def _is_within(texts: Sequence[str], n: int) -> bool:
    """Whether a text is part of another; of equal ones the first is in none."""
    others = enumerate(texts)
    return any(texts[n] in other and (texts[n] != other or m < n) for m, other in others if m != n)


def _answers(piece: Piece, slot: Slot) -> bool:
    """Whether a piece defines what a slot asks for.

    `train_ae = timed(train_ae)` changes an answer and is none: where the reference has a class or def, so must any cell but the
    answer's own.
    """
    if piece.slot is slot:
        return piece.defines(slot.names) or not slot.names
    needs_definition = bool(names(slot.released).defined & slot.names)
    return piece.defines(slot.names) and (not needs_definition or bool(names(piece.text).defined & slot.names))


def _misplaced(piece: Piece) -> bool:
    """Whether a piece stands in an answer's cell and does not answer that."""
    return piece.is_a(Role.ANSWER) and piece.slot is not None and bool(piece.slot.names) and not piece.defines(piece.slot.names)


def _is_import(piece: Piece) -> bool:
    found = names(piece.text)
    return bool(found.defined) and not found.assigned and "def " not in piece.text and "class " not in piece.text


def joined(parts: Sequence[Piece]) -> str:
    """The text of several cells as one; an indented cell goes on where the one above it ends."""
    if not parts:
        return ""
    text = parts[0].text.rstrip() if len(parts) > 1 else parts[0].text
    for part in parts[1:]:
        text += ("\n" if part.indented else "\n\n") + part.text.strip("\n").rstrip()
    return text


def _has_neighbour(slot: Slot, anchors: Sequence[Piece]) -> bool:
    """Whether the cell above a slot's, or the one below, is in the hand-in: else nobody knows where its place would be."""
    return any(piece.slot is not None and abs(piece.slot.index - slot.index) <= 1 for piece in anchors)


def gap(slot: Slot, anchors: Sequence[Piece], pieces: Sequence[Piece]) -> list[Piece]:
    """The unknown, unused cells that stand in the hand-in where the slot's cell should: between its neighbours."""
    above = [piece.index for piece in anchors if piece.slot and piece.slot.index < slot.index]
    below = [piece.index for piece in anchors if piece.slot and piece.slot.index > slot.index]
    between = pieces[max(above, default=-1) + 1 : min(below, default=len(pieces))]
    return [piece for piece in between if piece.slot is None and not piece.used and piece.text.strip()]
