from __future__ import annotations

import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.judge.verdict import CriterionResult, Status, Verdict

shares = st.floats(0, 1, allow_nan=False)


@given(st.lists(st.tuples(st.floats(0.5, 20), shares), min_size=1, max_size=6), st.floats(0, 40))
def test_a_verdict_is_the_same_share_of_any_points(parts: list[tuple[float, float]], points: float) -> None:
    lines = tuple(CriterionResult(str(i), most, most * share) for i, (most, share) in enumerate(parts))
    whole, score = sum(line.points for line in lines), sum(line.earned for line in lines)
    there = Verdict("q", whole, min(score, whole), Status.WRONG, lines).worth(points)
    assert there.points == points
    assert 0 <= there.score <= points
    assert there.score == pytest.approx(points * score / whole, abs=0.011)
    assert sum(line.earned for line in there.lines) == pytest.approx(there.score, abs=0.01 * (len(lines) + 1))


def test_a_question_without_points_is_worth_nothing_and_no_number_is_endless() -> None:
    assert Verdict("q", 0, 0, Status.WRONG, ()).worth(10).score == 0
    lost = Verdict("q", 10, 5, Status.WRONG, (CriterionResult("x", math.nan, math.inf),)).worth(10)
    assert (lost.lines[0].points, lost.lines[0].earned) == (0, 0)


LOST = Verdict(
    "q",
    8,
    3,
    Status.WRONG,
    (CriterionResult("a", 5, 3), CriterionResult("b", 3, 0, "why")),
    ("q.mistake",),
    ("a remark",),
    True,
)


def test_a_verdict_is_read_as_it_was_written() -> None:
    told = json.loads(json.dumps(LOST.as_dict()))
    assert told["status"] == "wrong" and told["lines"][1] == {"name": "b", "points": 3, "earned": 0, "reason": "why"}
    assert Verdict.from_dict(told) == LOST
    del told["ordinary"]
    assert Verdict.from_dict(told).ordinary is False


def test_where_a_question_is_worth_something_else_only_its_points_change() -> None:
    there = LOST.worth(4)
    assert there == dataclasses.replace(
        LOST, points=4, score=1.5, lines=(CriterionResult("a", 2.5, 1.5), CriterionResult("b", 1.5, 0, "why"))
    )
    assert LOST.worth(1).lines[0] == CriterionResult("a", 0.62, 0.38) and LOST.worth(1).score == 0.38
    assert LOST.worth(8) == LOST


@pytest.mark.parametrize(("score", "fits"), [(0, True), (8, True), (-0.01, False), (8.01, False), (math.nan, False)])
def test_a_score_is_between_nothing_and_all(score: float, fits: bool) -> None:
    if fits:
        assert dataclasses.replace(LOST, score=score).score == score
    else:
        with pytest.raises(ValueError, match=r"q: a score of .* is not between 0 and 8"):
            dataclasses.replace(LOST, score=score)


def test_a_rounded_score_is_never_above_what_a_question_is_worth() -> None:
    assert Verdict("q", 3, 3, Status.RIGHT, ()).worth(0.004).score == 0.0
    assert Verdict("q", 3, 3, Status.RIGHT, ()).worth(0.006).score == 0.006


def test_what_an_answer_raised_can_be_written_into_a_file() -> None:
    line = CriterionResult("f('\ud800')", 1, 0, "ValueError: \ud83d\ude00 and \udc80")
    assert (line.name, line.reason) == ("f('\N{REPLACEMENT CHARACTER}')", "ValueError: 😀 and \N{REPLACEMENT CHARACTER}")
