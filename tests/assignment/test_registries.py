from __future__ import annotations

from ps8.questions import ROOMS

from assignment.builder import __main__ as commands
from assignment.builder.registries import disagreements, kit_problems


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
    assert kit_problems(commands.Build().lessons) == []


def test_notebooks_are_not_built_where_the_kit_lacks_a_question(monkeypatch, capsys):
    monkeypatch.delitem(ROOMS, "cmc_score")
    assert commands.main(["lint"]) == 1
    (line,) = capsys.readouterr().err.strip().split("\n")[-1:]
    assert line == "question cmc_score is in the lessons' checks, but not in the student kit (assignment/ps8/questions)"
