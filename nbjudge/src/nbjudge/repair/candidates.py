"""Which of several files is the notebook that was meant: the one in which most is written, whatever its name."""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbrepair.answer import MISSING, UNANSWERED
from nbrepair.definitions import parse
from nbrepair.leftover import STUB, is_finished
from nbrepair.plan import Plan, Role

from nbjudge.ground.foreign_names import shown_file as shown
from nbjudge.ground.listing import listed
from nbjudge.repair.file_reader import SubmittedFile
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild

MAX_CANDIDATES = 10
MAX_NAME = 255  # of a file, as file systems have it; in an archive it may be longer
MAX_OTHERS = 5  # that a remark names
EXPORTS = (".py", ".html", ".htm")

_COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia de|cópia de)\s+|(\s*\(\d+\)|[-_ ]+(copy|kopie|copie)\s*\d*|[-_ ]copy\(\d+\))$"
)
_SUFFIX = re.compile(r"\.(py|html?|json|txt)$")


@dataclass(frozen=True, order=True)
class Worth:
    """How good a candidate is: what comes first weighs most, and more is better.

    Attributes:
        readable: whether it is a notebook at all.
        ours: whether cells of the assignment are in it.
        written: answers in which no part is left open, and the written report.
        begun: answers in which something is written.
        stubs: less than none for each that is left, where it is not known what answers there should be.
        is_notebook: and no export of one.
        changed: when, in seconds since 1970.
    """

    readable: bool = False
    ours: bool = False
    written: int = 0
    begun: int = 0
    stubs: int = 0
    is_notebook: bool = False
    changed: int = 0


def stem(name: str) -> str:
    """What a file's name comes down to: `Copy of PS8 (1).ipynb` is `ps8`."""
    text = unicodedata.normalize("NFKC", name[-MAX_NAME:]).casefold().split(".ipynb")[0].strip()
    while (shorter := _COPY.sub("", text).strip()) != text and shorter:
        text = shorter
    return text


def assigned(files: Sequence[SubmittedFile], names: Sequence[str], plans: Mapping[str, Plan]) -> dict[str, list[SubmittedFile]]:
    """The files that may be each notebook, the main one first: by what is in them, and where that does not tell, by name."""
    found: dict[str, list[SubmittedFile]] = {}
    unknown: list[SubmittedFile] = []
    for file in files:
        name = _meant(file, names, plans)
        (found.setdefault(name, []) if name else unknown).append(file)
    if unknown and (plans or names[0] not in found):
        found.setdefault(names[0], []).extend(unknown)
    return {name: found[name] for name in names if name in found}


def _meant(file: SubmittedFile, names: Sequence[str], plans: Mapping[str, Plan]) -> str:
    """The notebook that a file is; empty if neither its cells nor its name tell."""
    named = _named(file.name, names)
    if named in plans and _holds(file, plans[named], enough=1):
        return named
    held = {name: _holds(file, plan) for name, plan in plans.items()}
    most = max(held, key=lambda name: held[name], default="")
    return most if held.get(most) else named


def _named(file: str, names: Sequence[str]) -> str:
    """The notebook that a file's name speaks of; of several the last, since `ps8-nce` is the nce of ps8."""
    text = _SUFFIX.sub("", stem(file))
    if exact := [name for name in names if name.casefold() == text]:
        return exact[0]
    words = re.split(r"[\W_]+", text)
    return next((name for name in reversed(names) if name.casefold() in words), "")


def _holds(file: SubmittedFile, plan: Plan, enough: int = 1000) -> int:
    """How many of a notebook's answers a file speaks of, by grade id or by definition; counted no further than `enough`."""
    count = 0
    for slot in plan.answers:
        signs = [slot.key, *(f"{word} {name}" for name in slot.names for word in ("class", "def"))]
        count += any(sign.encode() in file.data for sign in signs)
        if count >= enough:
            break
    return count


def chosen(name: str, files: Sequence[SubmittedFile], remarks: list[str], plan: Plan | None = None) -> SubmittedFile:
    """The most complete of the files, the newest of equals; with a word on it if there was a choice or an odd name."""
    different = list({file.data: file for file in sorted(files, key=lambda file: _oddness(name, file), reverse=True)}.values())
    different = heapq.nsmallest(MAX_CANDIDATES, different, key=lambda file: (-_likely(name, file, plan), _oddness(name, file)))
    different.sort(key=lambda file: _oddness(name, file))
    if len(different) == 1:
        best, others = different[0], []
    else:
        worths = {id(file): worth(file, plan) for file in different}
        best = max(different, key=lambda file: worths[id(file)])  # max keeps the first of equals
        # An export beside its notebook is no other submission.
        others = [
            file
            for file in different
            if file is not best and (worths[id(file)].is_notebook or not worths[id(best)].is_notebook)
        ]
    if others:
        named = listed([shown(file.path) for file in others], MAX_OTHERS)
        why = _why(worths[id(best)], max(worths[id(file)] for file in others), plan)
        remarks.append(f"There were several files for {name}.ipynb: {shown(best.path)} was taken, not {named}{why}.")
    elif best.path != f"{name}.ipynb":
        remarks.append(f"{shown(best.path)} was taken for {name}.ipynb.")
    return best


def _why(best: Worth, other: Worth, plan: Plan | None) -> str:
    if plan is None or best.written <= other.written:
        return ""
    return f", because more answers are written in it ({best.written}; elsewhere {other.written})"


def _oddness(name: str, file: SubmittedFile) -> tuple[bool, int, bool, str]:
    return file.path != f"{name}.ipynb", file.depth, file.name != f"{name}.ipynb", file.path


def _likely(name: str, file: SubmittedFile, plan: Plan | None) -> int:
    """How likely it is worth reading a file, at a glance: of very many, only the likeliest are read."""
    exact = file.name == f"{name}.ipynb"
    return (_holds(file, plan) if plan is not None else 0) + exact


def worth(file: SubmittedFile, plan: Plan | None = None) -> Worth:
    """How good a candidate a file is for a notebook."""
    notebook = read_notebook(file.data, file.size).notebook
    is_notebook = not file.name.casefold().endswith(EXPORTS)
    if notebook is None:
        return Worth(is_notebook=is_notebook, changed=int(file.changed))
    if plan is None:
        stubs = sum(cell.source.count(STUB) for cell in notebook.cells if cell.cell_type == "code")
        return Worth(True, stubs=-stubs, is_notebook=is_notebook, changed=int(file.changed))
    written, begun = _written(notebook, plan)
    return Worth(True, _holds(file, plan, enough=1) > 0, written, begun, 0, is_notebook, int(file.changed))


def _written(notebook: NotebookNode, plan: Plan) -> tuple[int, int]:
    """How many of the answers are written, and how many are begun."""
    repaired = rebuild(notebook, plan)
    cells = {cell.id: cell.source for cell in repaired.notebook.cells}
    begun = [key for key, how in repaired.answered.items() if how not in (MISSING, UNANSWERED)]
    slots = [plan.by_key[key] for key in begun]
    whole = [
        slot
        for slot in slots
        if slot.role is Role.WRITTEN or (is_finished(cells[slot.key], slot.released) and parse(cells[slot.key]) is not None)
    ]
    return len(whole), len(begun)


def has_answers(data: bytes, plan: Plan) -> bool:
    """Whether a file is a notebook in which anything is written."""
    notebook = read_notebook(data).notebook
    return notebook is not None and _written(notebook, plan)[1] > 0
