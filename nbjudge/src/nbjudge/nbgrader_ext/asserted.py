"""Tests that no judge knows: ordinary nbgrader tests, whose assertions decide, in the student's own process."""

from __future__ import annotations

from nbjudge.gather.gathered import Gathered
from nbjudge.judge.verdict import CriterionResult, Status, Verdict

ITS_OWN = (
    "This was checked by ordinary assertions inside the student's own process, as nbgrader does it: what ran there could have "
    "changed them."
)
NOT_RUN = "this test could not be run, so it earns nothing"


def asserted(name: str, points: float, gathered: Gathered) -> Verdict:
    """The verdict on an ordinary test from how it ended. One that was not run to its end has not passed.

    As with nbgrader, a test whose last line is a number gives that many points; unlike there, what is printed on stderr costs
    nothing, and a number below 0 is 0.

    Args:
        name: of the test cell.
        points: most that it can earn.
        gathered: what came of running the notebook.
    """
    test = gathered.tests.get(name)
    if test is None:
        score, status, reason = 0.0, Status.COULD_NOT_RUN, gathered.problems.get(name) or NOT_RUN
    elif not test.passed:
        score, status, reason = 0.0, Status.WRONG, test.said or "the test did not come to its end"
    else:
        score = points if test.share is None else min(max(test.share, 0.0), points)
        status = Status.RIGHT if score >= points else Status.WRONG
        reason = "" if score >= points else f"the test gave {score:g} of {points:g} points"
    line = CriterionResult("the assertions of the test cell hold", points, score, reason)
    return Verdict(name, points, score, status, (line,), remarks=(ITS_OWN,), ordinary=True)
