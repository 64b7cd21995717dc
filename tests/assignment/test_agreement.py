from __future__ import annotations

from ps8.questions import ROOMS

from assignment.builder import __main__ as commands
from assignment.builder.agreement import JUDGED_HALF, KIT_HALF, disagreements, half_problems


def test_places_that_agree_have_no_problem():
    assert disagreements({"A": ["x", "y"], "B": {"y": 1, "x": 2}}) == disagreements({}) == []


def test_a_question_that_a_place_lacks_is_a_line():
    places = {"A": ["x", "y"], "B": ["x", "y"], "C": ["x"], "D": ["x", "z"]}
    assert disagreements(places) == [
        "question y is in A and B, but not in C and D",
        "question z is in D, but not in A, B and C",
    ]


def test_what_it_may_be_called_there_is_said():
    told = disagreements({"A": ["cmc_score", "nce"], "B": ["cmc_scores", "nce"]})
    assert told == [
        "question cmc_score is in A, but not in B; there it may be called cmc_scores",
        "question cmc_scores is in B, but not in A; there it may be called cmc_score",
    ]


def test_the_lessons_and_the_kit_agree():
    assert half_problems(commands.Build().lessons) == []


def test_notebooks_are_not_built_where_the_kit_lacks_a_question(monkeypatch, capsys):
    without = {name: room for name, room in ROOMS.items() if name != "cmc_score"}
    monkeypatch.setattr("ps8.questions.ROOMS", without)  # the table itself keeps its order
    assert commands.main(["lint"]) == 1
    (line,) = capsys.readouterr().err.strip().split("\n")[-1:]
    assert line == f"question cmc_score is in the lessons' checks and {JUDGED_HALF}, but not in {KIT_HALF}"


def test_a_question_that_the_judge_lacks_or_has_alone_is_said(tmp_path):
    for name in (*(name for name in ROOMS if name != "softmax_loss"), "softmax_losses", "shared"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "softmax_loss").mkdir()  # without anything in it, as a switch of branches leaves it
    lessons = "the lessons' checks"
    assert half_problems(commands.Build().lessons, tmp_path) == [
        f"question softmax_loss is in {lessons} and {KIT_HALF}, but not in {JUDGED_HALF}; "
        "there it may be called softmax_losses",
        f"question softmax_losses is in {JUDGED_HALF}, but not in {lessons} and {KIT_HALF}; "
        "there it may be called softmax_loss",
    ]
