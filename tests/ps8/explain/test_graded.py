"""The text of the counted questions: who is asked what."""

from __future__ import annotations

import ps8
import pytest
from ps8.checks.finding import WIDTH
from ps8.checks.hints import TITLES
from ps8.explain.graded import QUESTIONS, STATEMENTS, posed_for, seed_of, text_for
from ps8.questions import CHECKS, PRACTICE

NAMES = [f"student{number}" for number in range(100)]


def as_told(name: str) -> dict[str, tuple]:
    return {q: (p.statement.id, tuple(p.values.items()), tuple(p.letters.items())) for q, p in posed_for(name).items()}


def test_a_student_is_asked_one_thing_a_question_and_always_the_same() -> None:
    assert tuple(posed_for("ada")) == QUESTIONS == tuple(question for question in CHECKS if question != "nce")
    assert as_told("ada") == as_told("ada") == as_told(" ADA ")
    assert seed_of("ada") != seed_of("ada2")


def test_what_a_student_is_asked_does_not_depend_on_the_machine() -> None:
    """The student's session and the grader have other versions of everything: a change here would be another exam."""
    told = {question: (posed.statement.name, *posed.values.values()) for question, posed in posed_for("ada").items()}
    assert told == {
        "encoder": ("two_layers", 1, 4, 3, 4),
        "decoder": ("one_place", 3, 1),
        "train_ae": ("two_greys", 0.0, 0.6, 3),
        "train_classifier": ("cut", "0", False),
        "encoder_cmc": ("emptied", "b"),
        "cmc_score": ("rows", 60, 3, 6),
        "softmax_loss": ("some_sure", 8, 1, 31),
        "train_cmc": ("lead", 3, 9),
    }
    assert posed_for("ada")["encoder_cmc"].letters == {"A": "both", "B": "l", "C": "neither", "D": "ab"}


def test_students_are_asked_other_things() -> None:
    """Of two students, seldom one question is the same, and never all of them."""
    told = [as_told(name) for name in NAMES]
    pairs = [(a, b) for k, a in enumerate(told) for b in told[:k]]
    alike = [sum(a[q] == b[q] for q in QUESTIONS) for a, b in pairs]
    assert max(alike) <= 4
    assert sum(alike) / len(alike) < 0.1 * len(QUESTIONS)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_each_statement_is_asked_of_somebody_and_is_none_of_the_practice(statement) -> None:  # type: ignore[no-untyped-def]
    assert any(posed_for(name)[statement.question].statement == statement for name in NAMES)
    assert statement not in [item.statement for item in PRACTICE[statement.question]]


def test_the_text_fits_the_page_and_gives_nothing_away(capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES[:20]:
        ps8.questions_for(name)
        text = capsys.readouterr().out
        assert max(map(len, text.splitlines())) <= WIDTH and "{" not in text
        assert all(f'{TITLES[question]} ("{question}")' in text for question in QUESTIONS)


def test_without_a_name_it_says_what_to_do() -> None:
    assert "first write the name" in text_for("  ").lower()


def test_an_odd_name_is_a_name() -> None:
    assert len(posed_for("\udcff " + "x" * 10_000)) == len(QUESTIONS)
