"""The release in JupyterLab, as a student works with it: from the first *Run All* to the receipt.

Pictures of each step lie beside the student's folder, in the test's temporary one.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import ps8
import pytest
from nbgrader.utils import is_solution
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild
from playwright.sync_api import Browser
from ps8.handing_in.submission import PACKED
from ps8.trainings.checkpoints import FOLDER, found

from assignment.builder.checkout import RELEASE
from autograder.course_notebooks import source
from autograder.paths import DATA
from trials.broken_files import BREAKS
from trials.classroom.submissions import solved

from .accessibility import SCHEMES, WIDTHS, findings, problems
from .lab import Lab, server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # minutes where nothing else runs

EPOCHS = 40  # enough to be interrupted in
SMALL = f"""\
from dataclasses import replace

cfg = replace(cfg, n_unlabeled=256, n_train=256, n_test=256, ae_epochs={EPOCHS}, cmc_epochs=4, cls_epochs=4)"""
OURS = {"include": [".jp-Notebook .jp-OutputArea-output", ".jp-Notebook .jp-MarkdownOutput"]}
LOADS = ("https://cdnjs.cloudflare.com/", "https://colab.research.google.com/")  # nbconvert's formulas, and a badge
EDITORS = ("saved_by_vs_code", "saved_by_colab", "saved_by_colab_without_names")


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


def test_from_the_first_run_to_the_receipt(browser: Browser, lab: Lab, work: Path, tmp_path: Path) -> None:
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
    the_outputs_are_accessible(lab)
    submitted = the_receipt(lab, work)
    lab.picture("given-hand-in", tmp_path / "6 handed in.png")
    assert problems(browser, submitted.as_uri(), loads=LOADS) == {}
    every_editor_saves_the_same_answers(work, answers)


def the_first_run_stops_at_a_stub(lab: Lab) -> None:
    lab.menu("Run", "Run All Cells")
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
    lab.restart()
    lab.menu("Run", "Run All Cells")
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
    lab.restart()
    lab.menu("Run", "Run All Cells")
    lab.wait()
    assert lab.errors() == {}
    assert f"Going on after {epochs} of {EPOCHS} epochs" in lab.said("given-run-ae")
    assert all(cell["count"] for cell in lab.cells if cell["type"] == "code")


def the_outputs_are_accessible(lab: Lab) -> None:
    """Of JupyterLab's page, what is ours: the text, and what cells have put out."""
    found_here = {}
    for width in WIDTHS:
        lab.page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            lab.page.emulate_media(color_scheme=scheme)
            lab.page.wait_for_selector(f'body[data-jp-theme-light="{str(scheme == "light").lower()}"]')
            found_here[f"{width} px, {scheme}"] = findings(lab.page, OURS)
    assert {where: told for where, told in found_here.items() if told} == {}
    lab.page.set_viewport_size({"width": 1280, "height": 900})


def the_receipt(lab: Lab, work: Path) -> Path:
    """Hands in; gives the page to read."""
    (cell,) = [cell["id"] for cell in lab.cells if cell["source"].startswith("# ps8.submit()")]
    lab.write(cell, "ps8.submit()")
    lab.save(work / "ps8.ipynb")
    told = lab.run(cell)
    assert told.count("runs, and passes its check") == 8 and "fails" not in told, told
    assert "Receipt: " in told
    with zipfile.ZipFile(io.BytesIO((work / PACKED).read_bytes())) as packed:
        assert {"ps8.ipynb", "results.json", "ps8.html"} <= set(packed.namelist())
        assert json.loads(packed.read("results.json"))["profile"] == "quick"
        packed.extract("ps8.html", work)
    return work / "ps8.html"


def every_editor_saves_the_same_answers(work: Path, answers: dict[str, str]) -> None:
    """What JupyterLab has saved, as other editors would have saved it: the grader finds the same in it."""
    saved = nbformat.read(work / "ps8.ipynb", as_version=4)
    for editor in ("untouched", *EDITORS):
        data = BREAKS[editor](saved) if editor in BREAKS else (work / "ps8.ipynb").read_bytes()
        read = read_notebook(data)
        repaired = rebuild(read.notebook, source("ps8"), read.remarks)
        cells = {cell.metadata.nbgrader.grade_id: cell.source for cell in repaired.notebook.cells if is_solution(cell)}
        assert {id: cells[id].strip() for id in answers} == {id: text.strip() for id, text in answers.items()}, editor
        assert not repaired.remarks or editor.endswith("without_names"), editor
