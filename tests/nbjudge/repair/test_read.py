"""Any bytes give a notebook or a reason."""

from __future__ import annotations

import base64
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbjudge.ground.pictures import REFUSED
from nbjudge.repair.lenient_json import MAX_CELLS
from nbjudge.repair.read import MAX_BYTES, MAX_SOURCE, clean, read_notebook
from nbjudge.repair.rebuild import rebuild

from trials.broken_files import written

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()


def cells_as_json(*cells: object) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def code(source: object, **more: object) -> dict:
    return {"cell_type": "code", "source": source, "metadata": {}, **more}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\0" * 4096, "empty"),
        (b" \n", "empty"),
        (b"Sorry, I am late.", "not valid JSON"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04 and so on", "a zip archive"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"import torch\n\nclass Encoder:\n    pass\n", "a Python script"),
        (b"7", "not an object"),
        (b"[]", "not an object"),
        (b'{"accuracy": 0.5}', "no cells"),
        (b'{"cells": 3}', "no cells"),
        (b'{"cells": [', "ends too early"),
        (b'{"cells":' + b"[" * 100_000, "too deeply"),
        (b'{"a":' * 100_000, "too deeply"),
        (b'{"cells": [' + b"{}," * 1_100_000, "parts"),
    ],
)
def test_what_is_no_notebook_has_a_reason(data, says):
    read = read_notebook(data)
    assert read.notebook is None
    assert says in read.reason
    assert read.reason.endswith(".")


def test_a_good_notebook_needs_no_word(good):
    read = read_notebook(written(good))
    assert not read.remarks and not read.reason
    assert [cell.source for cell in read.notebook.cells] == [cell.source for cell in good.cells]
    assert [cell.metadata.get("id") for cell in read.notebook.cells] == [cell.id for cell in good.cells]
    nbformat.validate(read.notebook)


def test_outputs_are_dropped():
    output = {"output_type": "execute_result", "data": {"text/plain": "10.0"}, "metadata": {}, "execution_count": 1}
    cell = read_notebook(cells_as_json(code("1", outputs=[output], execution_count=3))).notebook.cells[0]
    assert cell.outputs == [] and cell.execution_count is None


def test_nothing_of_the_metadata_is_kept_but_what_names_the_cell():
    nbgrader = {"grade_id": "double", "points": 1e300, "grade": "yes", "schema_version": 99, "evil": [1]}
    raw = code("1", id="x", metadata={"nbgrader": nbgrader, "huge": "x" * 10**6, "trusted": True})
    data = json.dumps({"cells": [raw], "metadata": {"kernelspec": {"name": "bash"}, "celltoolbar": "x"}}).encode()
    notebook = read_notebook(data).notebook
    assert notebook.metadata == {}
    assert set(notebook.cells[0].metadata) == {"id", "nbgrader"}
    assert notebook.cells[0].metadata.nbgrader == {
        "grade_id": "double", "schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False,
    }  # fmt: skip


@pytest.mark.parametrize("nbgrader", [7, [], {"grade_id": 7}, {"grade_id": ""}, {"grade_id": None}, {}])
def test_metadata_that_makes_no_sense_is_none(nbgrader):
    cell = code("1", metadata={"nbgrader": nbgrader})
    assert "nbgrader" not in read_notebook(cells_as_json(cell)).notebook.cells[0].metadata


def test_a_truncated_file_gives_its_whole_cells(good):
    data = written(good)
    read = read_notebook(data[: len(data) // 2])
    assert "ends too early" in read.remarks[0]
    assert 2 <= len(read.notebook.cells) < len(good.cells)
    assert [cell.source for cell in read.notebook.cells] == [cell.source for cell in good.cells[: len(read.notebook.cells)]]


def test_a_truncated_file_is_read_wherever_it_ends(good, plan):
    data = written(good)
    counts = []
    for end in range(0, len(data), 97):
        read = read_notebook(data[:end])
        assert (read.notebook is None) == bool(read.reason)
        assert rebuild(read.notebook, plan, read.remarks).notebook.cells
        counts.append(len(read.notebook.cells) if read.notebook else 0)
    assert counts == sorted(counts) and counts[-1] >= len(good.cells) - 1


def test_pictures_in_text_are_kept_if_they_are_pictures():
    attachments = {
        "curve.png": {"image/png": PNG},
        "page.svg": {"image/svg+xml": "<svg onload=alert(1)>"},
        "lie.png": {"image/png": base64.b64encode(b"<script>").decode()},
        "../../x.png": {"image/png": PNG},
        "odd.png": 7,
        "no.png": {"image/png": "%%%"},
    }
    cell = {"cell_type": "markdown", "source": "![](attachment:curve.png)", "attachments": attachments}
    kept = read_notebook(cells_as_json(cell)).notebook.cells[0].attachments
    assert kept.pop("curve.png") == {"image/png": PNG}
    none = {REFUSED: "what should be a PNG picture is none, and is not shown"}
    vector = {REFUSED: "a picture in the format SVG is not shown: only PNG and JPEG are"}
    assert kept == {"page.svg": vector, "lie.png": none, "no.png": none}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a\nb", "a\nb"),
        (["a\n", "b"], "a\nb"),
        (["a", "b"], "a\nb"),
        ([], ""),
        (None, ""),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b", "ab"),
        ("\ud83d\ude00 \ud800", "\U0001f600 \ufffd"),
    ],
)
def test_sources_of_every_shape(source, text):
    assert read_notebook(cells_as_json(code(source))).notebook.cells[0].source == text
    text.encode()


@pytest.mark.parametrize("source", [7, {"a": 1}, [1, 2], [["a"]], True])
def test_a_source_that_is_no_text_leaves_its_cell_out(source):
    read = read_notebook(cells_as_json(code(source), code("x = 1")))
    assert [cell.source for cell in read.notebook.cells] == ["x = 1"]
    assert read.remarks == ["A cell could not be read."]


def test_clean_text_can_be_written():
    assert clean("\udc80a\ud83d").encode("utf-8") == "\ufffda\ufffd".encode()


def test_bounds_on_cells_and_text():
    many = read_notebook(cells_as_json(*[code("1")] * (MAX_CELLS + 5)))
    assert len(many.notebook.cells) == MAX_CELLS and "5,000 cells" in many.remarks[0]
    long = read_notebook(cells_as_json(code("x" * (MAX_SOURCE + 1)), code("1")))
    assert [cell.source for cell in long.notebook.cells] == ["1"] and "left out" in long.remarks[0]
    much = read_notebook(cells_as_json(*[code("x" * MAX_SOURCE)] * 20))
    assert sum(len(cell.source) for cell in much.notebook.cells) <= 2**21


def test_of_a_huge_file_the_beginning_is_read():
    output = {"output_type": "stream", "name": "stdout", "text": "x" * MAX_BYTES}
    read = read_notebook(cells_as_json(code("first"), code("second", outputs=[output])))
    assert [cell.source for cell in read.notebook.cells] == ["first"]
    assert "only its first 32 MB" in read.remarks[0]


PLACE = st.integers(0, 10**6)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELD = st.sampled_from(
    [
        "cell_type",
        "source",
        "metadata",
        "id",
        "outputs",
        "attachments",
        "input",
        "level",
        "execution_count",
        "nbgrader",
        "grade_id",
    ]
)
CELL = st.dictionaries(FIELD, ANY_JSON | st.sampled_from(["code", "markdown", "raw", "heading", "double-answer"]), max_size=6)
NOTEBOOK = st.fixed_dictionaries(
    {"cells": st.lists(CELL | ANY_JSON, max_size=5)},
    optional={"nbformat": ANY_JSON, "metadata": ANY_JSON, "worksheets": ANY_JSON},
)


def rebuilt_somehow(data: bytes, plan) -> None:
    read = read_notebook(data)
    assert (read.notebook is None) == bool(read.reason)
    if read.notebook is not None:
        nbformat.validate(read.notebook)
    notebook = rebuild(read.notebook, plan, read.remarks).notebook
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()
    assert [cell.id for cell in notebook.cells if cell.id in plan.by_key] == [slot.key for slot in plan.slots]


@settings(max_examples=100, deadline=None, database=None)
@given(data=st.binary(max_size=400))
def test_any_bytes(data, shared_plan):
    rebuilt_somehow(data, shared_plan)


@settings(max_examples=120, deadline=None, database=None)
@given(raw=NOTEBOOK | ANY_JSON)
def test_any_json(raw, shared_plan):
    rebuilt_somehow(json.dumps(raw).encode(), shared_plan)


@settings(max_examples=100, deadline=None, database=None)
@given(changes=st.lists(st.tuples(PLACE, st.integers(0, 255)), min_size=1, max_size=6), cut=PLACE)
def test_any_damage(changes, cut, shared_plan, good_bytes):
    data = bytearray(good_bytes)
    for place, value in changes:
        data[place % len(data)] = value
    rebuilt_somehow(bytes(data[: 1 + cut % len(data)]) if cut % 3 == 0 else bytes(data), shared_plan)
