"""The door to nbformat changes nothing of what nbformat does."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbjudge.ground import notebooks


@pytest.fixture
def notebook() -> NotebookNode:
    made = notebooks.new_notebook(notebooks.new_markdown_cell("# One"), notebooks.new_code_cell("1 + 1"))
    made.cells[1].outputs = [notebooks.new_output("execute_result", {"text/plain": "2"}, {"caption": "two"})]
    return made


def test_new_cells_and_outputs_are_valid(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code"]
    assert notebook.cells[1].outputs[0].metadata == {"caption": "two"}
    assert notebooks.new_output("display_data", {"text/plain": "x"}).metadata == {}


def test_what_is_written_is_read(notebook: NotebookNode, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    notebooks.write(notebook, path)
    assert notebooks.read(path) == notebooks.reads(notebooks.writes(notebook)) == notebook


def test_a_file_of_format_3_is_read_as_one_of_format_4(tmp_path: Path) -> None:
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1")])])
    text = nbformat.v3.writes_json(old)
    (tmp_path / "old.ipynb").write_text(text)
    for read in (notebooks.reads(text), notebooks.read(tmp_path / "old.ipynb")):
        assert read.nbformat == 4
        assert read.cells[0].source == "x = 1"


def test_a_node_keeps_its_entries_and_a_tree_is_nodes_all_the_way_down() -> None:
    inner = {"b": [{"c": 1}]}
    kept = notebooks.new_node({"a": inner}, more=2)
    assert isinstance(kept, NotebookNode)
    assert kept.a is inner
    assert kept.more == 2
    assert notebooks.new_node() == {}
    assert notebooks.from_dict({"a": inner}).a.b[0].c == 1
