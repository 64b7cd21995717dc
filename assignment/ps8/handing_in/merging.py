"""A corrected release with a student's work in it.

The released notebook names its cells and what each held (`stamps`), so that what a student has written can be told from what
was given. Given cells come from the new release. What the student wrote stays: answers and boxes in their cells, own cells
where they stood, and what was changed in a given cell as a note below it.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher, unified_diff
from hashlib import sha256
from typing import Any

KEY = "release"  # of the notebook's metadata, where the stamps are
LIKE = 0.6  # how alike two texts are that count as one, re-worded, where a notebook has lost its stamps
SHOWN = 40  # lines of a difference
_DEFINES = re.compile(r"^(?:class|def) (\w+)|^(\w+) *(?::[^=\n]*)?=(?!=)", re.MULTILINE)
NOTE = "*What you had changed in the cell above, before the release was corrected:*"

Node = dict[str, Any]


def stamps(cells: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a released notebook holds: name of a cell -> what tells its text from any other.

    Args:
        cells: name and text of each.
    """
    return {name: _digest(text) for name, text in cells}


@dataclass
class Merged:
    """A corrected notebook with a student's work in it, and what has changed, for the student.

    Attributes:
        notebook: as it would be written.
        kept: names of the answers and boxes that were taken over.
        own: how many own cells were.
        added: given cells that are new.
        removed: given cells that are gone.
        moved: cells that stand further up now, against those before them.
        reworded: name of a given cell -> how its text has changed, a difference line by line.
        around: answers whose cell has another stub now: what was given in it has changed.
        notes: given cells that the student had changed.
    """

    notebook: Node
    kept: list[str] = field(default_factory=list)
    own: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    reworded: dict[str, str] = field(default_factory=dict)
    around: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What has changed, in words."""
        told = [
            f"{title}: {', '.join(names)}."
            for title, names in (
                ("Your answers that are kept", self.kept),
                ("New in this release", self.added),
                ("No longer in it", self.removed),
                ("Moved", self.moved),
                ("Re-worded", list(self.reworded)),
                ("You had changed these given cells; your text stands as a note below each", self.notes),
                ("What was given around your answer has changed, so compare it with the new release", self.around),
            )
            if names
        ]
        told.insert(1, f"Cells of your own that are kept: {self.own}.")
        for name, difference in self.reworded.items():
            lines = difference.splitlines()
            more = [f"... and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
            told += ["", name, *(f"    {line}" for line in [*lines[:SHOWN], *more])]
        return told


def merge(mine: Node, new: Node) -> Merged:
    """Puts a student's work into a corrected release.

    Args:
        mine: the student's notebook, in Jupyter's format 4. Not changed.
        new: the release. Not changed.
    """
    return _Merging(mine, new).merged()


class _Merging:
    def __init__(self, mine: Node, new: Node) -> None:
        self.mine, self.new = mine, copy.deepcopy(new)
        known = mine.get("metadata", {}).get(KEY)
        self.known: dict[str, str] = known if isinstance(known, dict) else {}
        self.targets: list[Node] = self.new["cells"]
        self.place = {_name(cell): i for i, cell in enumerate(self.targets)}
        self.after: dict[int, list[Node]] = {}  # place of a new cell -> own cells below it
        self.result = Merged(self.new)

    def merged(self) -> Merged:
        matches = self._matches()
        here = furthest = -1
        for number, cell in enumerate(self.mine["cells"]):
            target = matches.get(number)
            if target is None:
                self._own_or_removed(cell, here)
            else:
                here = target
                if target < furthest:
                    self.result.moved.append(_title(self.targets[target]))
                furthest = max(furthest, target)
                self._take_over(cell, target)
        found = set(matches.values())
        self.result.added = [_title(cell) for i, cell in enumerate(self.targets) if i not in found]
        cells = list(self.after.get(-1, []))
        for i, cell in enumerate(self.targets):
            cells += [cell, *self.after.get(i, [])]
        self.new["cells"] = _with_ids(cells)
        self.new["metadata"] = {**self.mine.get("metadata", {}), **self.new.get("metadata", {})}
        return self.result

    def _matches(self) -> dict[int, int]:
        """Number of a cell of the student's -> place of the cell of the release that it is."""
        found: dict[int, int] = {}
        taken: set[int] = set()
        for way in (self._by_name, self._by_text, self._by_definition, self._by_likeness):
            for number, cell in enumerate(self.mine["cells"]):
                if number not in found and (place := way(cell, taken)) is not None:
                    found[number] = place
                    taken.add(place)
        return found

    def _by_name(self, cell: Node, taken: set[int]) -> int | None:
        place = self.place.get(_name(cell)) if _name(cell) else None
        return place if place not in taken and place is not None and self._same_kind(cell, place) else None

    def _by_text(self, cell: Node, taken: set[int]) -> int | None:
        text = _digest(_text(cell))
        return next((i for i, other in enumerate(self.targets) if i not in taken and _digest(_text(other)) == text), None)

    def _by_definition(self, cell: Node, taken: set[int]) -> int | None:
        """An answer whose cell has lost its name: by what it defines."""
        if cell["cell_type"] != "code" or cell.get("metadata", {}).get("nbgrader"):
            return None
        names, first = _defines(cell), _first(cell)
        places = (i for i, other in enumerate(self.targets) if i not in taken and _is_open(other))
        return next((i for i in places if names & _defines(self.targets[i]) or first == _first(self.targets[i])), None)

    def _by_likeness(self, cell: Node, taken: set[int]) -> int | None:
        """A given cell that was re-worded and has another name now, in a notebook that has lost its stamps."""
        if self.known or cell.get("metadata", {}).get("nbgrader"):
            return None
        likeness = {
            i: SequenceMatcher(None, _text(cell), _text(other), autojunk=False).ratio()
            for i, other in enumerate(self.targets)
            if i not in taken and not _is_open(other) and self._same_kind(cell, i)
        }
        best = max(likeness, key=lambda i: likeness[i], default=None)
        return best if best is not None and likeness[best] >= LIKE else None

    def _same_kind(self, cell: Node, place: int) -> bool:
        return bool(cell.get("cell_type") == self.targets[place].get("cell_type")) or _is_open(self.targets[place])

    def _untouched(self, cell: Node) -> bool:
        """Whether a cell is as it was released."""
        text = _digest(_text(cell))
        return text in self.known.values() or any(_digest(_text(other)) == text for other in self.targets)

    def _take_over(self, cell: Node, place: int) -> None:
        target = self.targets[place]
        same = _digest(_text(cell)) == _digest(_text(target))
        given = _text(target)
        if same or (_is_open(target) and not self._untouched(cell)):
            target["source"] = cell["source"]
            if target["cell_type"] == "code":
                target["outputs"] = cell.get("outputs", [])
                target["execution_count"] = cell.get("execution_count")
            elif cell.get("attachments"):
                target["attachments"] = cell["attachments"]
            if not same:
                self.result.kept.append(_title(target, given))
                if self.known.get(_name(target), _digest(given)) != _digest(given):
                    self.result.around.append(_title(target, given))
            return
        if self._untouched(cell) or not self.known:  # without stamps, a given cell's text counts as the earlier release's
            difference = unified_diff(_text(cell).splitlines(), given.splitlines(), lineterm="", n=1)
            self.result.reworded[_title(target)] = "\n".join(list(difference)[2:])
            return
        self.result.notes.append(_title(target))
        language = "python" if cell["cell_type"] == "code" else "text"
        fence = "`" * (2 + max((len(run) for run in re.findall("`+", _text(cell))), default=1))
        note = f"{NOTE}\n\n{fence}{language}\n{_text(cell)}\n{fence}"
        self._keep({"cell_type": "markdown", "metadata": {}, "source": note}, place)

    def _own_or_removed(self, cell: Node, here: int) -> None:
        if self._untouched(cell):
            self.result.removed.append(_title(cell))
            return
        kept = copy.deepcopy(cell)
        kept.setdefault("metadata", {}).pop("nbgrader", None)
        for lock in ("deletable", "editable"):
            kept["metadata"].pop(lock, None)
        self._keep(kept, here)
        self.result.own += 1

    def _keep(self, cell: Node, place: int) -> None:
        self.after.setdefault(place, []).append(cell)


def _name(cell: Node) -> str:
    """By which a cell is found again: nbgrader's name for it, else its id; Colab keeps ids in the metadata."""
    data = cell.get("metadata", {})
    return str(data.get("nbgrader", {}).get("grade_id") or cell.get("id") or data.get("id") or "")


def _text(cell: Node) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _digest(text: str) -> str:
    plain = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return sha256(plain.encode()).hexdigest()[:12]


def _is_open(cell: Node) -> bool:
    """Whether a released cell is the student's to fill: an answer, a box, a choice."""
    marks = cell.get("metadata", {}).get("nbgrader")
    return bool(marks.get("solution")) if marks else cell.get("cell_type") == "code"


def _defines(cell: Node) -> set[str]:
    return {one or other for one, other in _DEFINES.findall(_text(cell))}


def _first(cell: Node) -> str:
    """The first line in which something stands: of an answer, most often that of its given part."""
    return next((line for line in _text(cell).splitlines() if line.strip()), "")


def _title(cell: Node, text: str | None = None) -> str:
    """A cell, in words."""
    first = next((line.strip("# ") for line in (text or _text(cell)).splitlines() if line.strip("# ")), "an empty cell")
    name = _name(cell)
    return name if cell.get("metadata", {}).get("nbgrader") and name else f'"{first[:50]}"'


def _with_ids(cells: list[Node]) -> list[Node]:
    """Each cell with an id of its own."""
    seen: set[str] = set()
    for cell in cells:
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = uuid.uuid4().hex[:8]
        seen.add(cell["id"])
    return cells
