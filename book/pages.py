"""The walkthrough's notebooks with the reference's outputs: run when their code changes, and else kept."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from assignment.builder.book_notebooks import book_notebook, book_pages
from assignment.builder.checkout import KIT
from assignment.builder.generated_files import write
from assignment.builder.lesson_notebooks import solved_notebook, stub_notebook, text_of
from assignment.builder.problem import shown

KEY = "inputs.json"


@dataclass(frozen=True)
class Pages:
    """The book's notebooks by name, and the profile that their outputs come from."""

    notebooks: Mapping[str, NotebookNode]
    profile: str


def pages(notebooks: Mapping[str, NotebookNode], profile: str, folder: Path, kit: Path = KIT) -> Pages:
    """The book's notebooks; runs the solved ones only if what their outputs follow from has changed.

    A changed sentence of the lesson changes no output: then the kept outputs go under the new text.

    Args:
        notebooks: the instructor's, in the order to run them.
        profile: full or quick.
        folder: where pages are kept, with a note of what they were made of.
        kit: the student kit that the notebooks import, its settings among it.

    Raises:
        BuildError: if a solved notebook fails.
    """
    key = inputs(notebooks, profile, kit)
    made = _kept(notebooks, folder) if _noted(folder) == key else None
    if made is None:
        begin = time.monotonic()
        print(f"running {', '.join(notebooks)} with the profile {profile}: minutes", flush=True)
        made = book_pages(notebooks, profile, _environment(folder))
        print(f"{shown(folder)}: {len(made)} pages after {time.monotonic() - begin:.0f} s", flush=True)
    else:
        print(f"{shown(folder)}: nothing to run, the outputs are those of this code", flush=True)
    write({folder / f"{name}.ipynb": text_of(page) for name, page in made.items()}, ".ipynb")
    write({folder / KEY: json.dumps({"inputs": key, "profile": profile}) + "\n"})
    return Pages(made, profile)


def inputs(notebooks: Mapping[str, NotebookNode], profile: str, kit: Path = KIT) -> str:
    """A digest of what outputs follow from: the solved notebooks' code, the kit, the profile."""
    digest = hashlib.sha256(profile.encode())
    for name in notebooks:
        code = [(cell.id, cell.source) for cell in solved_notebook(name, notebooks).cells if cell.cell_type == "code"]
        digest.update(json.dumps([name, code]).encode())
    for path in sorted(kit.rglob("*.py")):
        digest.update(path.relative_to(kit).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def with_outputs(ran: NotebookNode, solved: NotebookNode, stub: NotebookNode) -> NotebookNode:
    """The page of today's text with the outputs of a page made earlier of the same code."""
    outputs = {cell.id: cell for cell in ran.cells if cell.cell_type == "code"}
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = outputs[cell.id].outputs, outputs[cell.id].execution_count
    return book_notebook(solved, stub)


def _environment(folder: Path) -> dict[str, str]:
    """With a data folder of the book's own, which gets the photo sample: the book is the same on every machine."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "PS8_DATA": str(data.resolve())}


def _noted(folder: Path) -> str:
    try:
        return str(json.loads((folder / KEY).read_text(encoding="utf-8"))["inputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _kept(notebooks: Mapping[str, NotebookNode], folder: Path) -> dict[str, NotebookNode] | None:
    """The pages kept, under today's text; None if one of them is not there or not whole."""
    try:
        ran = {name: nbformat.read(folder / f"{name}.ipynb", as_version=4) for name in notebooks}
        return {
            name: with_outputs(page, solved_notebook(name, notebooks), stub_notebook(name, notebooks))
            for name, page in ran.items()
        }
    except (OSError, ValueError, KeyError):
        return None
