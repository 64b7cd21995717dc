"""Whatever becomes of the grader, there is a results.json, and it says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from nbjudge.gradescope import run_autograder
from nbjudge.gradescope.run_autograder import SETTINGS, main

WRITES = "import sys; open(sys.argv[4], 'w').write({!r})"
GOOD = '{"score": 1.5, "tests": []}'


def tree_with(folder: Path, grader: str | None, seconds: float = 60) -> Path:
    """A tree in which a few lines stand in for the grader's Python; none: there is no Python."""
    (folder / "source" / "packages").mkdir(parents=True)
    (folder / "source" / SETTINGS).write_text(json.dumps({"assignment": "a", "seconds": seconds, "import_from": [""]}))
    if grader is not None:
        program = folder / "venv" / "bin" / "python"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!{sys.executable} -I\n{grader}\n")
        program.chmod(0o755)
    return folder


def results(tree: Path) -> dict:
    assert main([str(tree)]) == 0
    assert not [path for path in (tree / "results").iterdir() if path.name != "results.json"]
    return json.loads((tree / "results" / "results.json").read_text())


@pytest.mark.parametrize(
    ("grader", "seconds", "says", "told"),
    [
        (None, 60, "not set up", "FileNotFoundError"),
        ("print('Traceback: secret'); raise SystemExit(3)", 60, "ended before", "status 3"),
        ("import os; os.kill(os.getpid(), 9)", 60, "ended before", "SIGKILL"),
        ("import time; time.sleep(600)", 0.5, "more than 0 minutes", "stopped after 0.5 seconds"),
        ("pass", 60, "not set up", "FileNotFoundError"),
        (WRITES.format("half a fi"), 60, "not set up", "JSONDecodeError"),
        (WRITES.format('{"score": NaN}'), 60, "not set up", "nan as the score"),
        (WRITES.format('{"score": "100"}'), 60, "not set up", "'100' as the score"),
        (WRITES.format("[]"), 60, "not set up", "AttributeError"),
    ],
)
def test_what_goes_wrong_is_said_and_is_no_grade(
    grader: str | None, seconds: float, says: str, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = results(tree_with(tmp_path, grader, seconds))
    assert found["score"] == 0 and found["stdout_visibility"] == "hidden" and found["extra_data"] == {"state": "not graded"}
    assert found["output"].startswith("Your submission was not graded") and says in found["output"]
    assert "secret" not in found["output"] and told not in found["output"] and told in capfd.readouterr().out


def test_what_the_grader_gives_is_passed_on(tmp_path: Path) -> None:
    tree = tree_with(tmp_path, WRITES.format(GOOD))
    (tree / "results" / "results.json").mkdir(parents=True)  # whatever lies there
    assert results(tree) == json.loads(GOOD)


def test_the_grader_gets_no_settings_of_python_or_nbgrader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    report = "import json, os, sys; open(sys.argv[4], 'w').write(json.dumps({'score': 0, 'env': dict(os.environ)}))"
    env = results(tree_with(tmp_path, report))["env"]
    assert env["PYTHONPATH"].startswith(str(tmp_path / "source" / "packages")) and env["PYTHONUTF8"] == "1"
    assert not {"NBGRADER_EXECUTION", "PYTHONSTARTUP"} & env.keys() and "NBJUDGE_UNJAILED" not in env


@pytest.mark.parametrize("status", [0, 3])
def test_making_ready_ends_as_the_grader_says_and_grades_nothing(tmp_path: Path, status: int) -> None:
    ready = f"import os, sys; open('ready', 'w').write(sys.argv[4]); raise SystemExit({status})"
    assert main(["--prepare", str(tree_with(tmp_path, ready))]) == status
    assert (tmp_path / "source" / "packages" / "ready").read_text() == "--prepare" and not (tmp_path / "results").exists()


def test_something_is_there_before_the_grader_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradescope ends the container when its time is over."""
    tree = tree_with(tmp_path, "pass")
    seen = []
    monkeypatch.setattr(
        run_autograder, "_graded", lambda tree, scratch: seen.append((tree / "results" / "results.json").read_text()) or {}
    )
    assert main([str(tree)]) == 0 and "was ended before" in json.loads(seen[0])["output"]
