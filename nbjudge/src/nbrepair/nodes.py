"""Notebook nodes, and what nbgrader's metadata says of a cell. nbformat has no types of its own: it is called through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode


def new_node(entries: Mapping[str, Any] | None = None, /, **more: Any) -> NotebookNode:
    """A node of these entries, which stay as they are: what is a mapping in them becomes no node."""
    return NotebookNode(entries or {}, **more)  # type: ignore[no-untyped-call]


def from_dict(entries: Mapping[str, Any]) -> NotebookNode:
    """A node of these entries, in which every mapping is one, also in lists."""
    made: NotebookNode = nbformat.from_dict(entries)  # type: ignore[no-untyped-call]
    return made


def is_solution(cell: NotebookNode) -> bool:
    """Whether a student completes it."""
    return _mark(cell, "solution")


def is_grade(cell: NotebookNode) -> bool:
    """Whether it has points."""
    return _mark(cell, "grade")


def is_locked(cell: NotebookNode) -> bool:
    """Whether a student's changes to it do not count."""
    return not is_solution(cell) and (is_grade(cell) or _mark(cell, "locked"))


def is_test(cell: NotebookNode) -> bool:
    """Whether it is a test that is graded automatically. A graded cell that a student fills in is graded by hand."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def _mark(cell: NotebookNode, name: str) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get(name, False))
