"""What counted questions earn: right answers to one's own questions about right functions, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from nbjudge.pages.levels import redacted
from ps8.explain.graded import QUESTIONS, STATEMENTS, posed_for

from assignment.builder.counted import COUNTED
from assignment.builder.course_config import Course, load_course
from autograder.explain.counting import NO_NAME, NOT_RIGHT_ITSELF, Counting, key_for
from autograder.explain.handed_in_answers import HandedIn


def course(graded: str, each: float = 1) -> Course:
    plain = load_course()
    points = {**plain.points, **({"explain": each * len(COUNTED)} if graded == "bonus" else {})}
    return replace(plain, explain_graded=graded, explain_points=each, points=points)


def answered(name: str, typed: str | None = None, **changed: str | float | None) -> HandedIn:
    """Every question answered right, but for those that are given."""
    right: dict[str, str | float | None] = {}
    for question in QUESTIONS:
        posed, key = key_for(question, name)
        right[question] = next((letter for letter, effect in posed.letters.items() if effect == key), key)
    return HandedIn(name if typed is None else typed, {**right, **changed})


def of(question: str, earned: float = 10.0, points: float = 10.0) -> Verdict:
    status = Status.RIGHT if earned == points else Status.WRONG
    line = CriterionResult("all", points, earned, "" if earned == points else "off")
    return Verdict(question, points, earned, status, (line,))


RIGHT = [of(question) for question in QUESTIONS]


def test_the_builder_and_the_kit_know_the_same_questions() -> None:
    assert set(COUNTED) == set(QUESTIONS)


def test_every_statement_is_answered_by_the_reference() -> None:
    seen = set()
    for number in range(40):
        for question in QUESTIONS:
            posed, _ = key_for(question, f"student{number}")
            seen.add(posed.statement.id)
    assert seen == {statement.id for statement in STATEMENTS}


def test_as_a_bonus_each_right_answer_earns_its_points() -> None:
    counting = Counting(course("bonus", 0.5), "ada", answered("ada"))
    verdict = counting.bonus(RIGHT)
    assert verdict is not None
    assert (verdict.score, verdict.points, verdict.status) == (4, 4, Status.RIGHT)
    assert counting.verdict(of("encoder"), 10, []) == of("encoder")  # the questions themselves stay as they are


def test_within_a_question_its_answer_earns_a_share_of_it() -> None:
    ada = Counting(course("within"), "ada", answered("ada", decoder=None))
    right, lost = ada.verdict(of("encoder"), 10, []), ada.verdict(of("decoder"), 10, [])
    assert (right.score, right.points, right.status) == (10, 10, Status.RIGHT)
    assert (lost.score, lost.points, lost.status) == (9, 10, Status.RIGHT)
    assert [line.points for line in lost.lines] == [9, 1] and lost.lines[-1].reason == "not answered"
    assert ada.verdict(of("nce"), 10, []) == of("nce")  # has none


def test_a_share_is_one_of_the_cell_s_points_whatever_the_judge_counts_in() -> None:
    ada = Counting(course("within", 2), "ada", answered("ada", decoder=None))
    assert ada.verdict(of("decoder", 20, 20), 10, []).score == 8


def test_a_function_that_is_not_right_earns_nothing_with_its_answer() -> None:
    counting = Counting(course("within"), "ada", answered("ada"))
    verdict = counting.verdict(of("encoder", 6), 10, [])
    assert verdict.score == 5.4 and verdict.lines[-1].reason == NOT_RIGHT_ITSELF
    bonus = Counting(course("bonus"), "ada", answered("ada")).bonus([of("encoder", 6), *RIGHT[1:]])
    assert bonus is not None and bonus.score == 7


def test_in_a_course_that_counts_none_there_is_nothing() -> None:
    from nbformat.v4 import new_notebook

    assert load_course().explain_graded == "off"
    assert Counting.of(load_course(), "ada", new_notebook()) is None


def bonus_of(name: str, handed: HandedIn) -> Verdict:
    verdict = Counting(course("bonus"), name, handed).bonus(RIGHT)
    assert verdict is not None
    return verdict


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_wrong_answer_earns_nothing(question: str) -> None:
    posed, key = key_for(question, "ada")
    wrong: list[str | float | None] = [letter for letter, effect in posed.letters.items() if effect != key]
    wrong += ["Z", "", None, float("nan"), "1; DROP TABLE"]
    wrong += [] if isinstance(key, str) else [key + 0.05 * abs(key) + 0.01, key - 0.1 * abs(key) - 0.01, 2 - key, "B"]
    for answer in wrong:
        verdict = bonus_of("ada", answered("ada", **{question: answer}))
        (line,) = [line for line in verdict.lines if not line.earned]
        assert verdict.score == len(QUESTIONS) - 1 and line.reason
        assert verdict.status is Status.WRONG


def test_a_number_may_be_a_little_off() -> None:
    question = next(q for q in QUESTIONS if not posed_for("ada")[q].letters)
    _, key = key_for(question, "ada")
    assert isinstance(key, float)
    assert bonus_of("ada", answered("ada", **{question: str(key * 1.01)})).score == len(QUESTIONS)


def test_another_student_s_answers_earn_nothing() -> None:
    """Neither copied into one's own notebook, nor with the other's name above them."""
    copied = bonus_of("bob", answered("ada", typed="bob"))
    assert copied.score <= 2  # what two students are asked may be the same now and then
    shopped = bonus_of("bob", answered("ada", typed="ada"))
    assert shopped.score == 0
    assert all("ada" in line.reason and "bob" in line.reason for line in shopped.lines)


def test_capitals_and_blanks_in_a_name_cost_nothing() -> None:
    assert bonus_of("Ada.L", answered("Ada.L", typed=" ada.l ")).score == len(QUESTIONS)


def test_without_a_name_nothing_can_be_told() -> None:
    assert {line.reason for line in bonus_of("ada", answered("ada", typed="")).lines} == {NO_NAME}


def test_what_cannot_be_read_is_said() -> None:
    verdict = bonus_of("ada", HandedIn("ada", {}, "explain: line 2 takes running to know"))
    assert verdict.score == 0 and verdict.status is Status.WRONG
    assert {line.reason for line in verdict.lines} == {"explain: line 2 takes running to know"}


@pytest.mark.parametrize("answer", [["B"], {"B"}, {"a": 1}, b"B", True, 1j, ("B",)])
def test_an_answer_that_is_neither_a_letter_nor_a_number_earns_nothing(answer: object) -> None:
    for question in QUESTIONS:
        verdict = bonus_of("ada", answered("ada", **{question: answer}))  # type: ignore[arg-type]
        assert verdict.score == len(QUESTIONS) - 1 and any("cannot be" in line.reason for line in verdict.lines)


def test_nothing_answered_is_not_started() -> None:
    assert bonus_of("ada", HandedIn("ada", dict.fromkeys(QUESTIONS))).status is Status.NOT_STARTED


def test_before_the_deadline_the_key_is_not_told() -> None:
    name = next(n for n in map("student{}".format, range(99)) if posed_for(n)["train_cmc"].letters)
    posed, key = key_for("train_cmc", name)
    wrong = next(letter for letter, effect in posed.letters.items() if effect != key)
    (line,) = [line for line in bonus_of(name, answered(name, train_cmc=wrong)).lines if not line.earned]
    assert line.reason.endswith(f", actual {wrong}")
    assert redacted(line.reason) == "your answer: not the right one"
    question = next(q for q in QUESTIONS if not posed_for("ada")[q].letters)
    (line,) = [line for line in bonus_of("ada", answered("ada", **{question: 1e9})).lines if not line.earned]
    assert redacted(line.reason) == "your answer: the numbers differ"


def test_the_registries_agree_on_a_bonus() -> None:
    from autograder.registries import JUDGED, compared

    made = course("bonus")
    cells = [(question, question != "report") for question in made.points]
    assert compared(made.points, cells, JUDGED) == []
    assert any("explain" in line for line in compared(made.points, cells[:-1], JUDGED))


def test_stock_nbgrader_raises_unless_all_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder import grading_config, stock
    from autograder.judge import reference

    monkeypatch.setattr(grading_config, "course", lambda: course("bonus"))
    answers = answered("ada").answers
    stock.count_here("ada", answers, reference.namespace())
    with pytest.raises(AssertionError, match="not answered"):
        stock.count_here("ada", {**answers, "decoder": None}, reference.namespace())
    with pytest.raises(AssertionError, match="counts only where"):
        stock.count_here("ada", answers, {**reference.namespace(), "Encoder": reference.namespace()["Decoder"]})
