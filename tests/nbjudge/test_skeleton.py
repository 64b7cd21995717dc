"""A second assignment beside PS8: written by one command, graded by another."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from nbjudge.command import main
from nbjudge.skeleton import NotNew, write_assignment

from .course import new_course

SCORES = """
SELECT submitted_assignment.student_id, grade.auto_score FROM grade JOIN base_cell ON base_cell.id = grade.cell_id
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id WHERE base_cell.name = 'mean'
"""


@pytest.mark.slow
def test_two_commands_lead_from_nothing_to_a_graded_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = new_course(tmp_path)
    assert main(["new", "ps9", "--course", str(course)]) == 0
    assert main(["grade", "ps9", "--course", str(course), "--jobs", "1"]) == 0
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        scores = gradebook.execute(SCORES).fetchall()
    assert dict(scores) == {"example-right": 2, "example-blank": 0}
    capsys.readouterr()
    assert main(["grade", "ps9", "--course", str(course)]) == 0
    assert "none changed" in capsys.readouterr().out
    assert main(["table", "ps9", "--course", str(course)]) == 0
    assert "example-right" in capsys.readouterr().out
    assert (course / "grades-ps9.csv").is_file() and not (course / "grades.csv").exists()
    assert main(["grade", "--course", str(course)]) == 2  # which of the two?
    assert "choose one of ps8, ps9" in capsys.readouterr().err


def test_nothing_is_written_over(tmp_path: Path) -> None:
    written = write_assignment(tmp_path, "ps9")
    assert len(written) == 3 and all(path.is_file() for path in written)
    with pytest.raises(NotNew, match="source/ps9 is there already"):
        write_assignment(tmp_path, "ps9")


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "ps 9", "\u00fc/"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotNew, match="is no name for an assignment"):
        write_assignment(tmp_path, name)
    assert not list(tmp_path.iterdir())
