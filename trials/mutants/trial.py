"""An answer before the judge, bounded in time: a mutant may well never end."""

from __future__ import annotations

import contextlib
import io
import signal
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

import torch
from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.judge import deviations, judge_case
from nbjudge.judge.severity import Severity
from nbjudge.judge.verdict import Verdict

from autograder.judge import reference
from autograder.questions import QUESTIONS
from trials.misconceptions.rewriting import ANSWERS, RightAnswer

BORNE_OUT = "borne out"  # stands among the deviations of an answer of which nothing follows from the inputs
COMPUTING, WAITING = 5.0, 60.0  # seconds, as a cell has in the grader


@dataclass(frozen=True)
class Trial:
    """What became of an answer.

    Attributes:
        verdict: of the judge.
        deviations: how grave each criterion finds it, by the criterion's id; only those that are not met.
        evidence: what the probe recorded; None if it did not end.
    """

    verdict: Verdict
    deviations: dict[str, Severity]
    evidence: Evidence | None

    @property
    def full(self) -> bool:
        return self.verdict.score >= self.verdict.points

    @property
    def worst(self) -> Severity:
        """The gravest deviation; `NOTHING_RIGHT` if nothing was earned."""
        if self.full:
            return Severity.NONE
        return Severity.NOTHING_RIGHT if not self.verdict.score else max(self.deviations.values(), default=Severity.NONE)


def try_answer(answer: RightAnswer, seed: int) -> Trial:
    """Probes and judges an answer. Draws are the same each time."""
    asked = QUESTIONS[answer.question]
    evidence = None
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(KeyboardInterrupt), torch.random.fork_rng(devices=[]), bounded():
            torch.manual_seed(0)
            evidence = _evidence(answer, seed)
        actual = evidence or Evidence({}, {"forward": "it did not end"})
        case = Case(cleaned(actual), reference.evidence(answer.question, seed), seed)
        found = {name: outcome.severity for name, outcome in deviations(asked, case)}
        if not asked.borne_out(case):
            found[BORNE_OUT] = Severity.NOTHING_RIGHT
        return Trial(judge_case(asked, case), found, evidence)


def _evidence(answer: RightAnswer, seed: int) -> Evidence:
    names = reference.namespace()
    for name in ANSWERS[answer.question][1]:
        del names[name]
    with contextlib.suppress(Exception):  # as in a notebook: what a cell defined before it raised is there
        exec(compile(answer.text, f"<{answer.id}>", "exec", dont_inherit=True), names)
    return reference.probed(answer.question, names, seed)


@contextlib.contextmanager
def bounded(computing: float = COMPUTING, waiting: float = WAITING) -> Iterator[None]:
    """Interrupts what computes, or waits, for too long.

    Raises:
        KeyboardInterrupt: as at a time-out in the grader; no probe keeps it to itself.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    timers = {signal.SIGPROF: (signal.ITIMER_PROF, computing), signal.SIGALRM: (signal.ITIMER_REAL, waiting)}
    before = {number: signal.signal(number, stop) for number in timers}
    try:
        for timer, seconds in timers.values():
            signal.setitimer(timer, seconds)
        yield
    finally:
        for number, (timer, _) in timers.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])
