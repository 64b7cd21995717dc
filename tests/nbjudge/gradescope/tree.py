"""A tree as Gradescope has it in /autograder, somewhere else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbjudge.gradescope.autograder_zip import AutograderZip
from nbjudge.workspace import Workspace

METADATA: dict[str, Any] = {
    "id": 123456,
    "created_at": "2026-11-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2026-10-31T23:00:00.000000-07:00",
        "group_size": None,
        "group_submission": False,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2026-07-02T00:00:00.000000-07:00",
        "title": "Squares",
        "total_points": "3.0",
    },
    "submission_method": "upload",
    "users": [{"email": "Ada@Example.edu", "id": 1234, "name": "Ada"}],
    "previous_submissions": [{"submission_time": "2026-10-30T14:24:48.087023-07:00", "score": 0.0, "results": {}}],
}


def unpacked(here: Workspace, tree: Path) -> Path:
    """Builds the zip of an assignment and puts it where Gradescope does; in place of what setup.sh makes stands this Python."""
    tree.mkdir()
    AutograderZip.of(here, minutes=10).write(tree / "autograder.zip")
    with zipfile.ZipFile(tree / "autograder.zip") as archive:
        archive.extractall(tree / "source")
    (tree / "autograder.zip").unlink()
    shutil.copy(tree / "source" / "run_autograder", tree)
    (tree / "venv").symlink_to(Path(sys.prefix).resolve())
    return tree


def submit(tree: Path, files: dict[str, str]) -> None:
    """Puts a submission in the place of the one before."""
    shutil.rmtree(tree / "submission", ignore_errors=True)
    shutil.rmtree(tree / "results", ignore_errors=True)
    (tree / "submission").mkdir()
    for name, text in files.items():
        (tree / "submission" / name).write_text(text)
    (tree / "submission_metadata.json").write_text(json.dumps(METADATA))


def run(tree: Path, within: Sequence[str] = ()) -> tuple[dict[str, Any], str]:
    """Starts `run_autograder` as Gradescope does, or within a command; gives the results, and what only instructors see."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [*within, sys.executable, "-I", str(tree / "run_autograder"), str(tree)]
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((tree / "results" / "results.json").read_text("utf-8")), done.stdout
