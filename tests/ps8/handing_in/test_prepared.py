"""A student's notebook is put right as the grader does it, whatever has happened to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.repair.plan import plan_of
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild
from nbrepair.plan import Plan
from nbrepair.slicing import cells_to_run
from ps8.handing_in.prepared import plans, prepare
from ps8.handing_in.student_notebook import NoNotebook, read_student_notebook
from ps8.questions import ROOMS

from autograder.paths import ASSIGNMENT, COURSE
from trials.broken_files import BREAKS
from trials.classroom.submissions import solved

# Files that no Jupyter opens: `submit` packs none of them, and says so.
REFUSED = {
    "nbformat_3",
    "broken_output",
    "junk_behind",
    "zeros_behind",
    "merge_conflict",
    "characters_lost",
    "fields_missing",
    "deep_output",
}


def of_grader(name: str) -> Plan:
    return plan_of(COURSE / "source" / ASSIGNMENT / f"{name}.ipynb", course_config(COURSE))


@pytest.fixture(scope="module")
def good() -> NotebookNode:
    return solved("ps8")


def test_the_released_notebook_gives_the_plan_that_the_instructors_gives() -> None:
    for mine, name in zip(plans(), ("ps8", "nce"), strict=True):
        theirs = of_grader(name)
        assert mine.reserved == theirs.reserved
        for one, other in zip(mine.slots, theirs.slots, strict=True):
            told = [(slot.key, slot.role, slot.names, slot.released, slot.label) for slot in (one, other)]
            assert told[0] == told[1]


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_put_right_is_what_the_grader_puts_right(broken: str, good: NotebookNode, tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_bytes(BREAKS[broken](good))
    theirs = rebuild(read_notebook(path.read_bytes()).notebook, of_grader("ps8"))
    try:
        mine = prepare(read_student_notebook(path))
    except NoNotebook:
        assert broken in REFUSED
        return
    assert broken not in REFUSED
    assert mine.remarks == theirs.remarks
    asked = [name for name in ROOMS if name in of_grader("ps8").by_key]
    run = cells_to_run(theirs.notebook, asked)
    pairs = zip(mine.cells, theirs.notebook.cells, strict=True)
    for place, (one, other) in enumerate(pairs):
        assert (one.id, one.cell_type, place in mine.run) == (other.id, other.cell_type, place in run)
        if place in run:
            assert one.source == other.source


def test_an_answer_that_stands_elsewhere_is_told_with_its_cell(good: NotebookNode, tmp_path: Path) -> None:
    notebook = json.loads(BREAKS["answers_at_the_end"](good))
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(notebook))
    mine = prepare(read_student_notebook(path))
    (number,) = mine.taken["encoder"]
    assert "class Encoder(" in "".join(notebook["cells"][number - 1]["source"]) and not mine.open
