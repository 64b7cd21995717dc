"""The page about running a course: each of its commands, in its order, with a small class of Canvas's."""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbjudge.skeleton import write_assignment

PAGE = Path(__file__).parents[3] / "nbjudge" / "running_a_course.md"
BIN = Path(sys.executable).parent
CONFIG = """
from datetime import datetime, timezone
from nbjudge import configure
from nbjudge.assignment import Assignment, PlainFacts


class PS1(Assignment):
    def facts(self):
        return PlainFacts("ps1", deadline=datetime(2026, 2, 1, 23, 59, tzinfo=timezone.utc))


c = get_config()
configure(c, PS1("ps1"))
c.LatePolicy.penalty_per_day = 0.1
"""
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (501),Current Score\n"
    "    Points Possible,,,,,3.00,(read only)\n"
    '"Lovelace, Ada",11,S-1,ada,1,,\n"Hopper, Grace",12,S-2,grace,1,,\n"Turing, Alan",13,S-3,alan,1,,\n'
)
LATE = "student,time\nada,2026-02-03 12:00 UTC\ngrace,2026-02-03 12:00 UTC\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    write_assignment(tmp_path, "ps1")
    right = (tmp_path / "submitted" / "example-right" / "ps1" / "ps1.ipynb").read_bytes()
    (tmp_path / "submitted").rename(tmp_path / "examples")
    (tmp_path / "gradebook.csv").write_text(CANVAS)
    (tmp_path / "times.csv").write_text(LATE)
    (tmp_path / "extensions.csv").write_text("student,until\ngrace,2026-02-10\n")
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("lovelaceada_LATE_11_901_ps1-1.ipynb", right)
        archive.writestr("hoppergrace_LATE_12_902_ps1.ipynb", right)
    return tmp_path


def run(course: Path, command: str) -> str:
    program, *arguments = shlex.split(command)
    env = {name: value for name, value in os.environ.items() if not name.startswith("NBGRADER")}
    done = subprocess.run([str(BIN / program), *arguments], cwd=course, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def scores(course: Path) -> dict[str, tuple[float, float]]:
    """What nbgrader's gradebook has: points, and the penalty."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submissions = gradebook.find_assignment("ps1").submissions
        return {one.student_id: (one.score, one.late_submission_penalty) for one in submissions}


@pytest.mark.slow
def test_each_command_of_the_page_does_what_it_says(course: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) > 8
    said = {command: run(course, command) for command in commands}
    assert "Missing: on the roster, and nothing submitted (1):\n  alan" in said["nbjudge collect submissions.zip"]
    assert "2 graded, 0 unchanged, 0 failed" in said["nbjudge grade"]
    expected = {"ada": (2.0, 0.4), "grace": (2.0, 0.0)}
    assert scores(course) == expected, "two days begun cost a fifth, and who has longer is not late"
    assert "ada loses 0.4 points" in said["nbjudge late"] and "So it stands in the gradebook" in said["nbjudge late"]
    with (course / "ps1-canvas.csv").open(newline="") as file:
        assert [row[-1] for row in csv.reader(file)] == ["ps1 (501)", "3.00", "1.6", "2", ""]
    with zipfile.ZipFile(course / "ps1-canvas-feedback.zip") as archive:
        assert set(archive.namelist()) == {"lovelaceada_LATE_11_901_ps1.html", "hoppergrace_LATE_12_902_ps1.html"}
    run(course, "nbgrader autograde ps1 --force")
    assert scores(course) == expected, "nbgrader by itself says the same"
    run(course, "nbgrader export --exporter nbjudge.nbgrader_ext.csv_export_plugin.Csv --to theirs.csv")
    assert (course / "theirs.csv").read_text() == (course / "grades-ps1.csv").read_text()
