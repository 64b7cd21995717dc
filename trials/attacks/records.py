"""Attacks 43 to 49: on what the file says of itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from trials.attacks.base import QUESTION, Attack, Files, Scene, plain, text
from trials.classroom.mutations import cell_of


def metadata(scene: Scene) -> bytes:
    """More points, other ids, an unlocked test, another kernel and language."""
    notebook = plain()(scene)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader")
        if about and about.get("grade"):
            about.update(
                points=1e9, locked=False, solution=True, grade=True, cell_type="markdown", checksum="0", schema_version=99
            )
    notebook.metadata["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "sh", "argv": ["sh"]}
    notebook.metadata["language_info"] = {"name": "ruby", "pygments_lexer": "../../etc/passwd"}
    notebook.metadata["nbgrader"] = {"score": 100}
    return text(notebook)


def swapped_ids(scene: Scene) -> bytes:
    """The wrong answer under every question's grade id."""
    notebook = plain()(scene)
    wrong = cell_of(notebook, f"{QUESTION}-answer")
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader")
        if about and about.get("grade") and wrong is not None:
            about["grade_id"], about["points"] = QUESTION, 100
    return text(notebook)


def copies(scene: Scene) -> bytes:
    """Fifty copies of the test cell and the answer, ids and all, in the place of other cells."""
    notebook = plain()(scene)
    cells = [cell_of(notebook, QUESTION), cell_of(notebook, f"{QUESTION}-answer")]
    for _ in range(25):
        notebook.cells[:0] = [copy.deepcopy(cell) for cell in cells if cell is not None]
    return text(notebook)


def retyped(scene: Scene) -> bytes:
    """Test cells become text, answers become raw, the order is turned round."""
    notebook = plain()(scene)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and cell.cell_type == "code":
            cell.cell_type, cell.source = "markdown", "10 / 10"
    notebook.cells.reverse()
    return text(notebook)


def none_left(scene: Scene) -> bytes:
    """No cell of the assignment, one that claims everything."""
    claim = NotebookNode(cell_type="code", metadata=NotebookNode(), execution_count=1, source="10.0", outputs=[], id="claim")
    notebook = plain()(scene)
    notebook.cells = [claim]
    return text(notebook)


def another_name(scene: Scene) -> Files:
    """Another student's name in metadata, in a path below, and in a timestamp."""
    notebook = plain()(scene)
    notebook.metadata["student"] = notebook.metadata["nbgrader"] = {"student_id": "ada", "student": "ada"}
    return {"ps8.ipynb": text(notebook), "ada/ps8/ps8.ipynb": b"{}", "student": b"ada", ".student": b"ada"}


def timestamp(content: bytes) -> Callable[[Scene], Files]:
    return lambda scene: {"ps8.ipynb": text(plain()(scene)), "timestamp.txt": content}


def outputs(scene: Scene) -> bytes:
    """Every test cell has outputs that say full marks."""
    notebook = plain()(scene)
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "100.0"}, metadata={"ps8": {"status": "right"}})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [copy.deepcopy(result)], 1
    return text(notebook)


def wrecked(change: Callable[[bytes], bytes]) -> Callable[[Scene], bytes]:
    return lambda scene: change(text(plain()(scene)))


def _old(data: bytes) -> bytes:
    """Nbformat 3, with a worksheet that claims a score."""
    raw = json.loads(data)
    cells = [
        {"cell_type": c["cell_type"], "input": "".join(c["source"]), "outputs": [], "language": "ruby"} for c in raw["cells"]
    ]
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "../ada"}, "worksheets": [{"cells": cells}]}
    ).encode()


ATTACKS = [
    Attack("metadata", 43, "changes points, locks, kernel and language", metadata),
    Attack("swapped-ids", 43, "puts one question's grade id on every test", swapped_ids, "restored"),
    Attack("copies", 44, "copies the test cell fifty times, ids and all", copies, "more than once"),
    Attack("retyped", 44, "turns test cells into text and the order round", retyped, "turned into text"),
    Attack("none-left", 44, "deletes every cell but one that says 10.0", none_left, "right file"),
    Attack("another-name", 45, "claims to be another student", another_name),
    Attack("timestamp-early", 46, "hands in a time stamp before the deadline", timestamp(b"2001-01-01 00:00:00 UTC")),
    Attack("timestamp-broken", 46, "hands in a time stamp that is none", timestamp(b"\xff\xfe tomorrow, 25:61 \x00")),
    Attack("timestamp-far", 46, "hands in a time stamp of another age", timestamp(b"99999-13-45 99:99:99.9 XYZ+99:99")),
    Attack("not-json", 47, "hands in bytes that are no notebook", lambda scene: bytes(range(256)) * 64, "not a notebook"),
    Attack("old-format", 47, "hands in nbformat 3 in another language", wrecked(_old), "old format"),
    Attack("truncated", 47, "hands in half a file", wrecked(lambda data: data[: len(data) // 2]), "damaged"),
    Attack("bom", 47, "begins with a byte order mark", wrecked(lambda data: b"\xef\xbb\xbf" + data), "byte order mark"),
    Attack("utf-16", 47, "hands in UTF-16", wrecked(lambda data: data.decode().encode("utf-16")), "UTF-16"),
    Attack("nul", 47, "puts NUL between the bytes", wrecked(lambda data: data.replace(b"\n", b"\0\n"))),
    Attack("wrong-types", 47, "has numbers for texts and texts for lists",
       wrecked(lambda data: data.replace(b'"metadata": {', b'"outputs": 3, "metadata": {').replace(b'"source": [', b'"source": [7,'))),
    Attack("empty-file", 47, "hands in nothing", lambda scene: b"", "empty"),
    Attack("stored-outputs", 49, "has full marks stored as outputs of every cell", outputs),
]  # fmt: skip
