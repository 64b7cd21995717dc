"""What goes into an answer's slot, and where in a submission that slot would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbrepair.pieces import Piece
from nbrepair.plan import Slot

JOINED, UNANSWERED, MISSING = "joined", "not answered", "missing"


@dataclass
class ChosenAnswer:
    """What goes into an answer's slot.

    Attributes:
        text: None: what the source has there.
        how: by which sign it was found: by id, text, name or position, joined, not answered, missing.
        parts: the submission's cells it was taken from, in their order.
        pictures: pasted into a written answer.
    """

    text: str | None
    how: str
    parts: list[Piece] = field(default_factory=list)
    pictures: Mapping[str, Any] = field(default_factory=dict)


def no_answer(slot: Slot, pieces: Sequence[Piece]) -> ChosenAnswer:
    """For a slot in whose cell nothing was written, or which has no cell."""
    return ChosenAnswer(None, UNANSWERED if any(piece.slot is slot for piece in pieces) else MISSING)


def in_turn(parts: Sequence[Piece]) -> list[Piece]:
    """Each of the pieces once, in the submission's order."""
    return sorted(dict.fromkeys(parts), key=lambda piece: piece.index)


def joined(parts: Sequence[Piece]) -> str:
    """The code of several cells as one; an indented cell goes on where the one above it ends."""
    if not parts:
        return ""
    text = parts[0].text.rstrip() if len(parts) > 1 else parts[0].text
    for part in parts[1:]:
        text += ("\n" if part.indented else "\n\n") + part.text.strip("\n").rstrip()
    return text


def has_neighbour(slot: Slot, anchors: Sequence[Piece]) -> bool:
    """Whether the cell above a slot's, or the one below, is in the submission: else nobody knows where its place would be."""
    return any(piece.slot is not None and abs(piece.slot.index - slot.index) <= 1 for piece in anchors)


def gap(slot: Slot, anchors: Sequence[Piece], pieces: Sequence[Piece]) -> list[Piece]:
    """The unknown, unused cells that stand in the submission where the slot's cell should: between its neighbours.

    Args:
        slot: whose place is looked for. An anchor that stands for it is no neighbour.
        anchors: the pieces that stand in the source's order.
        pieces: all of them.
    """
    placed = [(anchor.slot.index - slot.index, anchor.index) for anchor in anchors if anchor.slot]
    above = max((index for distance, index in placed if distance < 0), default=-1)
    below = min((index for distance, index in placed if distance > 0), default=len(pieces))
    return [piece for piece in pieces[above + 1 : below] if _is_free(piece)]


def _is_free(piece: Piece) -> bool:
    return piece.slot is None and not piece.used and bool(piece.text.strip())
