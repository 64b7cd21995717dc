"""Whatever a submission's files do, a notebook comes of it, and a reason."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbjudge.grade import prepare as module
from nbjudge.grade.prepare import plans, prepare_submission, stage
from nbjudge.repair import intake as intake_module
from nbrepair import rebuild as rebuild_module
from nbrepair.rebuild import BLANK

from autograder.course_notebooks import release
from autograder.definition import at
from autograder.paths import COURSE
from trials.broken_files import written
from trials.classroom.submissions import solved


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "source").symlink_to(COURSE / "source")
    (tmp_path / "nbgrader_config.py").symlink_to(COURSE / "nbgrader_config.py")
    return tmp_path


def hand_in(course: Path, **files: bytes) -> None:
    for name, data in files.items():
        path = course / "submitted" / "ada" / "ps8" / name.replace("__", "/").replace("_ipynb", ".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("nobody thought of this")


STEPS = {
    "looking through the folder": (module, "intake"),
    "opening files": (intake_module, "Search"),
    "the time": (module, "read_timestamp"),
    "recognising cells": (rebuild_module, "recognise"),
}


@pytest.mark.parametrize("step", STEPS)
def test_an_error_at_any_step_gives_a_notebook_and_a_reason(step, course, monkeypatch):
    hand_in(course, ps8_ipynb=written(solved("ps8")), nce_ipynb=written(solved("nce")))
    real, calls = getattr(*STEPS[step]), []

    def once(*args: object, **options: object) -> object:
        calls.append(args)
        return broken() if len(calls) == 1 or step != "recognising cells" else real(*args, **options)

    monkeypatch.setattr(*STEPS[step], once)
    prepared = prepare_submission("ada", at(course))
    told = [remark for notebook in prepared.notebooks.values() for remark in notebook.metadata.nbjudge.repairs]
    assert any("RuntimeError" in remark for remark in told)
    for notebook in prepared.notebooks.values():
        nbformat.validate(notebook)
    assert (stage(prepared, at(course)) / "ps8.ipynb").is_file()


def test_what_cost_something_is_noted_apart(course):
    hand_in(course, report_pdf=b"%PDF")
    facts = prepare_submission("ada", at(course)).notebooks["ps8"].metadata.nbjudge
    assert facts.unreadable and facts.lost == [facts.repairs[0]] and "report_pdf" in facts.lost[0]


def test_a_blank_notebook_is_said(course):
    hand_in(course, ps8_ipynb=written(release("ps8")))
    facts = prepare_submission("ada", at(course)).notebooks["ps8"].metadata.nbjudge
    assert facts.repairs == [BLANK] and not facts.lost


def test_the_worked_one_is_taken_and_the_blank_one_is_not(course):
    hand_in(course, ps8_ipynb=written(release("ps8")), my_work_ipynb=written(solved("ps8")))
    notebook = prepare_submission("ada", at(course)).notebooks["ps8"]
    answers = {slot.key for slot in plans(at(course))["ps8"].answers}
    assert not any("raise NotImplementedError" in cell.source for cell in notebook.cells if cell.id in answers)
    assert "my_work.ipynb was taken, not ps8.ipynb" in notebook.metadata.nbjudge.repairs[0]
