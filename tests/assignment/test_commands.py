from __future__ import annotations

import subprocess
import sys

import pytest

from assignment.builder import __main__ as commands
from assignment.builder.checkout import ROOT
from assignment.builder.generated_files import differences, write
from assignment.builder.problem import BuildError


@pytest.fixture
def build(tiny, monkeypatch):
    """The commands, on a tiny course."""
    load = commands.load_lessons
    monkeypatch.setattr(commands, "load_course", tiny.course)
    monkeypatch.setattr(commands, "load_lessons", lambda course: load(course, tiny.folder, tiny.root))
    monkeypatch.setattr(commands, "half_problems", lambda lessons: [])
    monkeypatch.setattr(commands, "SOURCE", tiny.root / "source")
    monkeypatch.setattr(commands, "RELEASE", tiny.root / "release")
    monkeypatch.setattr(commands, "ENVIRONMENT", tiny.root / "environment.yml")
    return tiny


def test_a_file_is_written_only_when_it_changes(tmp_path):
    plan = {tmp_path / "folder" / "a.txt": "one\n"}
    assert write(plan) == list(plan)
    assert write(plan) == []
    assert (tmp_path / "folder" / "a.txt").read_bytes() == b"one\n"


def test_files_no_longer_made_are_removed(tmp_path):
    (tmp_path / "old.ipynb").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    plan = {tmp_path / "new.ipynb": "new"}
    assert "old.ipynb: is no longer made" in str(differences(plan, "make", ".ipynb")[-1])
    write(plan, ".ipynb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.ipynb", "notes.txt"]


def test_differences_name_line_and_command(tmp_path):
    path = tmp_path / "a.txt"
    assert str(differences({path: "x"}, "make a")[0]) == f"{path}: is missing. Run: make a"
    path.write_text("one\ntwo\n")
    assert differences({path: "one\ntwo\n"}, "make a") == []
    assert str(differences({path: "one\n2\n"}, "make a")[0]).startswith(f"{path}:2: is not what the build writes now")
    path.write_bytes(b"\xff")
    assert len(differences({path: "x"}, "make a")) == 1


def test_all_is_written_and_then_as_it_should_be(build, capsys):
    assert commands.main(["all", "--check"]) == 1
    assert "python -m assignment.builder release" in capsys.readouterr().err
    assert commands.main(["all"]) == 0
    assert (build.root / "source" / "ps8" / "ps8.ipynb").is_file()
    assert (build.root / "release" / "ps8" / "ps8.ipynb").is_file()
    assert (build.root / "environment.yml").is_file()
    assert commands.main(["all", "--check"]) == 0
    capsys.readouterr()
    assert commands.main(["all"]) == 0
    assert capsys.readouterr().out.count("nothing has changed") == 3


def test_a_change_by_hand_is_found_and_the_command_named(build, capsys):
    commands.main(["all"])
    path = build.root / "release" / "ps8" / "ps8.ipynb"
    path.write_text(path.read_text().replace("YOUR CODE HERE", "MY CODE HERE", 1))
    capsys.readouterr()
    assert commands.main(["release", "--check"]) == 1
    said = capsys.readouterr().err
    assert f"{path}:" in said and "Run: python -m assignment.builder release" in said
    assert commands.main(["notebooks", "--check"]) == 0


def test_problems_are_said_all_at_once_and_nothing_is_written(build, capsys):
    line = build.change(build.lesson, "factor = 2", "factor = two")
    build.change(build.lesson, "## 2 Signs\n", "")
    assert commands.main(["notebooks"]) == 1
    said = capsys.readouterr().err.strip().split("\n")
    assert len(said) == 2
    assert said[0].startswith(f"{build.lesson}:{line}: two is used")
    assert not (build.root / "source").exists()


def test_lint_says_how_many_lessons_are_right(build, capsys):
    assert commands.main(["lint"]) == 0
    assert capsys.readouterr().out == "1 lessons: nothing wrong\n"


def test_an_unknown_command_shows_the_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        commands.main(["nothing"])
    assert caught.value.code == 2
    assert "notebooks" in capsys.readouterr().err


def test_the_module_runs_from_the_shell():
    done = subprocess.run(
        [sys.executable, "-m", "assignment.builder", "environment", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_nbgrader_would_release_is_named(build, capsys):
    assert commands.main(["notebooks"]) == 0
    (build.root / "source" / "ps8" / "answers.py").write_text("x = 1")
    assert commands.main(["notebooks"]) == 1
    assert "answers.py: is not made by the build, and nbgrader would release it" in capsys.readouterr().err


def test_the_committed_files_are_what_the_build_writes_now():
    build = commands.Build()
    problems = []
    for target in commands.GENERATED:
        plan, suffix = build.plan(target)
        problems += differences(plan, f"python -m assignment.builder {target}", suffix)
    assert [str(problem) for problem in problems] == []


def test_an_error_is_its_text_and_no_traceback():
    assert str(BuildError(["one", "two"])) == "one\ntwo"
    assert str(BuildError("one")) == "one"
