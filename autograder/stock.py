"""For stock nbgrader without our configuration: the hidden tests judge in the kernel itself and raise on a wrong answer.

Here the student's code runs beside the judge: good enough to try things out, not to trust a score.
"""

from __future__ import annotations

from typing import Any

from ps8.comparisons import cell_of
from ps8.probes import probe


def judge_here(question: str, namespace: dict[str, Any]) -> None:
    """Judges a question's answer in this process.

    Raises:
        AssertionError: saying what lost points, if anything did.
    """
    from autograder.judge.judge import Judge
    from autograder.judge.read import READERS
    from autograder.judge.secret import load_secret
    from autograder.nbgrader_ext.show import as_text

    if question in READERS:
        verdict = READERS[question](cell_of(namespace))
    else:
        judge = Judge(load_secret())
        number = judge.seeds(0)[question]
        verdict = judge.judge(question, probe(question, namespace, number), number)
    if verdict.score < verdict.points:
        raise AssertionError(as_text(verdict))
