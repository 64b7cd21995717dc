"""The exporter reads any file, by itself and within nbconvert."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbjudge.nbgrader_ext.exporter import TolerantExporter, read_submission
from nbjudge.repair.read import MAX_BYTES


@pytest.fixture
def exporter() -> TolerantExporter:
    exporter = TolerantExporter()
    exporter._preprocessors = []
    return exporter


@pytest.mark.parametrize("data", [b"", b"no", b"\0" * 99, b'{"cells":' + b"[" * 10**5, b"\xff\xfe\x00", b"null", b"7"])
def test_what_cannot_be_read_becomes_an_empty_notebook(exporter, tmp_path, data):
    path = tmp_path / "ps8.ipynb"
    path.write_bytes(data)
    output, resources = exporter.from_filename(str(path), resources={})
    assert nbformat.reads(output, as_version=4).cells == []
    assert resources["nbjudge"]["unreadable"] is True
    assert resources["nbjudge"]["remarks"][-1]
    assert resources["metadata"]["name"] == "ps8"


def test_a_good_one(exporter, tmp_path):
    path = tmp_path / "ps8.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("x = 1")]), path)
    output, resources = exporter.from_filename(str(path))
    assert [cell.source for cell in nbformat.reads(output, as_version=4).cells] == ["x = 1"]
    assert resources["nbjudge"] == {"remarks": [], "unreadable": False}
    assert resources["output_extension"] == ".ipynb"


def test_what_nbgrader_wrote_is_read_as_it_is(exporter, tmp_path):
    path = tmp_path / "ps8.ipynb"
    notebook = new_notebook(
        cells=[new_code_cell("x = 1", metadata={"deletable": False})], metadata={"nbjudge": {"repairs": ["a"]}}
    )
    nbformat.write(notebook, path)
    exporter.parent = None
    exporter_parent = SimpleNamespace(_sanitizing=False)
    exporter._trait_values["parent"] = exporter_parent
    output, _ = exporter.from_filename(str(path))
    written = nbformat.reads(output, as_version=4)
    assert written.metadata.nbjudge.repairs == ["a"] and written.cells[0].metadata.deletable is False


def test_odd_files_are_told_and_not_opened(tmp_path):
    pipe, link = tmp_path / "pipe.ipynb", tmp_path / "link.ipynb"
    os.mkfifo(pipe)
    link.symlink_to("/etc/passwd")
    assert "is a pipe" in read_submission(pipe).reason
    assert "is a link" in read_submission(link).reason
    assert "could not be read" in read_submission(tmp_path / "none.ipynb").reason
    assert read_submission(tmp_path).reason


def test_of_a_huge_file_only_the_beginning_is_read(tmp_path):
    path = tmp_path / "ps8.ipynb"
    whole = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": {}}).encode()
    with path.open("wb") as file:
        file.write(whole)
        file.truncate(MAX_BYTES * 40)  # zeros, which take no room on the disk
    read = read_submission(path)
    assert [cell.source for cell in read.notebook.cells] == ["x = 1"]
    assert f"{MAX_BYTES * 40 // 2**20} MB" in read.remarks[0]
