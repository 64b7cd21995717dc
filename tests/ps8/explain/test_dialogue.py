"""`ps8.explain` as a student meets it: asked, answered, shown why."""

from __future__ import annotations

from typing import Any

import ps8
import pytest
from ps8.checks.finding import WIDTH
from ps8.explain import dialogue
from ps8.probes import Namespace
from ps8.questions import PRACTICE

from autograder.judge import reference


def said(capsys: pytest.CaptureFixture[str], *arguments: Any, namespace: Namespace | None = None) -> str:
    ps8.explain(*arguments, namespace=namespace or reference.namespace())
    return capsys.readouterr().out


def right_answer(question: str) -> str | float:
    asked = dialogue._asked[question]
    return next((k for k, v in asked.posed.letters.items() if v == asked.ran.key), asked.ran.key)


def test_nothing_is_asked_before_the_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**reference.namespace(), "SoftmaxLoss": reference.namespace()["CMCScore"]}
    assert 'first let ps8.check("softmax_loss") pass' in " ".join(said(capsys, "softmax_loss", namespace=wrong).split())
    assert dialogue._asked == {}


@pytest.mark.parametrize("question", [question for question in PRACTICE if PRACTICE[question]])
def test_each_is_asked_once_a_round_and_a_right_answer_is_taken(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    for number in range(1, len(PRACTICE[question]) + 1):
        text = said(capsys, question)
        assert f"question {number} of {len(PRACTICE[question])}" in text
        assert text == said(capsys, question)  # it waits for its answer
        seen.append(dialogue._asked[question].item.statement.name)
        reply = said(capsys, question, right_answer(question))
        assert reply.startswith("Yes: ") and "Run with your code:" in reply and "Why:" in reply
        assert max(map(len, (text + reply).splitlines())) <= WIDTH
    assert seen == [item.statement.name for item in PRACTICE[question]]
    assert "question 1 of" in said(capsys, question)  # and so on, with other values


def test_a_wrong_letter_is_told_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "cmc_score")
    posed, right = dialogue._asked["cmc_score"].posed, right_answer("cmc_score")
    wrong = next(letter for letter in posed.letters if letter != right)
    assert said(capsys, "cmc_score", wrong.lower()).startswith(f"No, it is {right}, ")


@pytest.mark.parametrize("answer", ["Z", "", 3, "all of them"])
def test_an_answer_that_is_none_is_refused_and_asked_again(answer: str | float, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "cmc_score")
    with pytest.raises(ValueError, match="one of A, B, C, D"):
        said(capsys, "cmc_score", answer)
    assert "cmc_score" in dialogue._asked


@pytest.mark.parametrize("answer", ["B", True, float("nan"), "half"])
def test_a_number_must_be_one(answer: str | float, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "decoder")
    with pytest.raises(ValueError, match="a number, such as"):
        said(capsys, "decoder", answer)
    assert said(capsys, "decoder", "0,5").startswith("Yes: 0.5")


def test_an_answer_before_a_question_is_asked_gets_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Suppose:" in said(capsys, "encoder", "A")


def test_the_notebook_s_names_are_left_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    names = reference.namespace()
    before, forward = dict(names), names["SoftmaxLoss"].forward
    for question in PRACTICE:
        for _ in PRACTICE[question]:
            said(capsys, question, namespace=names)
            dialogue._asked.clear()
    assert names == before and names["SoftmaxLoss"].forward is forward


def test_a_change_without_one_effect_is_not_asked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [type(item)(item.statement, lambda *a, **k: 1 / 0, item.why) for item in PRACTICE["encoder"]]
    monkeypatch.setitem(PRACTICE, "encoder", (*broken, PRACTICE["encoder"][1]))  # type: ignore[arg-type]
    assert "multiplied by" in said(capsys, "encoder")
    dialogue._asked.clear()
    monkeypatch.setitem(PRACTICE, "encoder", tuple(broken))
    assert "nothing to ask" in said(capsys, "encoder")


def test_an_unknown_question_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="encoder, decoder"):
        ps8.explain("cmc_scores", namespace={})


def test_while_a_notebook_is_graded_nothing_is_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    assert said(capsys, "cmc_score") == said(capsys, "cmc_score", "A") == ""
    assert dialogue._asked == {}
