"""Tests that no judge knows: what was not run has not passed."""

from __future__ import annotations

import pytest
from nbjudge.gather.gathered import Gathered, OrdinaryTest
from nbjudge.judge.verdict import Status
from nbjudge.nbgrader_ext.asserted import ITS_OWN, asserted


@pytest.mark.parametrize(
    ("test", "score", "status"),
    [
        (OrdinaryTest(True), 5, Status.RIGHT),
        (OrdinaryTest(False, "AssertionError: no"), 0, Status.WRONG),
        (OrdinaryTest(False, "AssertionError", share=5.0), 0, Status.WRONG),
        (OrdinaryTest(False), 0, Status.WRONG),
        (OrdinaryTest(True, share=2.5), 2.5, Status.WRONG),
        (OrdinaryTest(True, share=-3.0), 0, Status.WRONG),
        (OrdinaryTest(True, share=1e9), 5, Status.RIGHT),
    ],
)
def test_its_end_decides(test: OrdinaryTest, score: float, status: Status) -> None:
    verdict = asserted("double", 5, Gathered(tests={"double": test}))
    assert (verdict.score, verdict.status) == (score, status)
    assert verdict.remarks == (ITS_OWN,)
    assert (verdict.lines[0].reason == "") == (score == 5)


@pytest.mark.parametrize("problems", [{}, {"double": "the kernel died here"}])
def test_one_that_was_not_run_earns_nothing_and_says_why(problems: dict[str, str]) -> None:
    verdict = asserted("double", 5, Gathered(problems=problems))
    assert (verdict.score, verdict.status) == (0, Status.COULD_NOT_RUN)
    assert verdict.lines[0].reason == problems.get("double", verdict.lines[0].reason) != ""
