"""How a check speaks: the stub, the student's own error, hints, and what a notebook shows."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout

import numpy as np
import ps8
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from ps8.checks import CheckFailed, NotStarted, check, hint
from ps8.checks.finding import Finding
from ps8.questions import CHECKS

from autograder.judge import reference
from autograder.judge.reference import Edit

NO_T = (
    Edit("contrast", "(l, self.memory_ab, idx)[:, :, None] / self.T", "(l, self.memory_ab, idx)[:, :, None]"),
    Edit("contrast", "(ab, self.memory_l, idx)[:, :, None] / self.T", "(ab, self.memory_l, idx)[:, :, None]"),
)
STUBS = """
import ps8, torch
from torch import nn
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        raise NotImplementedError
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
    def forward(self, x):
        raise NotImplementedError
def train_ae(model, dataloader, epochs=1):
    for images, _ in dataloader:
        raise NotImplementedError
"""


@pytest.fixture
def shell() -> InteractiveShell:
    """A notebook's kernel, as far as it runs and shows cells."""
    InteractiveShell.clear_instance()
    return InteractiveShell.instance(colors="nocolor")


def shown(shell: InteractiveShell, cell: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        shell.run_cell(cell)
    return out.getvalue()


@pytest.mark.parametrize(("question", "name"), [("encoder", "__init__"), ("encoder_cmc", "forward"), ("train_ae", "train_ae")])
def test_a_stub_is_not_started(question: str, name: str) -> None:
    namespace: dict = {}
    exec(STUBS, namespace)
    with pytest.raises(NotImplementedError) as raised:
        check(question, namespace)
    assert isinstance(raised.value, NotStarted)
    assert "is not finished" in str(raised.value) and name in str(raised.value)
    assert max(map(len, str(raised.value).splitlines())) <= 80


def test_a_line_left_beside_finished_code_is_not_called_a_stub(shell: InteractiveShell) -> None:
    code = "self.layers = nn.Conv2d(in_channels, 12, 4, 2, 1)\n        raise NotImplementedError"
    shell.run_cell(STUBS.replace("raise NotImplementedError", code, 1))
    text = " ".join(shown(shell, "ps8.check('encoder')").split())
    assert "only delete the line" in text and "not started" not in text and "nothing is written" not in text


@pytest.mark.parametrize("question", CHECKS)
def test_a_missing_definition_is_named(question: str) -> None:
    with pytest.raises(CheckFailed) as raised:
        check(question, {})
    assert raised.value.finding.cause == "general.undefined"


def test_an_unknown_question_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="choose one of encoder"):
        check("encodre", {})
    with pytest.raises(ValueError, match="choose one of encoder"):
        hint("encodre")


def test_a_notebook_shows_the_message_alone(shell: InteractiveShell) -> None:
    shell.run_cell(STUBS)
    text = shown(shell, "ps8.check('encoder')")
    assert text.strip() == (
        "1.1 Encoder is not finished: `__init__` still comes to the line `raise\n"
        "NotImplementedError`. Put your code in its place; if your code is there already,\n"
        "only delete the line. Run that cell, then this one."
    )
    shell.run_cell(STUBS.replace("raise NotImplementedError", "self.layers = [nn.Conv2d(in_channels, 12, 4, 2, 1)]", 1))
    text = shown(shell, "ps8.check('encoder')")
    assert text.startswith("1.1 Encoder is not right yet.")
    assert "plain Python list, `layers`" in " ".join(text.split())
    assert "Traceback" not in text and "ps8/checks" not in text and "ps8/questions" not in text and "\x1b" not in text


def test_an_error_is_shown_with_the_students_own_line(shell: InteractiveShell) -> None:
    shell.run_cell(
        STUBS.replace(
            "        raise NotImplementedError\ndef train_ae", "        return self.encoder_l(x[:, :1]), 0\ndef train_ae"
        )
    )
    text = shown(shell, "ps8.check('encoder_cmc')")
    assert "AttributeError: 'EncoderCMC' object has no attribute 'encoder_l'" in text
    assert "return self.encoder_l(x[:, :1]), 0" in text
    assert "site-packages" not in text and "Traceback" not in text


def test_the_callers_globals_are_the_default() -> None:
    namespace = reference.namespace()
    exec("import ps8\nps8.check('softmax_loss')", namespace)
    with pytest.raises(CheckFailed, match="SoftmaxLoss is not defined"):
        check("softmax_loss")


def test_a_message_fits_the_page_and_is_plain_text() -> None:
    finding = Finding("cmc_score", "cmc_score.shape", "a " * 200, "b\nc", "d", "forward, line 3:  x")
    lines = finding.text().splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "] == [
        "expected",
        "actual",
        "in",
        "likely",
        "read",
    ]
    assert finding.text().isascii()


def test_hints_go_deeper_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    check("cmc_score", reference.namespace())
    capsys.readouterr()
    hint("cmc_score")
    assert "No check of 2.2 CMCScore has failed" in capsys.readouterr().out
    wrong = reference.namespace(*NO_T)
    with pytest.raises(CheckFailed, match="forgotten"):
        check("cmc_score", wrong)
    said = []
    for _ in range(4):
        hint("cmc_score")
        said.append(" ".join(capsys.readouterr().out.split()))
    assert said[0].startswith("Hint 1 of 3, what is off") and "nearly flat" in said[0]
    assert said[1].startswith("Hint 2 of 3, where to look") and "self.T" in said[1]
    assert said[2].startswith("Hint 3 of 3, what to re-read") and "Section 2.2" in said[2]
    assert said[3].startswith(said[2].strip()) and "last hint" in said[3]
    with pytest.raises(CheckFailed):
        check("cmc_score", wrong)
    hint("cmc_score")
    assert capsys.readouterr().out.startswith("Hint 3"), "the same mistake again: no way back"
    check("cmc_score", reference.namespace())
    capsys.readouterr()
    hint("cmc_score")
    assert "No check" in capsys.readouterr().out


@pytest.mark.parametrize("question", CHECKS)
def test_a_check_leaves_session_and_random_numbers_as_they_were(question: str) -> None:
    namespace = reference.namespace()
    before = dict(namespace)
    torch.manual_seed(3)
    np.random.seed(3)
    state, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    check(question, namespace)
    assert namespace == before
    assert torch.equal(torch.get_rng_state(), state)
    assert (np.random.get_state()[1] == legacy).all()  # type: ignore[index]


def test_an_interrupt_goes_through() -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("encoder", {"Encoder": stop})


def test_a_student_who_leaves_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed, match="SystemExit"):
        check("encoder", {"Encoder": lambda *args, **kwargs: sys.exit(0)})


def test_no_solution_line_stands_in_the_kit() -> None:
    """The published kit may not hold a line of an answer."""
    from autograder.paths import SOLUTION

    kit = "\n".join(p.read_text() for p in (SOLUTION.parent / "assignment" / "ps8" / "checks").glob("*.py"))
    kit_lines = {line.strip() for line in kit.splitlines()}
    for path in SOLUTION.glob("*.py"):
        inside = False
        for line in path.read_text().splitlines():
            inside = (inside or "BEGIN SOLUTION" in line) and "END SOLUTION" not in line
            if inside and len(line.strip()) > 25 and "SOLUTION" not in line:
                assert line.strip() not in kit_lines, line


def test_check_and_hint_are_the_kits() -> None:
    assert ps8.check is check and ps8.hint is hint


@pytest.mark.parametrize(("question", "value"), [("train_ae", (1, 2)), ("train_cmc", (1, 2)), ("train_cmc", (1, {}))])
def test_an_answer_of_another_kind_is_told(question: str, value: object) -> None:
    namespace = reference.namespace()
    namespace[question] = lambda *args, **kwargs: value
    with pytest.raises(CheckFailed) as raised:
        check(question, namespace)
    assert raised.value.finding.cause == "general.returned"
