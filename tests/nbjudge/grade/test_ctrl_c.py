"""Ctrl-C while a class is graded, with kernels that would run for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from nbjudge.grade.interrupt import CtrlC

from autograder.paths import ROOT

from .small_class import NAMES

GRADE = """
import sys
from nbjudge.command import main
sys.exit(main(["grade", "ps8", "--course", sys.argv[1], "--jobs", "2"]))
"""


def test_it_is_raised_once_and_held_back_where_something_is_written() -> None:
    pressed, done = CtrlC(), []
    with pytest.raises(KeyboardInterrupt), pressed.handled(), pressed.held():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("written")
    assert done == ["written"]
    with pressed.handled():
        os.kill(os.getpid(), signal.SIGINT)  # again, while everything ends: nothing
    with pytest.raises(KeyboardInterrupt):
        pressed.check()


def test_an_error_goes_before_it() -> None:
    pressed = CtrlC()
    with pytest.raises(ValueError, match="this"), pressed.handled(), pressed.held():
        os.kill(os.getpid(), signal.SIGINT)
        raise ValueError("this")
    assert pressed.pressed


def endless(course: Path) -> None:
    """Puts a loop without end into every submission."""
    for path in (course / "submitted").glob("*/ps8/ps8.ipynb"):
        try:
            notebook = nbformat.read(path, as_version=4)
        except ValueError:
            continue
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "encoder-answer")
        cell.source = "print('begun', flush=True)\nwhile True:\n    pass"
        nbformat.write(notebook, path)


def left(process: int) -> list[str]:
    """What belongs to a grader's jails: processes, and folders."""
    mark = f"nbjudge-jail-{process}-"
    folders = [str(path) for path in Path(tempfile.gettempdir()).glob(f"{mark}*")]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                folders.append(path.parent.name)
        except OSError:
            continue
    return folders


@pytest.mark.slow
@pytest.mark.xdist_group("grade")
@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_the_grading_and_nothing_is_lost(times: int, course: Path) -> None:
    endless(course)
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'assignment'}:{ROOT / 'nbjudge/src'}"}
    with subprocess.Popen(
        [sys.executable, "-c", GRADE, str(course)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as grader:
        while not list(Path(tempfile.gettempdir()).glob(f"nbjudge-jail-{grader.pid}-*/k/*/challenge")):
            assert grader.poll() is None, grader.communicate()
            time.sleep(0.1)
        time.sleep(3)  # into the loop
        for _ in range(times):
            os.killpg(grader.pid, signal.SIGINT)  # as a terminal does: the whole group
            time.sleep(0.1)
        pressed = time.monotonic()
        said, errors = grader.communicate(timeout=60)
        print(f"ended after {time.monotonic() - pressed:.1f} s")
    assert grader.returncode == 130, errors
    assert "Traceback" not in errors
    assert f"Stopped with {len(NAMES)} submissions to go: Ctrl-C." in errors
    assert "Nothing is lost: the same command goes on from here." in errors
    assert "0 graded" in said
    assert left(grader.pid) == []
