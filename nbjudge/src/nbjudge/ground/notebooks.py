"""The door to nbformat, which has no types of its own: what is called there is called through these, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbrepair.nodes import from_dict, new_node

__all__ = [
    "from_dict",
    "new_code_cell",
    "new_markdown_cell",
    "new_node",
    "new_notebook",
    "new_output",
    "read",
    "reads",
    "write",
    "writes",
]


def read(path: Path) -> NotebookNode:
    """A file's notebook, brought to format 4."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def reads(text: str) -> NotebookNode:
    """A text's notebook, brought to format 4."""
    notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Writes a notebook into a file."""
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def writes(notebook: NotebookNode) -> str:
    """A notebook's text."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text


def new_notebook(*cells: NotebookNode, **more: Any) -> NotebookNode:
    """A notebook of these cells, and of more such as its metadata."""
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=list(cells), **more)  # type: ignore[no-untyped-call]
    return notebook


def new_code_cell(source: str, **more: Any) -> NotebookNode:
    """A code cell that was not run, and more such as its id."""
    cell: NotebookNode = nbformat.v4.new_code_cell(source, **more)  # type: ignore[no-untyped-call]
    return cell


def new_markdown_cell(source: str, **more: Any) -> NotebookNode:
    """A cell of text, and more such as its id."""
    cell: NotebookNode = nbformat.v4.new_markdown_cell(source, **more)  # type: ignore[no-untyped-call]
    return cell


def new_output(kind: str, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> NotebookNode:
    """An output of a cell: `display_data` or `execute_result`."""
    more = {} if metadata is None else {"metadata": metadata}
    output: NotebookNode = nbformat.v4.new_output(kind, data=data, **more)  # type: ignore[no-untyped-call]
    return output
