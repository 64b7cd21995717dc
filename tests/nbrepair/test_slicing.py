from __future__ import annotations

import warnings

import nbformat
import pytest
from nbformat import NotebookNode
from nbrepair.nodes import is_test
from nbrepair.slicing import answer_cells, answer_text, cells_to_run, global_names

from autograder.questions import QUESTIONS
from trials.classroom.submissions import solved

JUDGED = ["encoder"]  # somewhere below


def notebook(*cells: tuple[str, str]) -> NotebookNode:
    """Cells of the kinds given (locked), answer (a solution), test and own (a student's)."""
    made = []
    for number, (kind, source) in enumerate(cells):
        cell = nbformat.v4.new_code_cell(source)
        if kind != "own":
            facts = {"locked": kind in ("given", "test"), "solution": kind == "answer", "grade": kind == "test"}
            cell.metadata["nbgrader"] = {"grade_id": f"c{number}", **facts}
        made.append(cell)
    return nbformat.v4.new_notebook(cells=made)


def test_given_cells_run_only_if_something_needs_them() -> None:
    nb = notebook(
        ("given", "import torch\ncfg = 1"),
        ("given", "data = load()"),
        ("answer", "def f(data):\n    return torch.zeros(data)"),
        ("given", "result = f(data)\nprint(result)"),
    )
    assert cells_to_run(nb, JUDGED) == {0, 2}


def test_needs_are_followed_through_given_cells() -> None:
    nb = notebook(
        ("given", "import numpy as np"),
        ("given", "def helper():\n    return np.zeros(3)"),
        ("given", "unrelated = np.ones(3)"),
        ("answer", "class C:\n    def g(self):\n        return helper()"),
    )
    assert cells_to_run(nb, JUDGED) == {0, 1, 3}


def test_every_cell_of_the_students_own_runs() -> None:
    nb = notebook(("own", "C.method = lambda self: 1"), ("given", "x = 1"), ("own", "%timeit x"))
    assert cells_to_run(nb, JUDGED) == {0, 1, 2}


def test_what_an_ordinary_test_needs_is_run_too() -> None:
    nb = notebook(("given", "table = [1]"), ("given", "other = 2"), ("test", "assert table"))
    assert cells_to_run(nb, JUDGED) == {0}


def test_where_no_test_is_judged_all_is_run_as_nbgrader_does() -> None:
    nb = notebook(("given", "import random\nrandom.seed(1)"), ("given", "print(1)"), ("answer", "x = 1"), ("test", "assert x"))
    assert cells_to_run(nb, []) == {0, 1, 2}


def test_a_cell_that_is_graded_by_hand_is_run_and_is_no_test() -> None:
    nb = notebook(("test", "assert True"), ("answer", "plot()"))
    nb.cells[1].metadata["nbgrader"]["grade"] = True
    assert [is_test(cell) for cell in nb.cells] == [True, False]
    assert cells_to_run(nb, JUDGED) == {1}


def test_a_local_name_is_not_a_need_and_a_global_one_is() -> None:
    assert "data" not in global_names("def f(data):\n    return data")
    assert "data" in global_names("def f(x, data=None):\n    return x\n\ndef g():\n    return data")
    assert "data" in global_names("class A:\n    size = len(data)")


@pytest.mark.parametrize("broken", ["def f(:\n  data", "%%time\ndata", "!ls data", "(" * 200 + "data"])
def test_of_what_is_not_plain_python_every_word_counts(broken: str) -> None:
    assert "data" in global_names(broken)


@pytest.mark.parametrize("name", ["ps8", "nce"])
def test_no_training_of_the_lesson_is_needed_by_right_answers(name: str) -> None:
    nb = solved(name)
    run = [nb.cells[i].metadata.get("nbgrader", {}).get("grade_id", "") for i in cells_to_run(nb, QUESTIONS)]
    assert "given-setup" in run
    assert not [cell for cell in run if cell.startswith(("given-run", "given-sanity", "given-debug"))]


def test_an_answers_cells_are_those_above_its_test_and_below_the_one_before() -> None:
    nb = notebook(
        ("answer", "a"),
        ("given", "g"),
        ("own", "o"),
        ("answer", "b"),
        ("test", "t1"),
        ("answer", "c"),
        ("test", "t2"),
        ("test", "t3"),
    )
    nb.cells.insert(2, nbformat.v4.new_markdown_cell("words"))
    nb.cells[2].metadata["nbgrader"] = {"grade_id": "w", "solution": True, "grade": True, "locked": False}
    assert answer_cells(nb) == {"c4": [0, 4], "c6": [6], "c7": []}
    assert answer_text(nb, "c4") == "a\nb" and answer_text(nb, "c6") == "c"
    assert answer_text(nb, "c7") == answer_text(nb, "none") == ""


def test_an_answer_below_the_last_test_is_nobodys() -> None:
    assert answer_cells(notebook(("answer", "a"), ("test", "t"), ("answer", "b"))) == {"c1": [0]}


def test_a_need_of_a_need_is_followed_and_what_a_cell_defines_itself_is_none() -> None:
    nb = notebook(
        ("given", "first = 1"),
        ("given", "second = first"),
        ("given", "third = second\nfirst_of_third = third"),
        ("given", "aside = 4"),
        ("test", "assert first_of_third"),
        ("test", "aside"),
    )
    assert cells_to_run(nb, ["c5"]) == {0, 1, 2}
    assert cells_to_run(nb, ["c4", "c5"]) == set()
    assert cells_to_run(nb, ["c4"]) == {3}


def test_what_a_given_cell_takes_and_binds_itself_brings_no_other_cell() -> None:
    nb = notebook(("given", "x = 1"), ("given", "x = 2\ny = x"), ("answer", "y"))
    assert cells_to_run(nb, JUDGED) == {1, 2}


def test_what_is_called_within_is_taken_from_outside() -> None:
    inner = "def f():\n    def g():\n        return deep(lambda: deeper)\n    return [inner for own in outer]\n"
    source = inner + "class A(base):\n    x: kind = 1"
    assert {"deep", "deeper", "outer", "inner", "base", "kind"} <= global_names(source)
    assert not {"own"} & global_names(source)
    assert global_names("x = 1") == set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert global_names("data = '\\d'\nprint(data)") == {"print", "data"}


@pytest.mark.parametrize("source", ["x += 1", "del x", "if y:\n    x -= 1", "class A:\n    x *= 2", "for x.y in z: pass"])
def test_what_is_changed_or_deleted_must_be_there(source: str) -> None:
    """`count += 1` in a student's cell did not bring the given `count = 0`, and failed."""
    assert "x" in global_names(source)
    assert cells_to_run(notebook(("given", "x = 0"), ("own", source)), JUDGED) == {0, 1}


def test_what_a_function_counts_is_its_own() -> None:
    assert "x" not in global_names("def f():\n    x = 0\n    x += 1\n    del x")
    assert "x" in global_names("def f():\n    global x\n    x += 1")
