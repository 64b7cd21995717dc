"""A small course: two questions of plain Python, a written answer, given code; and a grader that runs it all in a moment."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbjudge.repair.plan import make_plan
from nbrepair.plan import Plan

from trials.broken_files import written

DOUBLE = """\
class Double:
    \"\"\"Multiplies by a number.\"\"\"

    def __init__(self, by: float = rate) -> None:
        ### BEGIN SOLUTION
        self.by = by
        ### END SOLUTION

    def __call__(self, x: float) -> float:
        # One line is enough.
        ### BEGIN SOLUTION
        return self.by * x
        ### END SOLUTION"""
HALVE = """\
def halve(x: float) -> float:
    \"\"\"The inverse of Double.\"\"\"
    ### BEGIN SOLUTION
    return Double(1 / rate)(x)
    ### END SOLUTION"""
SHIFT = """\
def shift(values: list[float], by: float) -> list[float]:
    moved = []
    for value in values:
        # Move the value.
        ### BEGIN SOLUTION
        moved.append(value + by)
        ### END SOLUTION
    return moved"""
CHOICE = """\
# Which of them keep the mean?
### BEGIN SOLUTION
keeps_mean = {"shift": False, "reverse": True}
### END SOLUTION"""
TEST = "# {}\nassert {}\n### BEGIN HIDDEN TESTS\nassert {}\n### END HIDDEN TESTS"


def graded(cell: NotebookNode, grade_id: str, points: int | None = None, solution: bool = False) -> NotebookNode:
    """A cell with nbgrader's metadata, named like the builder's."""
    cell.id = grade_id
    cell.metadata.nbgrader = NotebookNode(
        grade=points is not None, grade_id=grade_id, locked=not solution, schema_version=3, solution=solution, task=False
    )
    if points is not None:
        cell.metadata.nbgrader.points = points
    return cell


def small_source() -> NotebookNode:
    """The instructor's notebook."""
    cells = [
        new_markdown_cell("# A small course\n\nRead this first.", id="text-1"),
        new_code_cell("my_bet = None", id="bet"),
        graded(new_code_cell("import math\n\nrate = 2.0"), "given-setup"),
        new_markdown_cell("### 1.1 Doubling · 10 points\n\nWrite `Double`.", id="text-2"),
        graded(new_code_cell(DOUBLE), "double-answer", solution=True),
        graded(new_code_cell(TEST.format("It doubles.", "Double()(3) == 6", "Double(5)(1) == 5")), "double", 10),
        graded(new_code_cell("table = [Double()(n) for n in range(3)]"), "given-table"),
        new_markdown_cell("### 1.2 Halving · 10 points\n\nNow the way back.", id="text-3"),
        graded(new_code_cell(HALVE), "halve-answer", solution=True),
        graded(new_code_cell(TEST.format("It halves.", "halve(6) == 3", "halve(-1) == -0.5")), "halve", 10),
        new_markdown_cell("### 2.1 Shifting · 10 points\n\nAnd a choice.", id="text-4"),
        graded(new_code_cell(SHIFT), "shift-answer", solution=True),
        graded(new_code_cell(CHOICE), "shift-methods", solution=True),
        graded(
            new_code_cell(TEST.format("It shifts.", "shift([1], 2) == [3]", "keeps_mean['reverse'] and len(keeps_mean) == 2")),
            "shift",
            20,
        ),
        new_markdown_cell("## Report · 10 points\n\nWhat did you learn?", id="text-5"),
        graded(new_markdown_cell("### BEGIN SOLUTION\nAnything.\n### END SOLUTION"), "report", 10, solution=True),
        new_markdown_cell("## Handing in\n\nSave it.", id="text-6"),
        graded(new_code_cell("print(table, my_bet)"), "given-end"),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def solved(source: NotebookNode) -> NotebookNode:
    """What a perfect student hands in."""
    for cell in source.cells:
        before, begins, _ = cell.source.partition("### BEGIN HIDDEN TESTS")
        lines = (before.rstrip() if begins else before).split("\n")
        cell.source = "\n".join(line for line in lines if "SOLUTION" not in line)
        if cell.id == "report":
            cell.source = (
                "I learned that *two halves* make a whole.\n\nAnd that a shift moves the mean: $\\mu + b$.\n\nThe end."
            )
        elif cell.id == "bet":
            cell.source = "my_bet = 0.5"
    return source


class Shell:
    """What IPython's magics and shell lines come to while grading: nothing."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self.run = run

    def run_line_magic(self, *_: Any) -> None: ...

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        self.run(body)

    def system(self, *_: Any) -> None: ...

    def getoutput(self, *_: Any) -> list[str]:
        return []


def grade(notebook: NotebookNode) -> dict[str, float]:
    """Runs a notebook from the top, past errors, and gives the points of its test cells and the report's text."""
    transform = TransformerManager().transform_cell
    namespace: dict[str, Any] = {"__name__": "__main__", "input": lambda prompt="": ""}

    def run(source: str) -> None:
        exec(compile(transform(source), "<cell>", "exec"), namespace)

    namespace["get_ipython"] = lambda: Shell(run)
    scores: dict[str, float] = {}
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        is_test = cell.cell_type == "code" and nbgrader.get("grade")
        try:
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")
                if cell.cell_type == "code":
                    run(cell.source)
            earned = 1.0
        except Exception:
            earned = 0.0
        if is_test:
            scores[nbgrader.grade_id] = earned * nbgrader.points
    return scores


@pytest.fixture
def source() -> NotebookNode:
    return small_source()


@pytest.fixture
def good() -> NotebookNode:
    return solved(small_source())


@pytest.fixture
def plan(source: NotebookNode) -> Plan:
    return make_plan(source)


@pytest.fixture
def grader() -> Iterator[Callable[[NotebookNode], dict[str, float]]]:
    yield grade


@pytest.fixture(scope="session")
def shared_plan() -> Plan:
    return make_plan(small_source())


@pytest.fixture(scope="session")
def good_bytes() -> bytes:
    return written(solved(small_source()))
