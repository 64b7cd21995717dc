"""The mutants with full marks are right: each is listed with its reason, and the list names none that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.questions import QUESTIONS
from trials.mutants.equivalent import equivalent
from trials.mutants.mutate import mutants
from trials.mutants.mutation_score import FULL, MutantResult, report, rows, survivors


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_no_wrong_mutant_keeps_full_marks(question: str) -> None:
    tried = rows([question], workers=1)
    assert survivors(tried) == {}
    kept = {row.what for row in tried if row.worst == FULL}
    assert kept == set(equivalent().get(question, {})), "listed as right, and loses points"


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_listed_mutant_is_there_and_has_a_reason(question: str) -> None:
    listed = equivalent().get(question, {})
    assert set(listed) <= {mutant.what for mutant in mutants(question)}
    assert all(len(reason) > 10 and reason[-1] == "." for reason in listed.values())


def test_a_mutant_that_is_listed_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nce" / "equivalent_mutants.toml"
    path.parent.mkdir()
    path.write_text("".join(f"[[equivalent]]\nreason = '{why}'\nmutants = ['x -> y']\n" for why in "ab"))
    with pytest.raises(ValueError, match=r"nce/equivalent_mutants.toml: 'x -> y' stands twice"):
        equivalent(tmp_path)


def test_the_report_counts_and_names_survivors() -> None:
    tried = [
        MutantResult("nce", "constant", "a -> b", 0.0, 10.0, FULL, (), ()),
        MutantResult("nce", "constant", "a -> c", 2.0, 10.0, "other numbers", ("value",), ()),
        MutantResult("nce", "constant", "a -> d", 10.0, 10.0, "nothing is borne out", ("runs",), ()),
    ]
    found = report(tried)
    assert found["total"]["mutants"] == 3 and found["questions"]["nce"]["other numbers"] == 1
    assert found["lose_everything"] == 0.5
    assert found["full_marks_and_not_listed"] == {"nce": ["a -> b"]}
