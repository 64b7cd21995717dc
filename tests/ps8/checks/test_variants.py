"""The reference passes every check in silence and in no time, and each wrong answer is told its cause."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest
import torch
from ps8.checks import CheckFailed, check
from ps8.checks.hints import CAUSES
from ps8.questions import CHECKS

from autograder.judge import reference

_spec = importlib.util.spec_from_file_location("variants", Path(__file__).with_name("variants.py"))
assert _spec and _spec.loader
_variants = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_variants)
VARIANTS: dict = _variants.VARIANTS


def question_of(cause: str, name: str) -> str:
    """The question of a variant: that of its cause, or for a general one that of its name."""
    return "encoder" if cause.startswith("general.") and name.startswith("encoder") else cause.split(".")[0]


@pytest.mark.parametrize("question", CHECKS)
def test_the_reference_passes(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(question, reference.namespace())
    out, err = capsys.readouterr()
    assert out.count("\n") <= 2 and "all checks passed" in " ".join(out.split())
    assert not err, "no progress bar, no warning"


@pytest.mark.parametrize("question", CHECKS)
def test_a_check_takes_less_than_a_second(question: str) -> None:
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # the first one imports a compiler, whoever makes it
    namespace, threads = reference.namespace(), torch.get_num_threads()
    torch.set_num_threads(1)  # one thread's own time: a busy machine must not fail the test
    start = time.thread_time()
    check(question, namespace)
    taken = time.thread_time() - start
    torch.set_num_threads(threads)
    assert taken < 1


@pytest.mark.parametrize("name", VARIANTS)
def test_a_wrong_answer_is_told_its_cause(name: str) -> None:
    cause, edits = VARIANTS[name]
    with pytest.raises(CheckFailed) as failed:
        check(question_of(cause, name), reference.namespace(*edits))
    finding = failed.value.finding
    assert finding.cause == cause, finding.text()
    assert finding.expected and finding.actual and finding.likely == CAUSES[cause].likely


def test_every_cause_has_three_hints_without_code() -> None:
    for name, cause in CAUSES.items():
        assert len(cause.hints) == 3
        for text in (cause.likely, *cause.hints):
            assert text.strip() == text and len(text) >= 15, name
            for code in (
                "self.memory_ab[",
                "F.cross_entropy(",
                ".flatten(1)",
                "F.normalize(",
                "nn.Conv2d(",
                "optimizer.step()\n",
            ):
                assert code not in text, name


def test_a_cause_belongs_to_a_question() -> None:
    assert {name.split(".")[0] for name in CAUSES} == {"general", *CHECKS}
