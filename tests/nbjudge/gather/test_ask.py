"""The name that evidence is kept under holds what runs and where it stands, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbjudge.gather.ask import ask, program_key
from nbjudge.grade.prepare import plans
from nbjudge.judge.judge import CriteriaJudge
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild
from nbrepair.nodes import is_test
from nbrepair.slicing import cells_to_run

from autograder.definition import PS8, at
from autograder.questions import QUESTIONS
from trials.classroom.submissions import solved

JUDGED = ["encoder", "decoder"]
WORDS = ["x = 1", "y = x", "helper()", "import os", "def helper():\n    return x", "z = 3"]
KINDS = ["own", "given", "answer", "text"]
cells = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(WORDS)), min_size=1, max_size=8)


def made(drawn: list[tuple[str, str]]) -> NotebookNode:
    """A notebook of such cells with a test that is judged in its midst and, at its end, one more and an ordinary one."""
    nb = nbformat.v4.new_notebook()
    for kind, source in drawn:
        nb.cells.append(cell(kind, source))
    nb.cells.insert(len(nb.cells) // 2, cell("test", "assert True", "encoder"))
    nb.cells += [cell("test", "assert True", "decoder"), cell("test", "assert z", "ordinary")]
    for number, one in enumerate(nb.cells):
        one.id = f"cell-{number}"
    return nb


def cell(kind: str, source: str, name: str = "") -> NotebookNode:
    if kind == "text":
        return nbformat.v4.new_markdown_cell(source)
    new = nbformat.v4.new_code_cell(source)
    if kind != "own":
        facts = {"locked": kind in ("given", "test"), "solution": kind == "answer", "grade": kind == "test"}
        new.metadata["nbgrader"] = {"grade_id": name or f"{kind}-{source}", **facts}
    return new


def program(nb: NotebookNode) -> list[tuple[Any, ...]]:
    """What happens when the notebook is gathered, told in full."""
    run = cells_to_run(nb, JUDGED)
    steps: list[tuple[Any, ...]] = []
    for index, one in enumerate(nb.cells):
        if is_test(one) and one.metadata.nbgrader.grade_id in JUDGED:
            steps.append(("probe", one.metadata.nbgrader.grade_id))
        elif is_test(one) or index in run:
            steps.append(("run", one.id, one.source))
    return steps


@settings(max_examples=300, deadline=None)
@given(cells, st.data())
def test_an_edit_changes_the_key_if_and_only_if_it_changes_what_runs_or_where(drawn: list, data: st.DataObject) -> None:
    before = made(drawn)
    after = copy.deepcopy(before)
    edit = data.draw(st.sampled_from(["insert", "delete", "source", "move", "output", "metadata", "lock", "id"]))
    place = data.draw(st.integers(0, len(after.cells) - 1))
    one = after.cells[place]
    if edit == "insert":
        new = cell(data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(WORDS)))
        new.id = "new"
        after.cells.insert(place, new)
    elif edit == "delete":
        del after.cells[place]
    elif edit == "source":
        one.source = data.draw(st.sampled_from([*WORDS, one.source + "  # a word more"]))
    elif edit == "move":
        after.cells.insert(data.draw(st.integers(0, len(after.cells) - 1)), after.cells.pop(place))
    elif edit == "output" and one.cell_type == "code":
        one.outputs = [nbformat.v4.new_output("stream", text="10")]
        one.execution_count = 7
    elif edit == "metadata":
        one.metadata["tags"] = ["mine"]
    elif edit == "lock" and "nbgrader" in one.metadata and not is_test(one):
        one.metadata.nbgrader.locked = not one.metadata.nbgrader.locked
    elif edit == "id":
        one.id = "another"
    assert (program_key(before, JUDGED) == program_key(after, JUDGED)) == (program(before) == program(after))


@pytest.fixture(scope="module")
def judge() -> CriteriaJudge:
    return CriteriaJudge(b"a secret of this test, 32 bytes.", QUESTIONS)


def prepared(nb: NotebookNode) -> NotebookNode:
    read = read_notebook(nbformat.writes(nb).encode())
    return rebuild(read.notebook, plans(at())["ps8"], read.remarks).notebook


def test_texts_more_in_a_submission_change_neither_the_key_nor_the_names_of_its_cells(judge: CriteriaJudge) -> None:
    plain, wordy = solved("ps8"), solved("ps8")
    for nb in (plain, wordy):
        nb.cells.insert(20, nbformat.v4.new_code_cell("seen = 1"))
    for place in (1, 19, 20, 30):
        wordy.cells.insert(place, nbformat.v4.new_markdown_cell(f"A note of mine, number {place}."))
    one, other = prepared(plain), prepared(wordy)
    assert len(other.cells) == len(one.cells) + 4
    assert ask(one, PS8, judge) == ask(other, PS8, judge)
    code = [[cell.id for cell in nb.cells if cell.cell_type == "code"] for nb in (one, other)]
    assert code[0] == code[1]


def test_an_own_cell_above_a_test_is_another_program_than_below_it(judge: CriteriaJudge) -> None:
    names = []
    for step in (0, 1):
        nb = solved("ps8")
        test = next(i for i, one in enumerate(nb.cells) if one.metadata.get("nbgrader", {}).get("grade_id") == "encoder")
        nb.cells.insert(test + step, nbformat.v4.new_code_cell("del Encoder"))
        names.append(ask(prepared(nb), PS8, judge).key)
    assert names[0] != names[1]


def test_another_student_meets_other_inputs_with_the_same_answers(judge: CriteriaJudge) -> None:
    nb = prepared(solved("ps8"))
    assert len({ask(nb, PS8, judge, f"student{number}").key for number in range(40)}) == 8


def test_of_another_assignment_nothing_is_judged() -> None:
    nb = nbformat.v4.new_notebook(cells=[cell("test", "assert 1", "encoder")])
    assert ask(nb, PS8, None).seeds == {}


def test_what_lies_beside_it_counts_by_name_and_content() -> None:
    nb = made([("own", "open('a').read()")])
    keys = [program_key(nb, JUDGED, files) for files in ({}, {"a": b"1"}, {"a": b"2"}, {"b": b"1"}, {"a": b"1", "b": b"1"})]
    assert len(set(keys)) == 5 and program_key(nb, JUDGED) == keys[0]
    assert program_key(nb, JUDGED, {"b": b"1", "a": b"1"}) == keys[4]  # in whichever order they were found
