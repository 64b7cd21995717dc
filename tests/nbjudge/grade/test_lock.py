from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbjudge.grade.lock import Busy, only_grader

from autograder.paths import ROOT

HOLD = """
import sys, time
from pathlib import Path
from nbjudge.grade.lock import only_grader
with only_grader(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_grader_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "graded"
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Busy, match=f"process {first.pid}, since"), only_grader(folder):
            pass
    finally:
        first.kill()  # SIGKILL: nothing of the program runs any more, and the lock is free all the same
        first.wait()
    with only_grader(folder):
        assert f"process {os.getpid()}," in (folder / ".lock").read_text()


def test_a_grader_may_grade_twice(tmp_path: Path) -> None:
    for _ in range(2):
        with only_grader(tmp_path):
            pass
