"""The release in JupyterLab, as a student works with it: from the first *Run All* to a training that goes on in a new kernel.

Pictures of each step lie beside the student's folder, in the test's temporary one.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import ps8
import pytest
from nbgrader.utils import is_solution
from playwright.sync_api import Browser
from ps8.trainings.checkpoints import FOLDER, found

from assignment.builder.checkout import RELEASE
from autograder.paths import DATA
from trials.classroom.submissions import solved

from .lab import Lab, server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # minutes where nothing else runs

EPOCHS = 40  # enough to be interrupted in
SMALL = f"""\
from dataclasses import replace

cfg = replace(cfg, n_unlabeled=256, n_train=256, n_test=256, ae_epochs={EPOCHS}, cmc_epochs=4, cls_epochs=4)"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A student's folder, with the release in it."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(RELEASE / "ps8" / "ps8.ipynb", folder)
    return folder


@pytest.fixture
def lab(browser: Browser, work: Path) -> Iterator[Lab]:
    kit = str(Path(ps8.__file__).parents[1])
    env = {"PYTHONPATH": os.pathsep.join([kit, os.environ.get("PYTHONPATH", "")]), "PS8_DATA": str(DATA)}
    with server(work.parent, env) as address:
        yield Lab(browser, address.format("ps8.ipynb"))


def test_from_the_first_run_to_a_new_kernel(lab: Lab, work: Path, tmp_path: Path) -> None:
    the_first_run_stops_at_a_stub(lab)
    lab.picture("encoder-answer", tmp_path / "1 first run.png")
    answers = fill_in(lab)
    a_wrong_answer_gets_a_reason_and_a_hint(lab, answers["encoder-answer"])
    lab.picture("encoder-answer", tmp_path / "2 checked.png")
    epochs = an_interrupted_training_is_kept(lab, work)
    lab.picture("given-run-ae", tmp_path / "3 interrupted.png")
    it_goes_on_in_a_new_kernel(lab, epochs)
    lab.picture("given-run-ae", tmp_path / "4 went on.png")
    lab.picture("given-table-all", tmp_path / "5 measured.png")


def the_first_run_stops_at_a_stub(lab: Lab) -> None:
    lab.run_all()
    lab.wait()
    assert lab.errors() == {"encoder": "NotStarted"}
    assert "encoder" in lab.said("encoder").lower() and "Traceback" not in lab.said("encoder")


def fill_in(lab: Lab) -> dict[str, str]:
    """Writes the answers; gives them by the ids of their cells."""
    answers = {cell.id: cell.source for cell in solved("ps8").cells if is_solution(cell) and cell.source}
    for id, text in answers.items():
        lab.write(id, text)
    lab.write(lab.cells[1]["id"], lab.cells[1]["source"].replace('"full")', '"quick")'))
    lab.add_below("given-setup", SMALL)
    return answers


def a_wrong_answer_gets_a_reason_and_a_hint(lab: Lab, right: str) -> None:
    lab.write("encoder-answer", right.replace("nn.ReLU()", "nn.Identity()"))
    lab.run("encoder-answer")
    assert "ReLU" in lab.run("encoder")
    hint = lab.add_below("encoder", 'ps8.hint("encoder")')
    assert len(lab.run(hint)) > 20
    lab.write("encoder-answer", right)
    lab.run("encoder-answer")
    assert "all checks passed" in lab.run("encoder")


def an_interrupted_training_is_kept(lab: Lab, work: Path) -> int:
    """Interrupts the kernel in the middle of a training; gives how many epochs are done."""
    lab.run_all_afresh()
    run = work / FOLDER / "photo_sample-quick-42"
    while not (heads := found(run, "ae")) or heads[0].epochs < 3:
        assert lab.errors() == {}
        time.sleep(0.05)
    lab.interrupt()
    lab.wait()
    (head,) = found(run, "ae")
    assert 3 <= head.epochs < EPOCHS, "the training was over before it could be interrupted"
    assert f"Interrupted after {head.epochs} of {EPOCHS} epochs" in lab.said("given-run-ae")
    return head.epochs


def it_goes_on_in_a_new_kernel(lab: Lab, epochs: int) -> None:
    lab.run_all_afresh()
    lab.wait()
    assert lab.errors() == {}
    assert f"Going on after {epochs} of {EPOCHS} epochs" in lab.said("given-run-ae")
    assert all(cell["count"] for cell in lab.cells if cell["type"] == "code")
