"""A mutant before the judge: it ends, and earns what its numbers bear out."""

from __future__ import annotations

import pytest
from nbjudge.judge.severity import Severity
from nbjudge.judge.verdict import Status

from trials.misconceptions.rewriting import RightAnswer, from_reference
from trials.mutants import trial
from trials.mutants.trial import bounded, try_answer

SEED = 13


def test_the_reference_keeps_full_marks() -> None:
    tried = try_answer(from_reference("softmax_loss"), SEED)
    assert tried.full and not tried.deviations and tried.worst is Severity.NONE


def test_an_answer_that_computes_without_end_is_stopped() -> None:
    with pytest.raises(KeyboardInterrupt), bounded(computing=0.05):
        while True:
            pass


def test_an_answer_that_waits_without_end_is_stopped_and_earns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "bounded", lambda: bounded(waiting=0.2))
    text = "import time\n\nclass SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        time.sleep(1_000_000)\n"
    tried = try_answer(RightAnswer("endless", "softmax_loss", text), SEED)
    assert (tried.evidence, tried.verdict.score, tried.verdict.status) == (None, 0, Status.COULD_NOT_RUN)


def test_what_the_answer_does_not_define_is_not_the_references() -> None:
    assert try_answer(RightAnswer("empty", "softmax_loss", "pass\n"), SEED).verdict.score == 0
