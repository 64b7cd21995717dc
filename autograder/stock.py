"""For stock nbgrader without our configuration: the hidden tests judge in the kernel itself and raise on a wrong answer.

Here the student's code runs beside the judge: good enough to try things out, not to trust a score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ps8.questions.report_differences.comparisons import cell_of

if TYPE_CHECKING:
    from nbjudge.judge.judge import CriteriaJudge
    from nbjudge.judge.verdict import Verdict


def _judge() -> CriteriaJudge:
    from nbjudge.judge.secret import load_secret
    from nbjudge.workspace import SECRET

    from autograder.judging import PS8Judge
    from autograder.paths import COURSE

    return PS8Judge(load_secret(COURSE / SECRET)).by_criteria


def _verdict(judge: CriteriaJudge, question: str, namespace: dict[str, Any]) -> Verdict:
    from autograder.judge.reference import probed

    number = judge.seeds(0)[question]
    return judge.judge(question, probed(question, namespace, number), number)


def count_here(name: str, answers: dict[str, Any], namespace: dict[str, Any]) -> None:
    """Looks at a student's answers to the counted questions in this process, under the name that the student typed.

    Raises:
        AssertionError: saying which earn nothing, if any do.
    """
    from nbjudge.nbgrader_ext.verdict_outputs import verdict_text

    from autograder import grading_config
    from autograder.explain.counting import Counting
    from autograder.explain.handed_in_answers import HandedIn

    judge = _judge()
    seeds = judge.seeds(0)
    questions = [question for question in answers if question in seeds]
    verdicts = [_verdict(judge, question, namespace) for question in questions]
    verdict = Counting(grading_config.course(), name, HandedIn(name, dict(answers))).bonus(verdicts)
    if verdict is not None and verdict.score < verdict.points:
        raise AssertionError(verdict_text(verdict))


def judge_here(question: str, namespace: dict[str, Any]) -> None:
    """Judges a question's answer in this process.

    Raises:
        AssertionError: saying what lost points, if anything did.
    """
    from nbjudge.nbgrader_ext.verdict_outputs import verdict_text

    from autograder.questions import READERS

    if question in READERS:
        verdict = READERS[question](cell_of(namespace))
    else:
        judge = _judge()
        verdict = _verdict(judge, question, namespace)
    if verdict.score < verdict.points:
        raise AssertionError(verdict_text(verdict))
