from __future__ import annotations

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from assignment.builder.lesson_notebooks import (
    build_notebooks,
    solved_notebook,
    source_notebooks,
    stub_notebook,
    text_of,
)
from assignment.builder.lint import lint
from assignment.builder.problem import BuildError
from assignment.builder.regions import disagreement


@pytest.fixture
def notebooks(tiny):
    return build_notebooks(tiny.course(), tiny.folder, tiny.root)


@pytest.fixture
def cells(notebooks):
    return {cell.id: cell for cell in notebooks["ps8"].cells}


def test_a_notebook_is_valid_for_jupyter_and_nbgrader(notebooks):
    for notebook in notebooks.values():
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.kernelspec.name == "python3"


def test_every_run_gives_the_same_bytes(tiny, notebooks):
    again = build_notebooks(tiny.course(), tiny.folder, tiny.root)
    assert {name: text_of(nb) for name, nb in again.items()} == {n: text_of(nb) for n, nb in notebooks.items()}
    assert text_of(notebooks["ps8"]).endswith("}\n")


@pytest.mark.parametrize(
    ("cell_id", "grade", "solution", "locked", "points"),
    [
        ("given-setup", False, False, True, None),
        ("given-Half", False, False, True, None),
        ("double-answer", False, True, False, None),
        ("sign-table", False, True, False, None),
        ("double", True, False, True, 10),
        ("sign", True, False, True, 2.5),
        ("report", True, True, False, 5),
    ],
)
def test_cells_are_marked_for_nbgrader(cells, cell_id, grade, solution, locked, points):
    marks = cells[cell_id].metadata["nbgrader"]
    wanted = {"grade": grade, "solution": solution, "locked": locked, "task": False, "schema_version": 3, "grade_id": cell_id}
    assert marks == wanted | ({} if points is None else {"points": points})


def test_text_and_free_code_are_the_students_own(cells):
    assert "nbgrader" not in cells["numbers-1"].metadata
    assert cells["notes"].metadata == {"tags": ["scratch"]}


def test_the_title_is_followed_by_the_badge(tiny, cells):
    title, _, badge = cells["numbers-1"].source.split("\n")[:3]
    assert title == "# Numbers"
    assert (
        badge == f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({tiny.course().colab('ps8')})"
    )


def test_a_lesson_with_a_badge_of_its_own_gets_no_second(tiny):
    tiny.change(tiny.lesson, "# Numbers\n", "# Numbers\n\n[Colab]({{ course.colab.ps8 }})\n")
    (notebook,) = build_notebooks(tiny.course(), tiny.folder, tiny.root).values()
    assert notebook.cells[0].source.count("colab.research") == 1


def test_a_check_asks_the_kit_and_hides_the_judge(cells):
    assert cells["double"].source == (
        "# Small and large numbers.\n"
        'ps8.check("double")\n'
        "### BEGIN HIDDEN TESTS\n"
        "from autograder.stock import judge_here\n"
        "\n"
        'judge_here("double", globals())\n'
        "### END HIDDEN TESTS"
    )


def test_the_solved_notebook_has_solutions_and_no_hidden_tests(notebooks):
    text = text_of(solved_notebook("ps8", notebooks))
    assert "factor * x" in text and "The numbers became larger." in text
    assert "judge_here" not in text and "HIDDEN" not in text
    assert "judge_here" in text_of(notebooks["ps8"])


def test_the_stub_notebook_has_neither(notebooks):
    stub = stub_notebook("ps8", notebooks)
    text = text_of(stub)
    for secret in ("factor * x", "above zero", "The numbers became larger.", "judge_here", "SOLUTION"):
        assert secret not in text
    assert {c.id: c.source for c in stub.cells}["report"] == "What did you see?\n\nYOUR ANSWER HERE"


def test_stub_and_solution_agree_outside_the_regions(notebooks):
    pairs = zip(notebooks["ps8"].cells, stub_notebook("ps8", notebooks).cells, strict=True)
    answers = [(cell.source, stub.source) for cell, stub in pairs if cell.id in ("double-answer", "sign-table")]
    assert len(answers) == 2
    assert [disagreement(*answer) for answer in answers] == [None, None]


def test_solved_code_runs_and_gives_the_answer(notebooks):
    code = [c.source for c in solved_notebook("ps8", notebooks).cells if c.cell_type == "code" and "check" not in c.source]
    names: dict = {}
    for source in code:
        exec(source, names)
    assert names["double"](21) == 42
    assert names["positive"] == {"plus": True, "minus": False}


def test_an_unknown_notebook_is_said(notebooks):
    with pytest.raises(BuildError, match="no notebook other: there are ps8"):
        stub_notebook("other", notebooks)


def test_a_lesson_with_problems_is_not_built(tiny):
    tiny.change(tiny.lesson, "factor = 2", "factor = two")
    with pytest.raises(BuildError, match="two is used before any cell defines it"):
        build_notebooks(tiny.course(), tiny.folder, tiny.root)
    assert lint(tiny.course(), tiny.lessons())
    assert source_notebooks(tiny.course(), tiny.lessons())
