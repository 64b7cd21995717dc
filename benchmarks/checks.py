"""The student's checks: how long each takes on a right answer."""

from __future__ import annotations

import contextlib
import io
import time
from statistics import median

from ps8.questions import CHECKS

from benchmarks.aside import Aside, Way, in_turn
from benchmarks.results_file import record


def checking(question: str) -> Way:
    """One check of the reference's answer."""
    from ps8.checks import check

    from autograder.judge import reference

    names = reference.namespace()

    def way() -> float:
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            check(question, names)
        return time.perf_counter() - start

    return way


def main(rounds: int = 5) -> None:
    """`checks.seconds`: the slowest of the checks."""
    taken = {}
    for question in CHECKS:
        with Aside(checking, question) as aside:
            taken[question] = in_turn({question: aside}, rounds)[question]
    medians = {question: round(median(seconds), 3) for question, seconds in taken.items()}
    slowest = max(medians, key=lambda question: medians[question])
    record(
        "checks.seconds",
        {
            "value": medians[slowest],
            "min": round(min(taken[slowest]), 3),
            "max": round(max(taken[slowest]), 3),
            "runs": rounds,
            "question": slowest,
            "each": medians,
        },
    )
