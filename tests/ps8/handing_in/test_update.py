"""A corrected release takes nothing from a student: cells added, removed, moved and re-worded."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import ps8
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ps8.handing_in.merging import KEY, NOTE, merge, stamps
from ps8.handing_in.student_notebook import NoNotebook

from assignment.builder.lesson_notebooks import build_notebooks, stub_notebook
from autograder.course_notebooks import release
from trials.classroom.submissions import solved

Node = dict[str, Any]


def plain(notebook: Any) -> Node:
    return json.loads(json.dumps(notebook))


@pytest.fixture(scope="module")
def released() -> Node:
    return plain(release("ps8"))


@pytest.fixture(scope="module")
def student(released: Node) -> Node:
    """A student's notebook: solved, with cells of one's own and outputs."""
    made = plain(solved("ps8"))
    at = names(made).index("decoder-answer")
    made["cells"].insert(at, own("my_note = 'above the decoder'"))
    made["cells"].append(own("print('at the end')"))
    made["cells"][at + 1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "said"}]
    return made


def own(text: str) -> Node:
    return plain(nbformat.v4.new_code_cell(text))


def names(notebook: Node) -> list[str]:
    return [cell.get("id", "") for cell in notebook["cells"]]


def texts(notebook: Node) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def cell(notebook: Node, name: str) -> Node:
    return notebook["cells"][names(notebook).index(name)]


def restamped(notebook: Node) -> Node:
    """As the builder would have released it."""
    notebook["metadata"][KEY] = stamps((c["id"], "".join(c["source"])) for c in notebook["cells"])
    return notebook


def test_the_release_knows_its_cells(released: Node) -> None:
    assert released["metadata"][KEY] == stamps((c["id"], "".join(c["source"])) for c in released["cells"])
    assert plain(stub_notebook("ps8", build_notebooks()))["metadata"][KEY] == released["metadata"][KEY]


def test_the_same_release_changes_nothing(released: Node, student: Node) -> None:
    merged = merge(student, released)
    assert texts(merged.notebook) == texts(student)
    assert not (merged.added or merged.removed or merged.moved or merged.reworded or merged.around or merged.notes)
    assert merged.own == 2 and "encoder-answer" in merged.kept and "report_curve" in merged.kept
    assert cell(merged.notebook, "decoder-answer")["outputs"]
    nbformat.validate(nbformat.from_dict(merged.notebook))


@pytest.mark.parametrize("stamped", [True, False])
def test_a_corrected_release_keeps_all_that_a_student_wrote(released: Node, student: Node, stamped: bool) -> None:
    new = copy.deepcopy(released)
    cell(new, "given-loaders")["source"] = "".join(cell(new, "given-loaders")["source"]) + "\n# a corrected loader\n"
    cells = new["cells"]
    cells.remove(cell(new, "given-show-unlabelled"))
    cells.insert(5, plain(nbformat.v4.new_markdown_cell("## A new section", id="new-section-1")))
    moved = cell(new, "given-curve-ae")
    cells.remove(moved)
    cells.insert(names(new).index("given-run-ae"), moved)
    stub = cell(new, "softmax_loss-answer")
    stub["source"] = "".join(stub["source"]).replace("mean over the batch", "mean over the whole batch")
    restamped(new)
    mine = copy.deepcopy(student)
    if not stamped:
        del mine["metadata"][KEY]
    merged = merge(mine, new)
    found = [text for text in texts(merged.notebook) if text not in ("my_note = 'above the decoder'", "print('at the end')")]
    wanted = [
        "".join(cell(student, c["id"])["source"]) if c["metadata"].get("nbgrader", {}).get("solution") else "".join(c["source"])
        for c in new["cells"]
    ]
    gone = "".join(cell(released, "given-show-unlabelled")["source"])
    assert [text for text in found if text != gone] == wanted
    assert merged.own == (2 if stamped else 3)  # what is gone cannot be told from the student's own
    at = texts(merged.notebook).index("my_note = 'above the decoder'")
    assert texts(merged.notebook)[at - 1] == texts(student)[texts(student).index("my_note = 'above the decoder'") - 1]
    assert merged.added == ['"A new section"'] and "given-loaders" in merged.reworded
    assert "+# a corrected loader" in merged.reworded["given-loaders"]
    if stamped:
        assert merged.around == ["softmax_loss-answer"] and merged.removed == ["given-show-unlabelled"]
        assert set(merged.moved) & {"given-run-ae", "given-curve-ae"}
    nbformat.validate(nbformat.from_dict(merged.notebook))


def test_an_answer_that_was_not_begun_gets_the_new_stub(released: Node) -> None:
    new = copy.deepcopy(released)
    cell(new, "encoder-answer")["source"] = "class Encoder:\n    # a better comment\n    raise NotImplementedError"
    merged = merge(released, restamped(new))
    assert texts(merged.notebook) == texts(new) and merged.kept == [] and "encoder-answer" in merged.reworded


def test_what_was_changed_in_a_given_cell_stays_as_a_note(released: Node, student: Node) -> None:
    mine = copy.deepcopy(student)
    cell(mine, "given-setup")["source"] = "import my_way\n# with ``` in it"
    merged = merge(mine, released)
    at = names(merged.notebook).index("given-setup")
    assert texts(merged.notebook)[at] == "".join(cell(released, "given-setup")["source"])
    note = merged.notebook["cells"][at + 1]
    assert (
        note["cell_type"] == "markdown"
        and note["source"].startswith(NOTE)
        and "import my_way\n# with ``` in it" in note["source"]
    )
    assert merged.notes == ["given-setup"]


def test_answers_that_lost_their_names_are_found_by_what_they_define(released: Node, student: Node) -> None:
    mine = copy.deepcopy(student)
    for each in mine["cells"]:
        each["metadata"] = {}
        del each["id"]
    merged = merge(mine, released)
    for name in ("encoder-answer", "cmc_score-answer", "train_classifier-methods", "prediction"):
        assert cell(merged.notebook, name)["source"] == cell(student, name)["source"]


def test_a_copied_answer_stays_beside_it(released: Node, student: Node) -> None:
    mine = copy.deepcopy(student)
    copied = copy.deepcopy(cell(mine, "encoder-answer"))
    copied["source"] = "class Encoder:\n    another = 'try'"
    mine["cells"].insert(names(mine).index("encoder-answer") + 1, copied)
    merged = merge(mine, released)
    assert texts(merged.notebook) == texts(mine)
    assert len(set(names(merged.notebook))) == len(names(merged.notebook))


WORDS = st.text("abc \n", min_size=1, max_size=12).filter(str.strip)


def simple(draw: Any, count: int) -> Node:
    """A small release: text, given code, answers."""
    cells = []
    for n in range(count):
        kind = draw(st.sampled_from(["text", "given", "answer"]))
        new_cell = nbformat.v4.new_markdown_cell if kind == "text" else nbformat.v4.new_code_cell
        made = plain(new_cell(f"{kind} {n}", id=f"{kind}-{n}"))
        if kind != "text":
            made["metadata"]["nbgrader"] = {"grade_id": f"{kind}-{n}", "solution": kind == "answer", "locked": kind == "given"}
        cells.append(made)
    return restamped({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@st.composite
def releases_and_work(draw: Any) -> tuple[Node, Node]:
    """A student's notebook of one release, and the next release."""
    old = simple(draw, draw(st.integers(1, 7)))
    mine, new = copy.deepcopy(old), copy.deepcopy(old)
    for number in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(mine["cells"]) - 1))
        what = draw(st.sampled_from(["write", "insert", "delete", "copy"]))
        if what == "write":
            mine["cells"][at]["source"] = f"mine {number} {draw(WORDS)}"
        elif what == "insert":
            mine["cells"].insert(at, own(f"own {number} {draw(WORDS)}"))
        elif what == "delete" and len(mine["cells"]) > 1:
            del mine["cells"][at]
        elif what == "copy":
            mine["cells"].insert(at, copy.deepcopy(mine["cells"][at]))
    for number in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(new["cells"]) - 1))
        what = draw(st.sampled_from(["reword", "insert", "delete", "move"]))
        if what == "reword":
            new["cells"][at]["source"] = f"corrected {number}"
        elif what == "insert":
            new["cells"].insert(at, plain(nbformat.v4.new_markdown_cell(f"added {number}", id=f"added-{number}")))
        elif what == "delete" and len(new["cells"]) > 1:
            del new["cells"][at]
        elif what == "move":
            new["cells"].append(new["cells"].pop(at))
    return mine, restamped(new)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(releases_and_work())
def test_nothing_that_a_student_wrote_is_lost(both: tuple[Node, Node]) -> None:
    mine, new = both
    before = copy.deepcopy(both)
    merged = merge(mine, new)
    assert (mine, new) == before
    held = "\n".join(texts(merged.notebook))
    for text in texts(mine):
        assert not text.startswith(("mine", "own")) or text in held
    given_cells = [c["source"] for c in new["cells"] if not c["metadata"].get("nbgrader", {}).get("solution")]
    left = iter(texts(merged.notebook))
    assert all(text in left for text in given_cells)  # all of them, in the release's order
    ids = names(merged.notebook)
    assert len(set(ids)) == len(ids)
    again = merge(merged.notebook, new)
    assert texts(again.notebook) == texts(merged.notebook)


def test_it_is_shown_before_it_is_written(released: Node, student: Node, capsys: pytest.CaptureFixture) -> None:
    Path("ps8.ipynb").write_text(json.dumps(student))
    Path("new.ipynb").write_text(json.dumps(released))
    ps8.update("new.ipynb", notebook="ps8.ipynb", namespace={})
    assert "Cells of your own that are kept: 2." in (out := capsys.readouterr().out)
    assert "Nothing is written yet. ps8.update('new.ipynb', write=True) writes ps8-updated.ipynb" in out
    assert not Path("ps8-updated.ipynb").exists()
    for name in ("ps8-updated.ipynb", "ps8-updated-2.ipynb"):
        ps8.update("new.ipynb", write=True, notebook="ps8.ipynb", namespace={})
        assert texts(json.loads(Path(name).read_text())) == texts(student)
    assert json.loads(Path("ps8.ipynb").read_text()) == student


def test_what_cannot_be_read_is_told(released: Node) -> None:
    Path("ps8.ipynb").write_text(json.dumps(released))
    for new, told in (("none.ipynb", "cannot be read"), ("http://127.0.0.1:9/ps8.ipynb", "cannot be fetched")):
        with pytest.raises(NoNotebook, match=told):
            ps8.update(new, notebook="ps8.ipynb", namespace={})
