"""From evidence to a verdict: points by the table, the reason of each loss, the name of a known mistake."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from nbjudge.evidence import Evidence
from nbjudge.judge.criteria import MET, Criterion, Outcome, Question, unjudged
from nbjudge.judge.judge import BY_CHANCE, NOT_RUN, STUB_LEFT, CriteriaJudge, deviations, judge_case, lost_points
from nbjudge.judge.rounding import ROUNDED
from nbjudge.judge.secret import seed
from nbjudge.judge.severity import Severity
from nbjudge.judge.verdict import CriterionResult, Status, Verdict

from .conftest import MISTAKES, evidence

SEED = 5
STUB = "NotImplementedError in line, line 3"


@pytest.fixture
def judge(line: Question) -> CriteriaJudge:
    return CriteriaJudge(b"s" * 32, {"line": line, "other": dataclasses.replace(line, id="other")})


def right() -> Evidence:
    found = evidence(SEED)
    assert found is not None
    return found


def reasons(verdict: Verdict) -> dict[str, str]:
    return {line.name: line.reason for line in verdict.lines if line.reason}


def test_the_seeds_of_a_set_follow_from_secret_question_and_number(judge: CriteriaJudge) -> None:
    assert judge.seeds(7) == {name: seed(b"s" * 32, name, 7) for name in ("line", "other")}


def test_a_right_answer_has_all_points_and_a_line_for_each_criterion_that_has_some(judge: CriteriaJudge) -> None:
    verdict = judge.judge("line", right(), SEED)
    lines = (
        CriterionResult("The line is right", 6, 6),
        CriterionResult("Half of them", 3, 3),
        CriterionResult("The total", 1, 1),
    )
    assert verdict == Verdict("line", 10, 10, Status.RIGHT, lines)


def test_the_inputs_of_another_seed_have_other_right_answers(judge: CriteriaJudge) -> None:
    assert judge.judge("line", right(), SEED + 1).status is Status.WRONG


@pytest.mark.parametrize(("problem", "said"), [("", NOT_RUN), ("its kernel died", "its kernel died")])
def test_without_evidence_nothing_is_earned_and_it_is_said_why(judge: CriteriaJudge, problem: str, said: str) -> None:
    verdict = judge.judge("line", None, SEED, problem)
    assert (verdict.score, verdict.points, verdict.status) == (0, 10, Status.COULD_NOT_RUN)
    assert verdict.lines == tuple(
        CriterionResult(name, points, 0, said)
        for name, points in (("The line is right", 6), ("Half of them", 3), ("The total", 1))
    )


def test_a_question_without_a_reference_is_refused_by_name(judge: CriteriaJudge, line: Question) -> None:
    judge.questions = {"line": dataclasses.replace(line, variant=lambda seed, edits: None)}
    with pytest.raises(LookupError, match="nothing for line"):
        judge.judge("line", right(), SEED)
    with pytest.raises(LookupError, match="no reference"):
        Question("q", "Q", (), borne_out=bool).variant(1, ())


@pytest.mark.parametrize("raised", [STUB, "NotImplementedError"])
def test_a_stub_is_not_started_whatever_the_probe_noted_beside_it(judge: CriteriaJudge, raised: str) -> None:
    found = Evidence({"x": np.zeros(3), "y.left0": np.zeros(2)}, {"y": raised})
    verdict = judge.judge("line", found, SEED)
    assert (verdict.status, verdict.score) == (Status.NOT_STARTED, 0)
    assert set(reasons(verdict).values()) == {STUB_LEFT}


def test_a_stub_beside_numbers_was_begun_and_one_with_words_is_an_error_like_any_other(judge: CriteriaJudge) -> None:
    begun = right()
    del begun.arrays["y"]
    begun.errors["y"] = STUB
    verdict = judge.judge("line", begun, SEED)
    assert verdict.status is Status.WRONG and verdict.score == 0  # cannot run: 7 points, and no line: 3.5
    spoken = Evidence({"x": np.zeros(3)}, {"y": "NotImplementedError: later"})
    assert judge.judge("line", spoken, SEED).status is Status.COULD_NOT_RUN


def test_a_deviation_costs_what_follows_of_it_and_the_others_nothing(judge: CriteriaJudge) -> None:
    found = right()
    found.arrays["half"] = found.arrays["half"][:-1]
    verdict = judge.judge("line", found, SEED)
    assert (verdict.score, verdict.status, verdict.mistakes) == (9, Status.WRONG, ())
    assert verdict.lines == (
        CriterionResult("The line is right", 6, 6),
        CriterionResult("Half of them", 3, 2, "the half: expected shape (8,), actual (7,)"),
        CriterionResult("The total", 1, 1),
    )


def test_several_deviations_add_up_and_a_line_says_each_loss(judge: CriteriaJudge) -> None:
    found = right()
    found.arrays |= {"y": found.arrays["y"] * 9, "total": found.arrays["total"] + 1}
    verdict = judge.judge("line", found, SEED)
    assert verdict.score == 10 - 3.5 - 2
    assert [(line.points, line.earned) for line in verdict.lines] == [(6, 2.5), (3, 3), (2, 0)]  # takes more than its share
    assert set(reasons(verdict)) == {"The line is right", "The total"}


def test_a_criterion_without_points_has_a_line_when_it_costs(judge: CriteriaJudge) -> None:
    found = right()
    del found.arrays["half"]
    found.errors["half"] = "ValueError in half, line 2: no"
    verdict = judge.judge("line", found, SEED)
    assert verdict.score == 2
    assert verdict.lines[0] == CriterionResult("It runs", 7, 0, "the half: ValueError in half, line 2: no")
    assert verdict.lines[2] == CriterionResult(
        "Half of them", 3, 2, "the half: not computed, because of ValueError in half, line 2: no"
    )


def outcome(severity: Severity = Severity.NONE, reason: str = "why") -> Outcome:
    return Outcome(severity, reason)


def asked(*outcomes: Outcome, points: float = 5, borne_out: bool = True) -> Question:
    criteria = tuple(Criterion(str(n), f"Number {n}", points, lambda case, o=o: o) for n, o in enumerate(outcomes))
    return Question("q", "Q", criteria, lambda case: borne_out, variant=evidence)


def verdict_on(question: Question, found: Evidence | None = None) -> Verdict:
    return judge_case(question, CriteriaJudge(b"", {"q": question}).case("q", found or right(), SEED))


def test_together_the_lines_take_no_more_than_there_is() -> None:
    verdict = verdict_on(asked(outcome(Severity.CANNOT_RUN), outcome(Severity.NOTHING_LEARNS), outcome(Severity.LEARNS_ELSE)))
    assert verdict.score == 0 and verdict.status is Status.WRONG
    assert [(line.points, line.earned) for line in verdict.lines] == [(10.5, 0), (5, 0.5), (5, 5)]


def test_what_another_criterion_judges_has_no_line_and_what_costs_nothing_is_a_remark() -> None:
    verdict = verdict_on(asked(outcome(reason="style"), unjudged("see the other"), outcome(Severity.NOT_GENERAL)))
    assert verdict.remarks == ("style",)
    assert [line.name for line in verdict.lines] == ["Number 0", "Number 2"]
    assert reasons(verdict) == {"Number 2": "why"}
    right_with_remark = verdict_on(asked(MET, outcome(reason="style")))
    assert (right_with_remark.status, right_with_remark.remarks) == (Status.RIGHT, ("style",))


def test_what_is_borne_out_by_nothing_earns_nothing_and_says_the_first_reason_there_is() -> None:
    failed = asked(MET, outcome(Severity.NOT_GENERAL, "first"), outcome(Severity.NOT_GENERAL, "second"), borne_out=False)
    assert set(reasons(verdict_on(failed)).values()) == {"first"}
    met = asked(MET, outcome(reason="style"), borne_out=False)
    assert set(reasons(verdict_on(met)).values()) == {BY_CHANCE}
    raised = dataclasses.replace(right(), errors={"half": "IndexError: no"})
    verdict = verdict_on(failed, raised)
    assert set(reasons(verdict).values()) == {"IndexError: no"}
    assert (verdict.score, verdict.points, len(verdict.lines), verdict.status) == (0, 15, 3, Status.WRONG)


@pytest.mark.parametrize("known", MISTAKES, ids=lambda m: m.id)
def test_a_known_mistake_is_named_with_its_explanation_and_costs_what_its_entry_says(judge: CriteriaJudge, known) -> None:
    found = evidence(SEED, known.edits)
    verdict = judge.judge("line", found, SEED)
    assert verdict.mistakes == (known.id,)
    assert verdict.score == 10 - known.costs and verdict.points == 10
    assert verdict.lines == (CriterionResult(known.name, known.costs, 0, known.explanation),)


@pytest.mark.parametrize("names", [("no_shift", "mean"), ("steeper", "mean"), ("no_shift", "steeper")])
def test_two_known_mistakes_are_both_named_and_cost_at_least_as_much_as_each(
    judge: CriteriaJudge, names: tuple[str, str]
) -> None:
    pair = [known for known in MISTAKES if known.id.removeprefix("line.") in names]
    found = evidence(SEED, tuple(edit for known in pair for edit in known.edits))
    verdict = judge.judge("line", found, SEED)
    assert verdict.mistakes == tuple(known.id for known in pair)
    lost = verdict.points - verdict.score
    criteria = lost_points(judge.questions["line"], judge.case("line", found, SEED))
    costs = [known.costs for known in pair]
    assert lost == pytest.approx(min(max(criteria, *costs), sum(costs), 10))
    assert sum(line.points for line in verdict.lines) == pytest.approx(lost)
    assert [line.name for line in verdict.lines] == [known.name for known in pair]
    assert all(line.earned == 0 for line in verdict.lines)


def test_what_the_criteria_take_and_which_of_them(line: Question, judge: CriteriaJudge) -> None:
    found = right()
    assert deviations(line, judge.case("line", found, SEED)) == []
    assert lost_points(line, judge.case("line", found, SEED)) == 0
    found.arrays["total"] = found.arrays["total"] * 2
    case = judge.case("line", found, SEED)
    assert [name for name, _ in deviations(line, case)] == ["total"]
    assert lost_points(line, case) == 2
    nothing = Evidence({"x": np.zeros(2)})
    assert lost_points(line, judge.case("line", nothing, SEED)) == 10


def test_half_precision_costs_nothing_and_is_remarked(judge: CriteriaJudge) -> None:
    found = right()
    found.arrays["y"] = found.arrays["y"].astype(np.float16).astype(np.float64) * (1 + 0.002 * np.tile([1, -1], 8))
    verdict = judge.judge("line", found, SEED)
    assert (verdict.status, verdict.score, verdict.remarks) == (Status.RIGHT, 10, (ROUNDED,))


def test_no_evidence_can_stop_the_judge(judge: CriteriaJudge) -> None:
    odd = [
        np.array(["a"]),
        np.array([1j]),
        np.array(np.nan),
        np.zeros((0, 3)),
        np.full(16, np.inf),
        None,
        "y",
        np.array(object()),
    ]
    for y, total in itertools.product(odd, repeat=2):
        verdict = judge.judge("line", Evidence({"y": y, "total": total, "half": right().arrays["half"]}), SEED)  # type: ignore[dict-item]
        assert verdict.status is Status.WRONG and 0 < verdict.score < 10
