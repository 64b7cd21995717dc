"""The solved notebook, with a student's own cells in it, run as a submission is."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbjudge.gather import Gathered, gather
from nbjudge.jail import reasons_unavailable
from nbjudge.judge.judge import CriteriaJudge

from autograder.kernel_setup import ps8_settings
from autograder.questions import QUESTIONS
from trials.classroom.mutations import cell_of
from trials.classroom.submissions import solved


@functools.cache
def _solved(name: str) -> NotebookNode:
    return solved(name)


@pytest.fixture(scope="session")
def judge() -> CriteriaJudge:
    return CriteriaJudge(b"s" * 32, QUESTIONS)


@pytest.fixture(scope="session")
def seeds(judge: CriteriaJudge) -> dict[str, int]:
    return judge.seeds(1)


@pytest.fixture
def notebook() -> Callable[..., NotebookNode]:
    """Makes a solved notebook; `before` and `after` put an own cell before or after a question's (last) answer cell."""
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))

    def make(
        *, question: str = "encoder", before: str = "", after: str = "", answer: str = "", name: str = "ps8"
    ) -> NotebookNode:
        made = copy.deepcopy(_solved(name))
        cell = cell_of(made, f"{question}-answer")
        assert cell is not None
        place = made.cells.index(cell)
        if answer:
            cell.source = answer
        if after:
            made.cells.insert(place + 1, nbformat.v4.new_code_cell(after))
        if before:
            made.cells.insert(place, nbformat.v4.new_code_cell(before))
        return made

    return make


@pytest.fixture
def run(seeds: dict[str, int]) -> Callable[[NotebookNode], Gathered]:
    """Runs a notebook in the jail, with a probe at each of its tests."""

    def go(made: NotebookNode) -> Gathered:
        here = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in made.cells}
        return gather(made, {question: seed for question, seed in seeds.items() if question in here}, settings=ps8_settings())

    return go
