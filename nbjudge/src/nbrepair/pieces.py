"""The cells of a submission, and which cell of the source each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nbformat import NotebookNode

from nbrepair.definitions import dumped, names, parse, same_code, tidy
from nbrepair.likeness import likeness
from nbrepair.plan import Plan, Role, Slot

ALIKE = 80.0  # of 100: how alike a changed cell and the given one must be
ALIKE_STUB = 60.0  # the same for an answer, of which the stub is a part only
MAX_COMPARED = 20_000  # characters
MAX_COMPARISONS = 20_000

BY_ID, BY_TEXT, BY_NAME, BY_POSITION = "by id", "by text", "by name", "by position"


@dataclass(eq=False)
class Piece:
    """A cell of the submission.

    Attributes:
        index: its place there.
        kind: code, markdown or raw.
        text: its source.
        tag: the grade id in its metadata, which may be anything.
        cell_id: the id it was handed in with.
        pictures: pasted into it, checked.
        slot: the source's cell that this is, or is a copy of.
        how: by which sign it was recognised.
        used: whether its text went into an answer.
    """

    index: int
    kind: str
    text: str
    tag: str = ""
    cell_id: str = ""
    pictures: Mapping[str, Any] = field(default_factory=dict)
    slot: Slot | None = None
    how: str = ""
    used: bool = False

    def defines(self, wanted: Iterable[str]) -> bool:
        """Whether it is code that binds one of the names. Text counts as code if all of it is Python."""
        return bool(self.bound & set(wanted))

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that it binds."""
        return names(self.text).all if self.kind == "code" or parse(self.text) is not None else frozenset()

    def is_a(self, *roles: Role) -> bool:
        """Whether it is, or copies, a cell of one of these roles."""
        return self.slot is not None and self.slot.role in roles

    @cached_property
    def is_stub(self) -> bool:
        """Whether it is a cell in which nothing was written. Not to be asked before it is recognised."""
        return not self.text.strip() or (self.slot is not None and untouched(self.text, self.slot))

    @property
    def indented(self) -> bool:
        """Whether its first line of code is: then it continues the cell above."""
        first = next((line for line in self.text.split("\n") if line.strip() and not line.lstrip().startswith("#")), "")
        return self.kind == "code" and first[:1] in (" ", "\t")


def untouched(text: str, slot: Slot) -> bool:
    """Whether an answer's text is still what was given, but for spaces and comments."""
    if slot.role is not Role.ANSWER:
        return not text.strip() or tidy(text) == slot.released
    return _only_comments(text) or same_code(text, slot.released)


def _only_comments(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


def pieces_of(notebook: NotebookNode) -> list[Piece]:
    """The cells of a notebook that `read_notebook` gave."""
    return [
        Piece(
            index=index,
            kind=cell.cell_type,
            text=cell.source,
            tag=cell.metadata.get("nbgrader", {}).get("grade_id", ""),
            cell_id=cell.metadata.get("id", "") or cell.get("id", ""),
            pictures=cell.get("attachments") or {},
        )
        for index, cell in enumerate(notebook.cells)
    ]


def recognise(pieces: Sequence[Piece], plan: Plan) -> None:
    """Finds for each piece the source's cell that it is: by grade id, cell id, its text, and what it resembles."""
    for piece in pieces:
        slot = plan.by_key.get(piece.tag) or plan.by_key.get(piece.cell_id)
        if slot is not None:
            piece.slot, piece.how = slot, BY_ID
    _by_text(pieces, plan)
    _by_code(pieces, plan)
    _by_name(pieces, plan)
    _by_likeness(pieces, plan)


def _by_text(pieces: Sequence[Piece], plan: Plan) -> None:
    """Cells that still have the text they were given with, in the source's order where several are alike."""
    taken = {piece.slot.key for piece in pieces if piece.slot}
    alike: dict[str, list[Slot]] = {}
    for slot in plan.slots:
        alike.setdefault(slot.released, []).append(slot)
    for piece in pieces:
        slots = alike.get(tidy(piece.text), [])
        if piece.slot is None and slots and piece.text.strip():
            piece.slot = next((slot for slot in slots if slot.key not in taken), slots[0])
            piece.how = BY_TEXT
            taken.add(piece.slot.key)


def _by_code(pieces: Sequence[Piece], plan: Plan) -> None:
    """The same where comments or spaces were changed."""
    taken = {piece.slot.key for piece in pieces if piece.slot}
    alike = {dumped(slot.released): slot for slot in plan.slots if slot.cell.cell_type == "code" and slot.key not in taken}
    for piece in pieces:
        short = piece.slot is None and piece.kind == "code" and len(piece.text) <= MAX_COMPARED
        code = dumped(piece.text) if short else None
        if code is not None and code in alike:
            piece.slot, piece.how = alike[code], BY_TEXT


def _by_name(pieces: Sequence[Piece], plan: Plan) -> None:
    """Untagged cells that define what an answer should, or a free cell. One with several answers belongs to the first."""
    for piece in pieces:
        if piece.slot is None:
            owners = {plan.owners[name].index for name in piece.bound if name in plan.owners}
            if owners and _defines_as_wanted(piece, plan.slots[min(owners)]):
                piece.slot, piece.how = plan.slots[min(owners)], BY_NAME
    taken = {piece.slot.key for piece in pieces if piece.slot}
    for slot in plan.slots:
        wanted = names(slot.released).all if slot.role is Role.FREE and slot.key not in taken else frozenset()
        found = next((piece for piece in pieces if piece.slot is None and wanted and wanted <= piece.bound), None)
        if found is not None:
            found.slot, found.how = slot, BY_NAME


def _defines_as_wanted(piece: Piece, slot: Slot) -> bool:
    """By class or def, where the reference does so: `train_ae = timed(train_ae)` is a change to an answer and no answer."""
    bound = names(piece.text)
    return not (slot.names & names(slot.released).defined) or bool(bound.defined & slot.names)


def _by_likeness(pieces: Sequence[Piece], plan: Plan) -> None:
    """Cells that were changed and have lost their ids: the best pairs first."""
    taken = {piece.slot.key for piece in pieces if piece.slot}
    waiting = [piece for piece in pieces if piece.slot is None and 10 <= len(piece.text.strip()) <= MAX_COMPARED]
    open_slots = [slot for slot in plan.slots if slot.key not in taken and len(slot.released) >= 10]
    if len(waiting) * len(open_slots) > MAX_COMPARISONS:
        return
    pairs = [
        (score, -piece.index, piece, slot)
        for piece in waiting
        for slot in open_slots
        if (score := likeness(tidy(piece.text), slot.released, _needed(slot, piece))) > 0
    ]
    for _, _, piece, slot in sorted(pairs, key=lambda pair: pair[:2], reverse=True):
        if piece.slot is None and slot.key not in taken:
            piece.slot, piece.how = slot, BY_TEXT
            taken.add(slot.key)


def _needed(slot: Slot, piece: Piece) -> float:
    """How alike is alike enough. Answers grow, so their stub weighs less; a changed kind must be made up for."""
    if (slot.cell.cell_type == "code") != (piece.kind == "code"):
        return 90.0
    return ALIKE_STUB if slot.role is Role.ANSWER else ALIKE


def in_order(placed: Iterable[tuple[Piece, int]]) -> list[tuple[Piece, int]]:
    """The longest run of (piece, place in the source) whose places rise: the pieces that were not moved."""
    best: list[list[tuple[Piece, int]]] = []  # best[n]: a run of n + 1 whose last place is as early as possible
    for piece, place in placed:
        length = next((n for n, run in enumerate(best) if run[-1][1] >= place), len(best))
        best[length : length + 1] = [[*(best[length - 1] if length else []), (piece, place)]]
    return best[-1] if best else []
