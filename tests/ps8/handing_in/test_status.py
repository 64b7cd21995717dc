"""The table of what is done, and the next step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ps8
import pytest
from ps8.artifacts import RESULTS
from ps8.handing_in.parts import ROWS, TRAININGS, WEIGHTS
from ps8.settings import settings

from autograder.artifacts import artifact_files, networks
from autograder.judge.reference import namespace

LESSON = Path(__file__).parents[3] / "assignment" / "lesson" / "ps8.md"
WHOLE: dict[str, Any] = {
    "data": "STL-10",
    "profile": "full",
    "seed": 42,
    "ae_losses": [1.0] * settings("full").ae_epochs,
    "cmc_history": {"loss": [1.0] * settings("full").cmc_epochs},
    "accuracy": dict.fromkeys(ROWS, 0.5),
    "standardised": {"cmc": 0.625},
}


@pytest.fixture
def answers() -> dict[str, Any]:
    """Those of a student who has done all, in this session."""
    return namespace()


def told(capsys: pytest.CaptureFixture) -> tuple[dict[str, str], str]:
    """The table's rows, and the next step."""
    lines = capsys.readouterr().out.splitlines()
    rows = dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in lines if line.startswith("  "))
    return rows, lines[-1].removeprefix("Next: ")


def test_what_it_asks_for_is_what_the_lesson_makes_and_the_grader_takes() -> None:
    text = LESSON.read_text("utf-8")
    assert set(ROWS) == set(networks.ROWS) == set(re.findall(r'^    "(\w+)": "[I ]', text, re.MULTILINE))
    assert {f"{name}.pth" for name in WEIGHTS} == set(artifact_files.WEIGHTS)
    for name, part in TRAININGS.items():
        assert f'ps8.resume("{name}", results, ' in text and f'keep("{name}"' in text and f"{part.history}=" in text


def test_a_new_session_is_told_to_run_the_cells(capsys: pytest.CaptureFixture) -> None:
    ps8.status({})
    rows, step = told(capsys)
    assert rows["1.1 Encoder"] == "not run in this session" and rows["results.json"] == "missing"
    assert step.startswith("run the cells of the notebook from the top")


def test_an_empty_answer_and_a_wrong_one_come_first(answers: dict[str, Any], capsys: pytest.CaptureFixture) -> None:
    def stub(*_: object) -> None:
        raise NotImplementedError

    answers["SoftmaxLoss"].forward = stub
    ps8.status(answers)
    rows, step = told(capsys)
    assert rows["2.2 SoftmaxLoss"] == "empty" and rows["2.2 CMCScore"] == "passes its check"
    assert step == "write SoftmaxLoss, section 2.2 of the notebook."
    answers["SoftmaxLoss"].forward = lambda self, x: x.sum()
    ps8.status(answers)
    rows, step = told(capsys)
    assert rows["2.2 SoftmaxLoss"] == "fails its check"
    assert step == 'find what is off in 2.2 SoftmaxLoss: run ps8.check("softmax_loss"), then ps8.hint("softmax_loss").'


def test_then_the_trainings_the_measurements_and_the_files(answers: dict[str, Any], capsys: pytest.CaptureFixture) -> None:
    def step_with(**changed: object) -> str:
        answers["results"] = {**WHOLE, **changed}
        ps8.status(answers)
        return told(capsys)[1]

    assert step_with(ae_losses=[]) == "train the autoencoder, section 1.4."
    assert step_with(cmc_history={"loss": [1.0]}) == "train the CMC, section 2.3."
    assert step_with(accuracy={}) == "measure I, autoencoder, section 1.5."
    assert step_with().startswith("run the cells that write results.json, ae.pth")
    for name in WEIGHTS:
        Path(f"{name}.pth").touch()
    Path(RESULTS).write_text(json.dumps(WHOLE))
    assert step_with(profile="quick", ae_losses=[1.0] * 80) == (
        "run all with the profile full: the report asks for it. The first cell of the notebook sets it."
    )
    assert step_with().startswith("write the report, save the notebook, and call ps8.submit()")
    answers["differs"] = None
    assert step_with().startswith("find what is off in What differs")


def test_a_training_that_was_cut_short_is_told(answers: dict[str, Any], capsys: pytest.CaptureFixture) -> None:
    answers["results"] = {**WHOLE, "ae_losses": [1.0] * 3, "cmc_history": {}}
    folder = Path("checkpoints/STL_10-full-42")
    folder.mkdir(parents=True)
    made = {"seed": 42, "code": {}, "leaves": {}, "kinds": ""}
    head = {"epochs": 9, "of": 60, "made": made, "varying": [], "format": 1, "bytes": 0, "crc": 0}
    (folder / "encoder_cmc-1.ckpt").write_text(json.dumps(head) + "\n")
    ps8.status(answers)
    rows, _ = told(capsys)
    assert rows["1.4 autoencoder"] == "interrupted after 3 of 100 epochs: run its cell again and it goes on"
    assert rows["2.3 CMC"] == "9 of 60 epochs in checkpoints: run its cell and it goes on"
    assert rows["2.4 CMC"] == "0.500, standardised 0.625"


@pytest.mark.parametrize("damaged", ["", "[1]", "{"])
def test_damaged_results_do_no_harm(damaged: str, capsys: pytest.CaptureFixture) -> None:
    Path(RESULTS).write_text(damaged)
    ps8.status({})
    assert "nothing trained or measured yet" in capsys.readouterr().out
