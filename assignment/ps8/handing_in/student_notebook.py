"""The student's notebook as a file: where it is, and what is in it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ps8.shown import Shown

NAME = "ps8.ipynb"
KINDS = ("code", "markdown", "raw")
PLACEHOLDER = "YOUR ANSWER HERE"  # of nbgrader, in a box that nobody has written in
SHOW = 'Name the file: ps8.submit("FOLDER/ps8.ipynb").'


class NoNotebook(Shown, RuntimeError):
    """No notebook could be found or read. Its text says what to do."""


@dataclass(frozen=True)
class StudentCell:
    """A cell: its number in the notebook from 1, its kind (code, markdown, raw), its text, and its names where it has them."""

    number: int
    kind: str
    source: str
    grade_id: str = ""
    id: str = ""
    is_box: bool = False

    @property
    def is_code(self) -> bool:
        return self.kind == "code"


@dataclass(frozen=True)
class Notebook:
    """A notebook that was read.

    Attributes:
        path: of the file.
        data: its bytes.
        cells: in order.
        ran: whether any cell has an output in it.
    """

    path: Path
    data: bytes
    cells: tuple[StudentCell, ...] = field(repr=False)
    ran: bool = True

    def boxes(self) -> Iterator[tuple[str, int]]:
        """The boxes of the report, and how many words are written in each."""
        for cell in self.cells:
            if cell.is_box:
                yield cell.grade_id, 0 if PLACEHOLDER in cell.source else len(cell.source.split())


def read_student_notebook(path: Path) -> Notebook:
    """Reads a notebook.

    Raises:
        NoNotebook: if it is not there, or none of Jupyter's format 4.
    """
    try:
        data = path.read_bytes()
        cells = json.loads(data)["cells"]
        read_cells = tuple(_cell(number, cell) for number, cell in enumerate(cells, 1))
        return Notebook(path, data, read_cells, any(cell.get("outputs") for cell in cells))
    except OSError as error:
        raise NoNotebook(f"{path} cannot be read: {error.strerror}. {SHOW}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NoNotebook(
            f"{path} is no notebook that Jupyter could open. Save yours again, or download it again. {SHOW}"
        ) from None


def find(namespace: Mapping[str, Any]) -> Path:
    """The notebook of this session, as it was saved last.

    Raises:
        NoNotebook: if it cannot be told which it is.
    """
    if "google.colab" in sys.modules:
        return _uploaded()
    for named in (namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")):
        if isinstance(named, str) and Path(named).is_file():
            return Path(named)
        if isinstance(named, str) and Path(Path(named).name).is_file():  # a server started in another folder
            return Path(Path(named).name)
    here = [path for path in sorted(Path().glob("*.ipynb")) if _is_ours(path)]
    if len(here) == 1:
        return here[0]
    there = ", ".join(map(str, here)) or "none"
    raise NoNotebook(f"Which file is your notebook cannot be told (notebooks of PS8 in this folder: {there}). {SHOW}")


def _uploaded() -> Path:
    """Colab's notebooks are no files of its machine: the student downloads his, and uploads it here."""
    from google.colab import files  # pyright: ignore[reportMissingImports]

    print("Colab cannot read its own notebook. Download it (File > Download > Download .ipynb), and choose that file here:")
    uploaded = files.upload()
    chosen = [Path(name) for name in uploaded if name.endswith(".ipynb")]
    if len(chosen) != 1:
        raise NoNotebook("No notebook was uploaded: run this cell again and choose the .ipynb file that you downloaded.")
    return chosen[0]


def hand_over(path: Path) -> None:
    """Lets a browser download what was written on Colab's machine, whose files go with the session."""
    if "google.colab" in sys.modules:
        from google.colab import files  # pyright: ignore[reportMissingImports]

        files.download(str(path))


def _is_ours(path: Path) -> bool:
    try:
        return any(cell.grade_id == "encoder-answer" for cell in read_student_notebook(path).cells)
    except NoNotebook:
        return False


def _cell(number: int, cell: dict[str, Any]) -> StudentCell:
    source = cell.get("source", "")
    text = (source if isinstance(source, str) else "".join(source)).replace("\r\n", "\n").replace("\r", "\n")
    metadata = cell.get("metadata", {})
    marks = metadata.get("nbgrader", {})
    kind = cell.get("cell_type")
    if kind not in KINDS:
        kind = "code" if {"outputs", "execution_count"} & cell.keys() else "markdown"
    is_box = bool(marks.get("grade")) and bool(marks.get("solution")) and kind != "code"
    name = cell.get("id") or metadata.get("id") or ""  # the second is Colab's
    return StudentCell(number, kind, text, str(marks.get("grade_id", "")), str(name), is_box)
