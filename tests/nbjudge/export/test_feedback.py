"""Feedback goes back in the form in which submissions came."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from nbjudge.assignment import Assignment
from nbjudge.command import main
from nbjudge.export.feedback_zip import CANVAS, MOODLE, pack
from nbjudge.workspace import Workspace

from ..collect.downloads import NOTEBOOK, download, new_course

FILES = {
    CANVAS: {
        "lovelaceada_LATE_11_901_ps1-1.ipynb": NOTEBOOK,
        "lovelaceada_LATE_11_902_results.json": "{}",
        "hoppergracebrewster_12_903_my work.ipynb": NOTEBOOK,
        "turingalan_13_904_ps1.ipynb": NOTEBOOK,
        "zoe_14_905_ps1.ipynb": NOTEBOOK,
    },
    MOODLE: {
        "Ada Lovelace_501_assignsubmission_file/ps1.ipynb": NOTEBOOK,
        "Grace Brewster Hopper_502_assignsubmission_file_/a/my work.ipynb": NOTEBOOK,
        "Alan Turing_503_assignsubmission_file/ps1.ipynb": NOTEBOOK,
        "Zoë Ångström-O'Neil_504_assignsubmission_file/ps1.ipynb": NOTEBOOK,
    },
}
PACKED = {
    CANVAS: {
        "lovelaceada_LATE_11_901_ps1.html",
        "lovelaceada_LATE_11_901_more.html",
        "hoppergracebrewster_12_903_ps1.html",
    },
    MOODLE: {
        "Ada Lovelace_501_assignsubmission_file/ps1.html",
        "Ada Lovelace_501_assignsubmission_file/more.html",
        "Grace Brewster Hopper_502_assignsubmission_file/ps1.html",
    },
}


def graded(here: Workspace, student: str, *pages: str, old: bool = False) -> None:
    """In place of a grading and `generate_feedback`."""
    here.autograded(student).mkdir(parents=True)
    here.feedback(student).mkdir(parents=True)
    notebook = here.autograded(student) / "ps1.ipynb"
    notebook.write_bytes(NOTEBOOK)
    os.utime(notebook, (1000, 1000))
    for page in pages:
        path = here.feedback(student) / page
        path.write_text(f"<p>{student}</p>")
        os.utime(path, (900, 900) if old else (1100, 1100))


@pytest.mark.parametrize("platform", [CANVAS, MOODLE])
def test_feedback_goes_where_the_submission_came_from(tmp_path: Path, platform: str) -> None:
    course = new_course(tmp_path)
    zip = download(tmp_path / "submissions.zip", FILES[platform])
    assert main(["collect", str(zip), "--write", "--course", str(course)]) == 0
    here = Workspace(course, Assignment("ps1"))
    graded(here, "ada", "ps1.html", "more.html")
    graded(here, "grace", "ps1.html")
    graded(here, "alan", "ps1.html", old=True)
    graded(here, "tom1", "ps1.html")
    done = pack(here, ["ada", "grace", "alan", "tom1", "zoe"], platform, tmp_path / "feedback.zip")
    assert done.packed == ["ada", "grace"]
    assert {student: why.split(":")[0] for student, why in done.left_out.items()} == {
        "alan": "was graded after the feedback page was written",
        "tom1": f"was not collected from {platform.capitalize()} by `nbjudge collect`",
        "zoe": "is not graded",
    }
    with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
        assert set(archive.namelist()) == PACKED[platform]
        assert all(archive.read(name) == (b"<p>grace</p>" if "race" in name else b"<p>ada</p>") for name in archive.namelist())
