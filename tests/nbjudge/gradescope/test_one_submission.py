"""Submissions in a tree like Gradescope's, through the real `run_autograder`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbjudge.assignment import Assignment
from nbjudge.grade import class_run
from nbjudge.gradescope import one_submission
from nbjudge.gradescope.one_submission import json_ready, main
from nbjudge.judge.rounds import Rounds
from nbjudge.workspace import Workspace

from autograder.definition import at
from trials.attacks.arena import CANARIES
from trials.classroom.submissions import solved
from trials.foreign.example_course import ASSERTED, FULL, JUDGED, NOTEBOOK, answered, plant

from ..course import new_course
from .tree import run, submit, unpacked

RIGHT = "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]"
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"
ONLY_THE_KNOWN = RIGHT.replace("n + 1", "min(n, 11) + 1")  # right for what a student can see
NO_NAMESPACES = ["unshare", "-Ur", "sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"]
HOSTILE = """
import json, os
FAKE = json.dumps({{"score": 100, "output": "forged", "tests": []}})
print(FAKE)
for name in ("{tree}/results/results.json", "{tree}/source/course/secret.key", "results.json"):
    try:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        open(name, "w").write(FAKE)
    except OSError:
        pass
def squares(n):
    raise RuntimeError("\\x1b[31m\\ud800\\0<script>alert(1)</script>")
"""


def released(course: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(course / "source" / "ps1" / NOTEBOOK, as_version=4)
    for step in (ClearSolutions, ClearHiddenTests):
        notebook, _ = step().preprocess(notebook, {"language": "python"})
    return notebook


def with_answers(course: Path, squares: str, total: str = SUM) -> dict[str, str]:
    notebook = answered(answered(released(course), "squares", squares), "sum_of_squares", total)
    return {NOTEBOOK: nbformat.writes(notebook)}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted course, with the tree of the judged one in `judged`, of the one with assertions alone in `asserted`."""
    folder = tmp_path_factory.mktemp("foreign")
    course = plant(folder)
    for name, lines in (("judged", JUDGED), ("asserted", ASSERTED)):
        (course / "nbgrader_config.py").write_text("c = get_config()\n" + lines)
        unpacked(Workspace(course, Assignment("ps1")), folder / name)
    return folder


@pytest.mark.slow
def test_what_is_submitted_earns_what_it_is_worth(foreign: Path) -> None:
    course, tree = foreign / "course", foreign / "judged"
    submit(tree, with_answers(course, RIGHT) | {"timestamp.txt": "2020-01-01"})
    told, _ = run(tree)
    waiting = [test for test in told["tests"] if "score" not in test]
    assert told["score"] == sum(FULL.values()) and told["stdout_visibility"] == "hidden" and told["extra_data"]["jailed"]
    assert waiting and all("Waits for grading by hand" in test["output"] for test in waiting)
    assert "points so far. Waits for grading by hand" in told["output"] and "after it was due" in told["output"]
    submit(tree, with_answers(course, RIGHT.replace("** 2", "** 3")))
    told, _ = run(tree)
    assert 0 < told["score"] < sum(FULL.values())
    failed = next(test for test in told["tests"] if test.get("status") == "failed")
    assert failed["max_score"] == 1 and "Wrong." in failed["output"]
    secret = (tree / "source" / "course" / "secret.key").read_text()
    submit(tree, with_answers(course, HOSTILE.format(tree=tree), "raise SystemExit"))
    told, log = run(tree)
    assert told["score"] == 0 and len(told["tests"]) > 3 and "forged" not in json.dumps(told) + log
    assert told["output_format"] == "text" and "RuntimeError" in json.dumps(told), "as text, script is text"
    assert not [bad for bad in ("\\ud800", "\\u0000", "\\u001b") if bad in json.dumps(told)]
    assert (tree / "source" / "course" / "secret.key").read_text() == secret


@pytest.mark.slow
def test_a_failed_hidden_test_is_not_shown(foreign: Path) -> None:
    tree = foreign / "asserted"
    submit(tree, with_answers(foreign / "course", ONLY_THE_KNOWN))
    told, _ = run(tree)
    assert next(test for test in told["tests"] if test["name"] == "Correct squares")["score"] == 0
    hidden = json.loads((foreign / CANARIES).read_text())["hidden"]
    assert hidden not in json.dumps(told) and "squares(12)" not in json.dumps(told)


@pytest.mark.slow
def test_ps8_is_graded_with_what_is_in_its_zip(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    tree = unpacked(at(new_course(tmp_path / "course")), tmp_path / "tree")
    submit(tree, {"Copy of ps8.ipynb": nbformat.writes(solved("ps8"))})
    told, log = run(tree)
    earned = {test["name"]: test["score"] for test in told["tests"] if "score" in test}
    assert earned["1.1 Encoder"] == 10 and earned["2.2 CMCScore"] == 20 and told["score"] >= 90, (told, log)


def graded(tree: Path, folder: Path) -> dict:
    """The results of the grader itself, in this process."""
    assert main([str(tree), str(folder / "out.json")]) == 0
    return json.loads((folder / "out.json").read_text())


@pytest.mark.parametrize("kind", ["nothing", "broken"])
def test_of_what_cannot_be_read_it_is_said_what_was_there(foreign: Path, tmp_path: Path, kind: str) -> None:
    tree = foreign / "judged"
    submit(tree, {} if kind == "nothing" else {NOTEBOOK: '{"cells": [', "n\udcff.zip": "PK no zip"})
    told = graded(tree, tmp_path)
    assert told["score"] == 0 and len(told["tests"]) > 3 and told["extra_data"]["state"] != "not graded"
    says = {"nothing": f"No {NOTEBOOK} was found", "broken": r"n\xff.zip could not be unpacked"}[kind]
    assert says in told["output"]


def test_links_stay_links_pipes_are_left_and_no_time_is_believed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submission = tmp_path / "submission"
    (submission / "sub").mkdir(parents=True)
    for name in (NOTEBOOK, "timestamp.txt", "sub/a.txt"):
        (submission / name).write_text(name)
    (submission / "out").symlink_to("/etc/passwd")
    os.mkfifo(submission / "pipe")
    folder = tmp_path / "course" / "submitted" / "ada" / "ps1"
    one_submission.place(submission, folder)
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*")}
    assert set(found) == {NOTEBOOK, "sub", "sub/a.txt", "out"} and found["out"].is_symlink()
    assert "pipe" in capsys.readouterr().out


def test_where_there_is_no_jail_nothing_is_run(
    foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(one_submission, "reasons_unavailable", lambda: ("bubblewrap cannot make namespaces here (EPERM).",))
    monkeypatch.setattr(class_run, "grade", lambda *args, **kw: pytest.fail("student code would have run"))
    submit(foreign / "judged", with_answers(foreign / "course", RIGHT))
    told, log = graded(foreign / "judged", tmp_path), capsys.readouterr().out
    assert told["score"] == 0 and "none of it was run" in told["output"] and "EPERM" not in told["output"]
    assert "EPERM" in log and "NBJUDGE_UNJAILED" in log and "nbjudge collect" in log


def test_in_a_container_without_user_namespaces_root_is_refused_too(foreign: Path) -> None:
    if subprocess.run([*NO_NAMESPACES, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no one make a place without user namespaces")
    submit(foreign / "judged", with_answers(foreign / "course", RIGHT))
    told, log = run(foreign / "judged", NO_NAMESPACES)
    assert "none of it was run" in told["output"] and told["extra_data"] == {"state": "not graded"}
    assert "bubblewrap cannot make namespaces here" in log and "NBJUDGE_UNJAILED" in log


def test_a_fault_of_ours_is_shown_to_instructors_alone(
    foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **kw: object) -> None:
        raise RuntimeError("of the judge")

    submit(foreign / "judged", {})
    monkeypatch.setattr(class_run, "grade", broken)
    told, log = graded(foreign / "judged", tmp_path), capsys.readouterr().out
    assert "a fault of its own" in told["output"] and "of the judge" not in json.dumps(told) and "of the judge" in log
    summary = class_run.RunSummary(failed={"ada@example.edu": "the gradebook broke"})
    monkeypatch.setattr(class_run, "grade", lambda *args, **kw: summary)
    told, log = graded(foreign / "judged", tmp_path), capsys.readouterr().out
    assert "could not finish" in told["output"] and "gradebook" not in json.dumps(told) and "the gradebook broke" in log


def test_texts_can_be_read_by_any_program() -> None:
    told = {"score": 1.5, "tests": [{"output": "a\ud800\x00\x1b[0m\nb", "max_score": 2}], "extra_data": {"jailed": True}}
    assert json_ready(told) == {**told, "tests": [{"output": "a\ufffd\ufffd\ufffd[0m\nb", "max_score": 2}]}


def test_each_submission_of_a_student_meets_inputs_of_its_own(tmp_path: Path) -> None:
    asked = []
    for before in (0, 1, 2, 2):
        shutil.rmtree(tmp_path / "rounds", ignore_errors=True)
        rounds = Rounds(tmp_path / "rounds")
        rounds.used_up(before)
        asked.append(rounds.of("ada", "ps1", b"what it does"))
    assert asked == [1, 2, 3, 3]
