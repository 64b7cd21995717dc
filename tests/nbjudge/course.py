"""A nbgrader course directory of a test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from nbjudge.reports.scores import Sheet

from autograder.definition import at
from autograder.paths import COURSE

SHEET = Sheet.of(at())
BIN = Path(sys.executable).parent


def new_course(folder: Path, configured: bool = True) -> Path:
    """A course directory with the source notebooks and, if asked for, our configuration of nbgrader."""
    shutil.copytree(COURSE / "source", folder / "source")
    config = (COURSE / "nbgrader_config.py").read_text("utf-8") if configured else ""
    release = 'get_config().CourseDirectory.release_directory = "release"\n'
    (folder / "nbgrader_config.py").write_text(config + release)
    return folder


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Runs a nbgrader command in a course directory, with a clean environment but for what Python needs."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PS8_", "NBGRADER"))}
    env["JUPYTER_PREFER_ENV_PATH"] = "1"
    return subprocess.run(
        [str(BIN / "nbgrader"), *arguments], cwd=course, env=env, capture_output=True, text=True, timeout=900, check=False
    )
