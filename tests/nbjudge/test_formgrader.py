from __future__ import annotations

import os
import sys

import pytest
from jupyter_server.serverapp import ServerApp
from nbjudge.command import main

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


@pytest.mark.parametrize(
    ("given", "browser", "url"),
    [
        ([], True, "/formgrader"),
        (["--ServerApp.open_browser=False"], False, "/formgrader"),
        (["--ServerApp.open_browser", "False"], False, "/formgrader"),
        (["--no-browser"], False, "/formgrader"),
        (["--ServerApp.default_url=/tree", "--ServerApp.port=8890"], True, "/tree"),
        (["--port", "8890"], True, "/formgrader"),
    ],
)
def test_what_the_command_line_says_goes_before_what_we_say(
    given: list[str], browser: bool, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jupyter's own parser takes no option twice, and ends there."""
    started: list[list[str]] = []
    monkeypatch.chdir(COURSE.parent)
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append(arguments))
    with pytest.raises(TypeError):  # a process that was replaced returns nothing
        main(["formgrader", *given])
    server = ServerApp()
    server.parse_command_line(started[0][3:])
    assert (server.open_browser, server.default_url) == (browser, url)
    assert server.port == (8890 if any("8890" in option for option in given) else server.port)
