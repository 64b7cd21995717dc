"""The page that tells how to add a question, done step by step in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assignment.builder.checkout import ROOT

PAGE = ROOT / "book" / "add_a_question.md"
STEP = re.compile(r"^```(?:sh|\{code-block\} \w+\n:caption: (?P<file>\S+)\n)\n?(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", "*.egg-info", "*_cache", "_build", "evidence", "graded", "submitted", "autograded", "*.db"
)
TOOL = """#!{python}
import runpy
runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""


def steps() -> Iterator[tuple[str, str]]:
    """What the page has its reader do, in order: the file that gains a text, or nothing, and the text or the commands."""
    for match in STEP.finditer(PAGE.read_text(encoding="utf-8")):
        yield match["file"] or "", match["text"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository, set up: its tools run this Python on the copy's packages."""
    made = tmp_path / "course"
    shutil.copytree(ROOT, made, ignore=LEFT_OUT, symlinks=True)
    tools = made / ".venv" / "bin"
    tools.mkdir(parents=True)
    modules = {"ruff": "ruff", "mypy": "mypy", "nbjudge": "nbjudge.command"}
    for tool, module in modules.items():
        (tools / tool).write_text(TOOL.format(python=sys.executable, module=module))
    (tools / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    (made / ".venv" / ".ready").touch()
    return made


def run(commands: str, copy: Path) -> str:
    """What a step of the page prints. Each begins in the copy's folder, and all its commands must succeed."""
    inside = [copy, copy / "assignment", copy / "nbjudge" / "src"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, inside)), "PYTEST_ADDOPTS": "-p no:cacheprovider -q"}
    done = subprocess.run(["sh", "-ec", commands], cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{commands}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_steps_lead_from_nothing_to_a_graded_class(copy: Path) -> None:
    before = {path.relative_to(copy) for path in copy.rglob("*") if path.is_file()}
    printed: dict[str, str] = {}
    for file, text in steps():
        if file:
            with (copy / file).open("a", encoding="utf-8") as opened:
                opened.write(text)
        else:
            printed[text] = run(text, copy)
        if len(printed) == 1:
            own = {path.relative_to(copy) for path in copy.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
            assert len(own - before) == 6, own - before
    (tested,) = [told for commands, told in printed.items() if "make check" in commands]
    assert int(re.search(r"(\d+) passed", tested)[1]) > 30  # type: ignore[index]
    (table,) = [told for commands, told in printed.items() if "nbjudge table" in commands]
    rows = {words[0]: words[1:] for line in table.splitlines() if (words := line.split())}
    assert rows["of"][-2:] == ["5", "105"]
    # In all: its own, eight functions, the small table. Boxes wait for a person, and the optional notebook is not there.
    assert [float(points) for points in rows["perfect"][-2:]] == [5, 96]


def test_the_page_s_files_are_those_that_the_command_writes() -> None:
    from assignment.builder.question import OWN

    named = set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    own = {str(path).format(name="row_means").removeprefix(f"{ROOT}/") for path in OWN.values()}
    assert named == own | {"assignment/lesson/ps8.md", "assignment/course.toml"}


def test_every_step_is_found() -> None:
    found = list(steps())
    assert len(found) == PAGE.read_text(encoding="utf-8").count("```") // 2
    assert [file for file, _ in found if file] == [
        "autograder/questions/row_means/mistakes.toml",
        "autograder/questions/row_means/right_answers.py",
    ]
