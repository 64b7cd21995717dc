"""Tests that nbgrader writes by running the instructor's answer: they stand in the gradebook, and not in the source."""

from __future__ import annotations

from pathlib import Path

import nbformat
import nbgrader
import pytest
from nbgrader.api import Gradebook
from nbjudge.course import workspace
from nbjudge.grade.class_run import grade
from nbjudge.grade.register import register_in_gradebook
from nbjudge.jail import reasons_unavailable
from nbjudge.record import Record
from nbjudge.reports.scores import Sheet, read_scores
from nbjudge.skeleton import write_assignment

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable()))]
TEMPLATES = Path(nbgrader.__file__).with_name("docs") / "source" / "user_guide" / "autotests.yml"


def test_each_submission_is_run_once_with_the_tests_that_were_written(tmp_path: Path) -> None:
    """They were run on the source's comment first, which passes, and again with the tests when they were committed."""
    (tmp_path / "nbgrader_config.py").write_text("from nbjudge import configure\nconfigure(get_config())\n")
    write_assignment(tmp_path, "ps1")
    (tmp_path / "autotests.yml").write_text(TEMPLATES.read_text())
    path = tmp_path / "source" / "ps1" / "ps1.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells[3].source = "### AUTOTEST mean([1, 2, 3]); mean([5])"
    nbformat.write(source, path)
    here = workspace(tmp_path)
    register_in_gradebook(here)
    with Gradebook(here.database) as gradebook:
        written = gradebook.find_source_cell("mean", "ps1", "ps1").source
    assert "assert" in written and "AUTOTEST" not in written
    for submission in (tmp_path / "submitted").rglob("*.ipynb"):  # as generate_assignment has released it
        notebook = nbformat.read(submission, as_version=4)
        notebook.cells[3].source = written
        nbformat.write(notebook, submission)
    summary = grade(here, jobs=1)
    assert sorted(summary.graded) == ["example-blank", "example-right"]
    scores = {row.student: row.scores["mean"] for row in read_scores(here, Sheet.of(here))}
    assert scores == {"example-right": 2, "example-blank": 0}
    assert len(list(here.evidence.rglob("*.evidence"))) == 2
    graded = nbformat.read(here.autograded("example-right") / "ps1.ipynb", as_version=4)
    assert Record.of(graded).repairs == []
