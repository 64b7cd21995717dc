"""A notebook as it was released: every answer is not started, whatever its given lines compute."""

from __future__ import annotations

import pytest
from nbgrader.utils import is_solution
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from nbjudge.judge.verdict import Status
from ps8.probes import Namespace, probe

from autograder.course_notebooks import NOTEBOOKS, release
from autograder.judge import reference
from autograder.questions import QUESTIONS

SEED = 5


@pytest.fixture(scope="module")
def blank() -> Namespace:
    """A notebook's globals after its released cells ran."""
    names = reference.namespace()
    for cell in (cell for name in NOTEBOOKS for cell in release(name).cells):
        if cell.cell_type == "code" and is_solution(cell):
            try:
                exec(cell.source, names)
            except NotImplementedError:
                continue
    return names


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_not_started(blank: Namespace, question: str) -> None:
    case = Case(probe(question, blank, SEED), reference.evidence(question, SEED), SEED)
    verdict = judge_case(QUESTIONS[question], case)
    assert (verdict.status, verdict.score) == (Status.NOT_STARTED, 0.0)
