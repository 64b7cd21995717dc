from __future__ import annotations

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
