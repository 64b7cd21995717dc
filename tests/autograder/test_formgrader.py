from __future__ import annotations

import os
import sys

import pytest

from autograder.cli import main
from autograder.paths import COURSE


def test_the_formgrader_is_jupyters_server_in_the_course_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Replaced(Exception):
        """The process would be another one now."""

    def execv(program: str, arguments: list[str]) -> None:
        started.append((program, arguments, os.getcwd()))
        raise Replaced

    started: list[tuple[str, list[str], str]] = []
    monkeypatch.chdir(COURSE.parent)
    monkeypatch.setattr(os, "execv", execv)
    with pytest.raises(Replaced):
        main(["formgrader", "--ServerApp.port=8890"])
    ((program, arguments, folder),) = started
    assert program == sys.executable and folder == str(COURSE)
    with pytest.raises(SystemExit):
        main(["table", "--ServerApp.port=8890"])
    assert arguments[1:3] == ["-m", "jupyter_server"]
    assert arguments[3:] == ["--ServerApp.default_url=/formgrader", "--ServerApp.open_browser=True", "--ServerApp.port=8890"]
