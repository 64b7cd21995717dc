"""What a criterion finds: the first thing that is off, with the severity it was given; nothing where it is met."""

from __future__ import annotations

import numpy as np
import pytest
from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Criterion, Outcome, Question, runs, same, shows, unjudged
from nbjudge.judge.severity import Severity


def case(arrays: dict[str, object], expected: dict[str, object] | None = None, **errors: str) -> Case:
    def kept(those: dict[str, object]) -> dict[str, np.ndarray]:
        return {name: np.asarray(value) for name, value in those.items()}

    return Case(Evidence(kept(arrays), errors), Evidence(kept(expected or {})), 0)


def test_same_asks_for_every_array_and_tells_of_the_first_that_differs() -> None:
    expected = {"a": [1.0, 2.0], "b": [3.0], "c": [4.0]}
    check = same("a", "b", "c", what="numbers", severity=Severity.LEARNS_ELSE)
    assert check(case(expected, expected)) == MET
    off = check(case({**expected, "b": [5.0], "c": [6.0]}, expected))
    assert off == Outcome(Severity.LEARNS_ELSE, "numbers: expected 3, actual 5")
    assert check(case({**expected, "c": [6.0]}, expected)).reason == "numbers: expected 4, actual 6"
    assert same("a", what="numbers")(case({"a": [9.0, 2.0]}, expected)).severity is Severity.OTHER_NUMBERS


@pytest.mark.parametrize(("rtol", "atol", "met"), [(0.2, 0, True), (0, 2.0, True), (0.1, 0.5, False), (0.1, 1.0, True)])
def test_same_allows_what_it_is_told_to(rtol: float, atol: float, met: bool) -> None:
    check = same("a", what="numbers", rtol=rtol, atol=atol)
    assert (check(case({"a": [12.0]}, {"a": [10.0]})) == MET) is met


def test_runs_tells_of_the_first_part_that_raised_in_the_order_it_was_given() -> None:
    check = runs({"one": "the first call", "two": "the second call"})
    assert check(case({})) == MET
    assert check(case({}, three="ValueError")) == MET
    raised = check(case({}, two="TypeError: no", one="ValueError: yes"))
    assert raised == Outcome(Severity.CANNOT_RUN, "the first call: ValueError: yes")
    assert check(case({}, two="TypeError: no")).reason == "the second call: TypeError: no"
    assert runs({"one": "it"}, Severity.NOT_GENERAL)(case({}, one="E")).severity is Severity.NOT_GENERAL


def test_shows_costs_where_the_probe_noted_something() -> None:
    check = shows("printed", Severity.NOT_GENERAL, "it prints")
    assert check(case({})) == check(case({"printed": 0})) == check(case({"printed": [0, 0]})) == MET
    assert check(case({"printed": [0, 1]})) == Outcome(Severity.NOT_GENERAL, "it prints")


def test_what_is_unjudged_costs_nothing_and_says_so() -> None:
    assert (MET.judged, MET.severity, MET.reason) == (True, Severity.NONE, "")
    assert unjudged() == Outcome(Severity.NONE, "", False)
    assert unjudged("why") == Outcome(Severity.NONE, "why", False)


def test_a_question_is_worth_the_sum_of_its_criteria_and_has_no_mistakes_of_its_own() -> None:
    criteria = tuple(Criterion(str(points), "", points, lambda case: MET) for points in (1.5, 0, 3))
    question = Question("q", "Q", criteria, borne_out=bool)
    found = Evidence({"a": np.ones(2)})
    assert question.points == 4.5
    assert question.canonical(found, 3) is found
    assert not question.mistakes()
    assert question.noted.search("y.left12") and not question.noted.search("y.left12x")
