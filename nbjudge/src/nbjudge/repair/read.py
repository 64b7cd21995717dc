"""Reads whatever was handed in as a notebook. Any bytes give a notebook or a reason, never an exception.

nbformat's own reading raises on a missing field, makes up random ids and validates what is about to be replaced anyway; so the
few things that count, each cell's kind, source and names, are taken here one by one. Stored outputs are dropped while reading.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbrepair.remarks import Remark

from nbjudge.ground.characters import code_text as clean
from nbjudge.ground.notebooks import new_node
from nbjudge.ground.pictures import REFUSED, NoPicture, picture_of
from nbjudge.repair import file_types
from nbjudge.repair.conflict import are_other_cells, decided, has_conflict, resolved, say
from nbjudge.repair.exports import read_export
from nbjudge.repair.lenient_json import MAX_CELLS, Loader, cells_of, readable_worth

MAX_BYTES = 32 * 2**20
MAX_PARTS = 1_000_000  # objects and arrays: an empty one costs 60 bytes for the file's two
MAX_SOURCE = 2**18  # characters of one cell
MAX_TEXT = 2**21  # characters of all cells

NO_CELLS = "the file is JSON, but has no cells"

_PICTURE_NAME = re.compile(r"[\w .()+-]{1,100}")
_BITS = ("grade", "solution", "locked", "task")


@dataclass
class Read:
    """What reading a file gave.

    Attributes:
        notebook: nbformat 4.5, without outputs, each cell with at most its nbgrader metadata and, as `metadata.id`, its old id.
            None if the file could not be read.
        remarks: what had to be mended, a sentence each; a `Remark` with `cost` where something may have been lost.
        reason: why there is no notebook. Empty if there is one.
    """

    notebook: NotebookNode | None = None
    remarks: list[str] = field(default_factory=list)
    reason: str = ""


def read_notebook(data: bytes, size: int | None = None) -> Read:
    """Reads a submission's notebook, whatever is in the file. Raises nothing.

    Args:
        data: the file's bytes; of a very large file the first ones do.
        size: bytes of the whole file, if `data` is not all.
    """
    read = Read()
    try:
        _read(data, size or len(data), read)
    except Exception as error:  # whatever a file may hold that nobody thought of
        read.notebook, read.reason = None, f"The notebook could not be read ({type(error).__name__})."
    return read


def _read(data: bytes, size: int, read: Read) -> None:
    if size > MAX_BYTES:
        large = f"The notebook's file has {size / 2**20:.0f} MB: only its first {MAX_BYTES // 2**20} MB were read. "
        read.remarks.append(Remark(large + "Clear the outputs before you hand in.", cost=True))
        data = data[:MAX_BYTES]
    if not data.strip(b"\0 \t\r\n"):
        read.reason = Remark("The notebook's file is empty.", cost=True)
        return
    text = _decoded(data, read.remarks)
    if text.count("{") + text.count("[") > MAX_PARTS:
        read.reason = Remark(f"The notebook's file holds more than {MAX_PARTS:,} parts and was not read.", cost=True)
        return
    cells, problem = _cells(text, read.remarks)
    if cells:
        read.notebook = _notebook(cells, read.remarks)
    elif cells is not None and not problem:
        read.notebook = _notebook([], read.remarks)
    else:
        read.reason = Remark(
            f"This is not a notebook: {file_types.of_content(data, problem)}. Hand in the .ipynb file itself.", cost=True
        )


def _cells(text: str, remarks: list[str]) -> tuple[list[Any] | None, str]:
    """The cells in a file's text, and what was wrong with it: of JSON, whole or broken, or of a notebook's export."""
    loader = Loader()
    raw, problem = loader.whole(text, remarks)
    if raw is None and has_conflict(text):
        text, count = resolved(text, readable_worth, are_other_cells)
        remarks.append(say(count))
        loader = Loader()
        raw, problem = loader.whole(text, remarks)
    if raw is None:
        if not text.lstrip().startswith("{") and (export := read_export(text)):
            remarks.append(export.remark)
            return export.cells, ""
        rescued = loader.rescued(text)
        if rescued:
            found = "a cell" if len(rescued) == 1 else f"{len(rescued)} cells"
            remarks.append(Remark(f"The notebook's file is damaged ({problem}): {found} could be read.", cost=True))
        return rescued, problem
    if (cells := cells_of(raw)) is None:
        return None, NO_CELLS
    if loader.doubled:
        remarks.append("The notebook's file gives some fields twice: the last of each was read.")
    if "cells" not in raw:
        remarks.append("The notebook was in an old format (nbformat 3 or before): brought up to date.")
    return cells, ""


def _decoded(data: bytes, remarks: list[str]) -> str:
    """The file as text. NUL characters, which no JSON has, are taken out."""
    encodings = dict.fromkeys([json.detect_encoding(data), "utf-8"])
    texts = {encoding: data.decode(encoding, "replace") for encoding in encodings}
    encoding = next((name for name, text in texts.items() if '"cell' in text), next(iter(texts)))
    text = texts[encoding]
    if encoding == "utf-8-sig":
        remarks.append("The notebook's file began with a byte order mark, as some editors write: ignored.")
    elif encoding != "utf-8":
        remarks.append(f"The notebook's file was saved as {encoding.upper()}: read as that.")
    if "\ufffd" in text and not _decodes(data, encoding):
        remarks.append("Some bytes of the notebook's file are no text: shown as \ufffd.")
    if "\0" in text:
        text = text.replace("\0", "")
        remarks.append("The notebook's file held NUL characters: taken out.")
    return text


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _notebook(cells: list[Any], remarks: list[str]) -> NotebookNode:
    if len(cells) > MAX_CELLS:
        remarks.append(Remark(f"The notebook has more than {MAX_CELLS:,} cells: the others were left out.", cost=True))
    nodes, odd, left_out, size, conflicts = [], 0, 0, 0, 0
    for number, cell in enumerate(cells[:MAX_CELLS]):
        node = _cell(cell, number) if isinstance(cell, dict) else None
        if node is not None and has_conflict(node.source):
            node.source, count = decided(node)
            conflicts += count
        if node is None:
            odd += 1
        elif len(node.source) > MAX_SOURCE or size + len(node.source) > MAX_TEXT:
            left_out += 1
        else:
            nodes.append(node)
            size += len(node.source)
    if conflicts:
        remarks.append(say(conflicts))
    if odd:
        told = f"{odd} of the notebook's cells could not be read." if odd > 1 else "A cell could not be read."
        remarks.append(Remark(told, cost=True))
    if left_out:
        what = f"{left_out} cells were" if left_out > 1 else "A cell was"
        long = f"{what} left out: more than {MAX_SOURCE:,} characters in one, or {MAX_TEXT:,} in all."
        remarks.append(Remark(long, cost=True))
    return new_node(cells=nodes, metadata=new_node(), nbformat=4, nbformat_minor=5)


def _cell(cell: dict[str, Any], number: int) -> NotebookNode | None:
    source = _joined(cell["source"] if "source" in cell else cell.get("input"))
    if source is None:
        return None
    kind = cell.get("cell_type")
    if kind == "heading":
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + " ".join(source.split())
    if kind not in ("code", "markdown", "raw"):
        known_code = kind not in ("heading", "html", "text") and {"outputs", "execution_count", "input"} & set(cell)
        kind = "code" if known_code else "markdown"
    node = new_node(cell_type=kind, id=f"cell-{number}", metadata=_metadata(cell), source=clean(source))
    if kind == "code":
        node.execution_count, node.outputs = None, []
    elif kind == "markdown" and (pictures := _pictures(cell.get("attachments"))):
        node.attachments = pictures
    return node


def _joined(source: Any) -> str | None:
    if source is None or isinstance(source, str):
        return source or ""
    if not isinstance(source, list) or not all(isinstance(line, str) for line in source):
        return None
    bare = len(source) > 1 and not any(line.endswith("\n") for line in source[:-1])
    return ("\n" if bare else "").join(source)


def _metadata(cell: dict[str, Any]) -> NotebookNode:
    """Of a student's metadata, what may help to tell which cell this was: nothing here is believed."""
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kept = new_node()
    for name in (cell.get("id"), metadata.get("id")):  # the second is Colab's
        if isinstance(name, str) and 0 < len(name) <= 100:
            kept["id"] = clean(name)
            break
    given = metadata.get("nbgrader")
    if isinstance(given, dict) and isinstance(given.get("grade_id"), str) and given["grade_id"]:
        nbgrader = new_node({bit: given.get(bit) is True for bit in _BITS})
        nbgrader.grade_id, nbgrader.schema_version = clean(given["grade_id"][:100]), 3
        points = given.get("points")
        if isinstance(points, int | float) and 0 <= points < 1e6:  # no NaN is
            nbgrader.points = points
        kept.nbgrader = nbgrader
    return kept


def _pictures(attachments: Any) -> NotebookNode:
    """Pictures pasted into a text; in place of one that is not shown, why it is not."""
    kept = new_node()
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        if not isinstance(bundle, dict) or not _PICTURE_NAME.fullmatch(name):
            continue
        try:
            picture = picture_of(bundle)
        except NoPicture as why:
            kept[name] = new_node({REFUSED: str(why)})
        else:
            if picture:
                kept[name] = new_node({picture.mime: picture.data})
    return kept
