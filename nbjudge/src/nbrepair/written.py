"""Which of a submission's cells hold an answer in words."""

from __future__ import annotations

from collections.abc import Sequence

from nbrepair.answer import JOINED, ChosenAnswer, gap, has_neighbour, no_answer
from nbrepair.definitions import parse, tidy
from nbrepair.pieces import BY_ID, BY_POSITION, Piece
from nbrepair.plan import Plan, Role, Slot
from nbrepair.remarks import Remarks

SPREAD = "The written answer was spread over several cells: joined."
WAS_CODE = "The written answer stood in a cell of code: made text again."
ELSEWHERE = "The written answer stood in a cell of its own: put in its place."
BELOW_QUESTION = "The written answer stood below its question, in the same cell: put in its place."


def written_answer(slot: Slot, pieces: Sequence[Piece], anchors: Sequence[Piece], plan: Plan, remarks: Remarks) -> ChosenAnswer:
    """The answer in words: from its own cell, the unknown cells beside it, or below its question.

    Args:
        slot: what is asked for.
        pieces: all of the submission's; those that are taken are marked as used.
        anchors: those that stand in the source's order.
        plan: of the source.
        remarks: where to say what was odd.
    """
    parts = _parts(slot, pieces, anchors)
    if not parts:
        return _below_question(slot, pieces, plan, remarks) or no_answer(slot, pieces)
    for piece in parts:
        piece.used = True
    if odd := _odd(slot, parts, with_ids=any(piece.how == BY_ID for piece in pieces)):
        remarks.add(odd)
    text = "\n\n".join(piece.text.strip("\n") for piece in parts)
    pictures = {name: data for piece in parts for name, data in piece.pictures.items()}
    return ChosenAnswer(text, JOINED if len(parts) > 1 else parts[0].how or BY_POSITION, parts, pictures)


def _parts(slot: Slot, pieces: Sequence[Piece], anchors: Sequence[Piece]) -> list[Piece]:
    """The cells that the answer is in, without those whose text is part of another's."""
    own = [piece for piece in pieces if piece.slot is slot and not piece.is_stub]
    beside = gap(slot, anchors, pieces)
    if own:
        found = own + _following(own[-1], beside)
    elif has_neighbour(slot, anchors):
        found = _texts(beside)
    else:
        return []
    tidied = [tidy(piece.text) for piece in found]
    return [piece for n, piece in enumerate(found) if not _is_within(tidied, n)]


def _following(piece: Piece, beside: Sequence[Piece]) -> list[Piece]:
    """The unknown text right below a piece, without a gap."""
    below = [other for other in beside if other.kind == "markdown" and other.index > piece.index]
    return [other for n, other in enumerate(below, piece.index + 1) if other.index == n]


def _texts(beside: Sequence[Piece]) -> list[Piece]:
    """The cells of text; where there is none, the first cell of code that is none."""
    texts = [piece for piece in beside if piece.kind == "markdown"]
    return texts or [piece for piece in beside if piece.kind == "code" and parse(piece.text) is None][:1]


def _is_within(texts: Sequence[str], n: int) -> bool:
    """Whether a text is part of another; of equal ones the first is in none."""
    others = enumerate(texts)
    return any(texts[n] in other and (texts[n] != other or m < n) for m, other in others if m != n)


def _odd(slot: Slot, parts: Sequence[Piece], with_ids: bool) -> str:
    """What to say of where an answer stood; nothing where it stood in its cell, or where no cell has kept its id."""
    if len(parts) > 1:
        return SPREAD
    if parts[0].kind == "code":
        return WAS_CODE
    return ELSEWHERE if with_ids and parts[0].slot is not slot else ""


def _below_question(slot: Slot, pieces: Sequence[Piece], plan: Plan, remarks: Remarks) -> ChosenAnswer | None:
    """What was written into the cell of the question itself, below its text."""
    question = next((other for other in plan.slots[: slot.index][::-1] if other.role is Role.TEXT), None)
    if question is None:
        return None
    for piece in pieces:
        text = tidy(piece.text)
        rest = text.removeprefix(question.released).strip()
        if piece.slot is question and text.startswith(question.released) and rest:
            remarks.add(BELOW_QUESTION)
            return ChosenAnswer(rest, BY_POSITION, [piece], piece.pictures)
    return None
