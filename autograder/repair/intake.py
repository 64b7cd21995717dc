"""Finds the notebooks that were meant, and the artifacts beside them, in whatever folder was handed in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from autograder.ground.names import shown_file as shown
from autograder.repair.files import MAX_FILE, Found, Search
from autograder.repair.read import read_notebook

ARTIFACTS = ("*results*.json", "*.pth")
MAX_FILES = 50
MAX_CANDIDATES = 10
MAX_NAME = 255  # of a file, as file systems have it; in an archive it may be longer

_COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia de|cópia de)\s+|(\s*\(\d+\)|[-_ ]+(copy|kopie|copie)\s*\d*|[-_ ]copy\(\d+\))$"
)
_STUB = "raise NotImplementedError"


@dataclass
class HandIn:
    """What one student handed in.

    Attributes:
        notebooks: the file of each notebook that was found, by the notebook's name (without `.ipynb`).
        files: the artifacts, by file name.
        remarks: what was found elsewhere than expected, or not read, a sentence each.
    """

    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def intake(folder: Path, names: Sequence[str], artifacts: Sequence[str] = ARTIFACTS) -> HandIn:
    """Looks through a hand-in's folder. Follows no links, and raises nothing for what is in it.

    Args:
        folder: what the student handed in.
        names: of the assignment's notebooks, any of which may be missing. The main one bears the folder's name, or else it is
            the first.
        artifacts: patterns of the other files to take.
    """
    search = Search(lambda name: _is_notebook(name) or _is_artifact(name, artifacts))
    search.folder(folder)
    hand_in = HandIn(remarks=search.remarks)
    notebooks = [found for found in search.found if _is_notebook(found.name)]
    main = folder.name if folder.name in names else names[0]
    for name, candidates in _assigned(notebooks, [main, *(name for name in names if name != main)]).items():
        hand_in.notebooks[name] = _chosen(name, candidates, hand_in.remarks).data
    if main not in hand_in.notebooks:
        hand_in.remarks.insert(0, f"No {main}.ipynb was found in the hand-in.")
    _artifacts(hand_in, [found for found in search.found if _is_artifact(found.name, artifacts)])
    return hand_in


def artifacts(folder: Path, patterns: Sequence[str] = ARTIFACTS) -> HandIn:
    """The artifacts of a hand-in without its notebooks. Follows no links, and raises nothing for what is in the folder."""
    search = Search(lambda name: _is_artifact(name, patterns))
    search.folder(folder)
    hand_in = HandIn(remarks=search.remarks)
    _artifacts(hand_in, search.found)
    return hand_in


def _is_notebook(name: str) -> bool:
    return name.lower().endswith((".ipynb", ".ipynb.txt", ".ipynb.json"))


def _is_artifact(name: str, artifacts: Sequence[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in artifacts)


def stem(name: str) -> str:
    """What a file's name comes down to: `Copy of PS8 (1).ipynb` is `ps8`."""
    text = unicodedata.normalize("NFKC", name[-MAX_NAME:]).casefold().split(".ipynb")[0].strip()
    while (shorter := _COPY.sub("", text).strip()) != text and shorter:
        text = shorter
    return text


def _assigned(notebooks: Sequence[Found], names: Sequence[str]) -> dict[str, list[Found]]:
    """The files that may be each notebook, the main one first. It may bear any name, if none bears its own."""
    found: dict[str, list[Found]] = {}
    unknown: list[Found] = []
    for notebook in notebooks:
        name = _meant(notebook.name, names)
        (found.setdefault(name, []) if name else unknown).append(notebook)
    if names[0] not in found and unknown:
        found[names[0]] = unknown
    return {name: found[name] for name in names if name in found}


def _meant(file: str, names: Sequence[str]) -> str:
    """The notebook that a file's name speaks of; of several the last, since `ps8-nce` is the nce of ps8."""
    text = stem(file)
    if exact := [name for name in names if name.casefold() == text]:
        return exact[0]
    words = re.split(r"[\W_]+", text)
    return next((name for name in reversed(names) if name.casefold() in words), "")


def _chosen(name: str, candidates: list[Found], remarks: list[str]) -> Found:
    """The newest of the files that are most complete; with a word on it if there was a choice or an odd name."""
    different = list({found.data: found for found in sorted(candidates, key=_oddness(name), reverse=True)}.values())
    different = sorted(different, key=_oddness(name))[:MAX_CANDIDATES]
    best = different[0]
    if len(different) > 1:
        best = min(different, key=lambda found: (*_left_open(found.data), -int(found.changed)))  # min keeps the first of equals
        others = ", ".join(shown(found.path) for found in different if found is not best)
        remarks.append(f"There were several files for {name}.ipynb: {shown(best.path)} was taken, not {others}.")
    elif best.path != f"{name}.ipynb":
        remarks.append(f"{shown(best.path)} was taken for {name}.ipynb.")
    return best


def _oddness(name: str):  # type: ignore[no-untyped-def]  # a key function
    return lambda found: (found.path != f"{name}.ipynb", found.depth, found.name != f"{name}.ipynb", found.path)


def _left_open(data: bytes) -> tuple[bool, int]:
    """Whether a notebook cannot be read, and how many of its stubs are left."""
    notebook = read_notebook(data).notebook
    if notebook is None:
        return True, 0
    return False, sum(cell.source.count(_STUB) for cell in notebook.cells if cell.cell_type == "code")


def _artifacts(hand_in: HandIn, found: Sequence[Found]) -> None:
    """Takes the artifacts, those that lie higher first. Of names that differ in case only, one."""
    seen: dict[str, Found] = {}
    for file in sorted(found, key=lambda file: (file.depth, file.name != file.name.lower(), file.path)):
        key = unicodedata.normalize("NFC", file.name).casefold()
        if key in seen:
            if file.data != seen[key].data:
                hand_in.remarks.append(f"{shown(file.path)} was left out: {shown(seen[key].path)} has the same name.")
        elif file.size > MAX_FILE:
            hand_in.remarks.append(f"{shown(file.path)} is too large ({file.size / 2**20:.0f} MB) and was left out.")
        elif len(seen) >= MAX_FILES:
            hand_in.remarks.append(f"There are more than {MAX_FILES} artifacts: {shown(file.path)} was left out.")
            break
        else:
            seen[key] = file
            hand_in.files[shown(file.name)] = file.data
