"""Submissions that nobody wrote: whatever a file holds, it has a row, earns no more than its clean twin, and stops nobody.

`PS8_FUZZ=5000` tries as many mutants; `PS8_FUZZ_FROM=123` begins at another seed. A mutant that fails is named by its seed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbjudge.gather import ask
from nbjudge.grade import pool
from nbjudge.grade.class_run import ClassRun, RunSummary
from nbjudge.reports.scores import StudentScores, read_scores

from autograder.course_notebooks import release
from autograder.definition import PS8, at
from trials.classroom.mutations import cell_of
from trials.classroom.submissions import solved

from .course import SHEET, new_course
from .fuzzed import mutant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fuzz"), pytest.mark.timeout(3600)]

COUNT, FIRST = int(os.environ.get("PS8_FUZZ", "300")), int(os.environ.get("PS8_FUZZ_FROM", "0"))
NOT_STARTED = ("decoder", "train_cmc")
MISTAKES = ("cmc_score.temperature_forgotten",)


def twin() -> nbformat.NotebookNode:
    """Right answers, a known mistake, and two that were not started: a mutant with more points has been given them."""
    notebook, blank = solved("ps8", MISTAKES), release("ps8")
    for question in NOT_STARTED:
        cell, stub = (cell_of(nb, f"{question}-answer") for nb in (notebook, blank))
        assert cell is not None and stub is not None
        cell.source = stub.source
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = new_course(tmp_path_factory.mktemp("fuzz"))
    notebook = json.loads(nbformat.writes(twin()))
    submissions = {"twin": {"ps8.ipynb": json.dumps(notebook).encode()}}
    submissions |= {f"mutant{seed:05}": mutant(notebook, seed) for seed in range(FIRST, FIRST + COUNT)}
    for student, files in submissions.items():
        folder = course / "submitted" / student / "ps8"
        folder.mkdir(parents=True)
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return course


@pytest.fixture(scope="module")
def graded(course: Path) -> tuple[RunSummary, dict[str, StudentScores]]:
    """The class, graded. All meet one set of inputs, so that mutants that do the same are run once."""
    names = sorted(path.name for path in (course / "submitted").iterdir())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ask, "challenge_set", lambda secret, student, content, number: 0)
        summary = ClassRun(at(course), names, pool.local(2, PS8)).run()
    return summary, {row.student: row for row in read_scores(at(course), SHEET)}


def test_everybody_has_a_row(course: Path, graded: tuple[RunSummary, dict[str, StudentScores]]) -> None:
    summary, rows = graded
    assert (summary.failed, summary.stopped) == ({}, "")
    assert set(rows) == {path.name for path in (course / "submitted").iterdir()}


def test_the_twin_has_what_it_earns(graded: tuple[RunSummary, dict[str, StudentScores]]) -> None:
    scores = graded[1]["twin"].scores
    assert scores["encoder"] == 10 and scores["cmc_score"] not in (0, 20)
    assert all(scores[question] == 0 for question in NOT_STARTED)


def test_no_mutant_earns_more_than_its_clean_twin(graded: tuple[RunSummary, dict[str, StudentScores]]) -> None:
    rows = graded[1]
    clean = rows["twin"].scores
    more = {
        (student, question): (score, clean[question])
        for student, row in rows.items()
        for question, score in row.scores.items()
        if score is not None and score > (clean[question] or 0)
    }
    assert more == {}


def test_every_autograded_notebook_is_valid_and_says_why(
    course: Path, graded: tuple[RunSummary, dict[str, StudentScores]]
) -> None:
    for path in sorted((course / "autograded").glob("*/ps8/ps8.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        told = notebook.metadata["nbjudge"]
        assert told["verdicts"], path
        assert "Traceback" not in json.dumps([told["remarks"], notebook.cells[0].source]), path
        if not any(graded[1][path.parts[-3]].scores.values()):
            assert told["remarks"] or told["repairs"], f"{path}: a silent 0"
