"""Hints for a cell that is still empty."""

from __future__ import annotations

import pytest
from ps8.checks import NotStarted, check, hint
from ps8.checks.hints import STARTS
from ps8.questions import CHECKS, ROOMS

from autograder.judge import reference


class Empty:
    def __init__(self, *args: object, **kwargs: object) -> None:
        raise NotImplementedError


def empty(*args: object, **kwargs: object) -> None:
    raise NotImplementedError


@pytest.mark.parametrize("question", CHECKS)
def test_an_empty_cell_gets_a_hint_to_begin_with(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    right = reference.namespace()
    answers = {
        name: Empty if isinstance(right[name], type) else empty for name in ROOMS[question].defines if callable(right[name])
    }
    namespace = {**right, **answers}
    with pytest.raises(NotStarted):
        check(question, namespace)
    hint(question)
    said = " ".join(capsys.readouterr().out.split())
    assert " ".join(STARTS[question].split()) in said and "No check" not in said


def test_after_a_check_that_passes_there_is_no_such_hint(capsys: pytest.CaptureFixture[str]) -> None:
    check("softmax_loss", reference.namespace())
    hint("softmax_loss")
    assert "to begin with" not in capsys.readouterr().out


def test_every_question_has_one_that_names_tools_and_a_shape() -> None:
    assert STARTS.keys() == ROOMS.keys()
    assert all(("What serves:" in STARTS[name] and "shape" in STARTS[name]) or "(batch_size" in STARTS[name] for name in CHECKS)
