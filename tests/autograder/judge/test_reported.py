"""A loss that is reported is that of the step, not of a second look."""

from __future__ import annotations

import pytest

from autograder.judge import reference
from trials.answer_folders import AnswerFile, tell
from trials.misconceptions.rewriting import cell_of

STEP = """\
                loss = criterion(model(images), images)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
"""
AFTER_IT = """\
                optimizer.zero_grad()
                criterion(model(images), images).backward()
                optimizer.step()
                loss = criterion(model(images), images).detach()
"""


@pytest.mark.parametrize("seed", [5, 77, 1234, 20_261])
@pytest.mark.parametrize(("step", "score"), [(STEP, 10), (AFTER_IT, 8)])
def test_the_loss_after_the_step_is_another_number(step: str, score: float, seed: int) -> None:
    text = cell_of("train_ae", reference.edited("autoencoder", (reference.Edit("autoencoder", STEP, step),)))
    assert tell(AnswerFile("wrong", "train_ae", "after", "", (0, 10), (text,)), seed).score == score
