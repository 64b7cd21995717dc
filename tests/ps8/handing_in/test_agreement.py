"""The dry run's word against the grader's, on the invented class: whose scores are known to be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps8.handing_in.answers import State
from ps8.handing_in.dry_run import rehearse
from ps8.handing_in.student_notebook import NoNotebook, read_student_notebook

from trials.classroom.submissions import InventedStudent, hand_in, students

QUESTIONS = ("encoder", "decoder", "train_ae", "train_classifier", "encoder_cmc", "cmc_score", "softmax_loss", "train_cmc")


@pytest.mark.slow
@pytest.mark.parametrize("student", students(), ids=lambda student: student.name)
def test_it_says_what_the_grader_says(student: InventedStudent, tmp_path: Path) -> None:
    path = tmp_path / "ps8.ipynb"
    path.write_text(hand_in(student, "ps8"))
    try:
        notebook = read_student_notebook(path)
    except NoNotebook:
        assert student.done == "not_json"
        return
    run = rehearse(notebook)
    assert not run.ended
    full = {question for question in QUESTIONS if question not in student.scores}
    assert {question for question in QUESTIONS if run.answers[question].state is State.PASSES} == full
    empty = {question for question in QUESTIONS if run.answers[question].state is State.EMPTY}
    assert all(student.scores[question] == 0 for question in empty)
