"""The ranges that the lesson says to expect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assignment.builder.checkout import LESSON
from assignment.builder.problem import BuildError
from assignment.builder.runs import Runs, all_runs, between, extremes

RUN = {
    "accuracy": {"cmc": 0.5},
    "standardised": {"cmc": 0.41},
    "ae_losses": [3.0, 1.0],
    "cmc_history": {"loss": [11.0, 8.0]},
    "debug_losses": [11.2, 5.0],
    "features": {"trained": {"views": 0.61, "dead_L": 0.08, "dead_ab": 0.2}},
    "doctor": [],
}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    other = {**RUN, "accuracy": {"cmc": 0.554}, "ae_losses": [3.0, 1.28], "cmc_history": {"loss": [11.04, 7.9]}}
    (tmp_path / "a_set-quick.json").write_text(
        json.dumps({"data": "a set", "profile": "quick", "runs": {"1": RUN, "2": other}})
    )
    return all_runs(tmp_path)["a_set_quick"]


def test_ranges(runs: Runs) -> None:
    assert (runs.data, runs.profile, runs.seeds) == ("a set", "quick", ("1", "2"))
    assert runs.accuracy("cmc") == "0.50 to 0.55"
    assert runs.accuracy("cmc", standardised=True) == "0.41"
    assert runs.loss("ae_losses", 1) == "3.00" and runs.loss("ae_losses", 2) == "1.00 to 1.28"
    assert runs.loss("cmc_history.loss", 2, 1) == "7.9 to 8.0"
    assert runs.feature("trained", "views") == "0.6"
    assert runs.share("trained", "dead_L", "dead_ab") == "8 to 20 %"


def test_two_numbers_that_read_alike_are_one() -> None:
    assert between([0.301, 0.304], 2) == "0.30" and between([0.2, 0.1], 1) == "0.1 to 0.2"


def test_the_lowest_and_the_highest_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps({"accuracy": {"plain": value}}) + "\n" for value in (0.3, 0.1, 0.2)))
    assert extremes(log, "plain") == (0.1, 0.3)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": "a", "profile": "quick", "runs": []}'])
def test_a_file_that_is_no_such_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(BuildError, match=r"bad\.json: not what `python -m benchmarks seeds` writes"):
        Runs.read(path)


def test_the_lessons_runs_are_there_with_several_seeds() -> None:
    known = all_runs(LESSON / "runs")
    assert len(known["photo_sample_quick"].seeds) >= 5
