"""The public tree: what students and readers get, and nothing that tells an answer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from assignment.builder.assistants import FILE, asks, instructions
from assignment.builder.checkout import BOOK_HTML, KIT, LICENSE, QUESTIONS, REPAIR, ROOT
from assignment.builder.conda_environment import load_pyproject
from assignment.builder.course_config import Course
from assignment.builder.leaks import files_of, leaks_in_tree, without_given
from assignment.builder.lesson_cells import Exercise, Given, Lesson, ManualAnswer
from assignment.builder.problem import BuildError, Problem, shown
from assignment.builder.regions import given_lines
from assignment.builder.secret_lines import (
    Secret,
    edit_secrets,
    head_secrets,
    hidden_secrets,
    region_secrets,
)

LIST = ".published"  # the files of the public tree, which alone `publish` may replace
DOCS = "docs"  # the book in the public tree
TOO_EARLY = (
    "Nothing was published. Answers to the questions to think about are for the book alone, and there from the deadline on, if "
    "[answers] show in assignment/course.toml says so. Build the book again: make book."
)
ADVICE = (
    "Nothing was published. Take the line out; or, if it says nothing on its own, add it to [publish] common "
    "in assignment/course.toml."
)


def secrets_of(
    course: Course,
    lessons: Sequence[Lesson],
    notebooks: Mapping[str, NotebookNode],
    solution: Path = ROOT / "solution",
    questions: Path = QUESTIONS,
) -> list[Secret]:
    """Every line that must not be published.

    Args:
        course: its `common` lines are no secrets.
        lessons: the code that they give is no secret; their sample answers are.
        notebooks: the instructor's, for the hidden tests.
        solution: folder of the reference.
        questions: the folder of their hidden halves: known wrong answers, and what counted questions do to an answer.
    """
    secrets = [s for path in _sources(solution) for s in region_secrets(path.read_text("utf-8"), shown(path))]
    secrets += [s for path in sorted(questions.glob("*/mistakes.toml")) for s in _edits(path)]
    for path in sorted(questions.glob("*/changes.py")):
        secrets += head_secrets(path.read_text("utf-8"), shown(path))
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            secrets += hidden_secrets(cell.source, f"{name}.ipynb, cell {cell.id}")
    given = list(course.common)
    for lesson in lessons:
        for cell in lesson.cells:
            if isinstance(cell, ManualAnswer):
                found = region_secrets(cell.source, lesson.path)
                secrets += [Secret(s.text, s.path, cell.lines[s.line - 1]) for s in found]
            elif isinstance(cell, Given | Exercise):
                given += given_lines(cell.source)
    return without_given(secrets, given)


def publish(
    out: Path,
    course: Course,
    release: Mapping[str, str],
    secrets: Sequence[Secret],
    book: Path = BOOK_HTML,
    kit: Path = KIT,
    license: Path = LICENSE,
    answers: Sequence[Secret] = (),
    now: datetime | None = None,
) -> list[Path]:
    """Writes the public tree, or nothing at all.

    Args:
        out: a new folder, or that of an earlier public tree; what else is in it, such as .git, is left alone.
        course: names and addresses.
        release: the texts of the students' notebooks, by name.
        secrets: lines that must not be in the tree.
        book: the built book; left out if it is not there.
        kit: the folder of the student kit.
        license: the licence of the repository.
        answers: lines of the answers to the questions to think about: for the book alone, and when the course shows them.
        now: with its offset from UTC; the present by default.

    Returns:
        The files written, from `out`.

    Raises:
        BuildError: naming file and line of every secret in the tree; or if a file of `out` is not ours.
    """
    if not license.is_file():
        raise BuildError([Problem(shown(license), 0, "not there. A public tree needs its licence: add it.")])
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _fill(tree, course, release, book, kit, license)
        if leaks := leaks_in_tree(tree, secrets):
            raise BuildError([*map(str, leaks), ADVICE])
        shows = course.shows_answers(now or datetime.now(timezone.utc))
        if leaks := [leak for leak in leaks_in_tree(tree, answers) if not (shows and leak.path.startswith(f"{DOCS}/"))]:
            raise BuildError([*map(str, leaks), TOO_EARLY])
        return _move(tree, out)


def _sources(folder: Path) -> list[Path]:
    return [path for path in files_of(folder) if path.suffix in (".py", ".toml", ".json")]


def _edits(path: Path) -> list[Secret]:
    try:
        return edit_secrets(path.read_text("utf-8"), shown(path))
    except (ValueError, SyntaxError) as error:
        raise BuildError([Problem(shown(path), 0, f"cannot be read, so what it holds cannot be kept: {error}")]) from None


def _fill(tree: Path, course: Course, release: Mapping[str, str], book: Path, kit: Path, license: Path) -> None:
    for name, folder in (("ps8", kit), ("nbrepair", REPAIR)):
        shutil.copytree(folder, tree / "assignment" / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
    notebooks = tree / "assignment" / "release" / course.assignment
    notebooks.mkdir(parents=True)
    for name, text in release.items():
        _write(notebooks / f"{name}.ipynb", text)
    if book.is_dir():
        shutil.copytree(book, tree / DOCS, ignore=shutil.ignore_patterns(".buildinfo", ".doctrees"))
        _write(tree / DOCS / ".nojekyll", "")  # else GitHub Pages drops _static
    shutil.copyfile(license, tree / "LICENSE")
    if asks(course):
        _write(tree / FILE, instructions(course))
    _write(tree / "README.md", readme(course, list(release), book.is_dir()))
    _write(tree / "pyproject.toml", kit_pyproject(load_pyproject()))
    _write(
        tree / ".gitignore",
        "__pycache__/\n*.egg-info/\n.ipynb_checkpoints/\n*.pth\nresults*.json\ndata_cache/\n",
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _move(tree: Path, out: Path) -> list[Path]:
    """Puts the tree where the one before it was."""
    old = _published(out)
    new = [path.relative_to(tree) for path in files_of(tree)]
    foreign = [path for path in new if path not in old and (out / path).exists()]
    if foreign:
        raise BuildError(
            [
                Problem(
                    shown(out / path),
                    0,
                    "is there and was not written by publish. Move it away, or give another --out.",
                )
                for path in foreign
            ]
        )
    for path in old - set(new):
        (out / path).unlink(missing_ok=True)
    for path in new:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / path, out / path)
    _write(out / LIST, "".join(f"{path.as_posix()}\n" for path in new))
    return new


def _published(out: Path) -> set[Path]:
    """The files of an earlier public tree, by its own list; none of them outside `out`."""
    if out.exists() and not out.is_dir():
        raise BuildError(f"{out} is a file: --out must be a folder")
    listed = out / LIST
    lines = listed.read_text("utf-8").splitlines() if listed.is_file() else []
    return {Path(line) for line in lines if line and not Path(line).is_absolute() and ".." not in Path(line).parts}


def kit_pyproject(root: Mapping[str, Any]) -> str:
    """The kit's own pyproject.toml: what the root's says of the kit, and none of the course's extras."""
    project = root["project"]
    dependencies = "".join(f'    "{requirement}",\n' for requirement in project["dependencies"])
    return f"""\
# Generated by the course's build.
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{project["name"]}"
dynamic = ["version"]
description = "The student kit of PS8: data, figures, checks and small tools"
readme = "README.md"
requires-python = "{project["requires-python"]}"
dependencies = [
{dependencies}]

[tool.hatch.version]
path = "assignment/ps8/__init__.py"

[tool.hatch.build.targets.wheel]
packages = ["assignment/ps8", "assignment/nbrepair"]

[tool.hatch.build.targets.wheel.force-include]
"assignment/release/ps8" = "ps8/released"
"""


def readme(course: Course, notebooks: Sequence[str], with_book: bool) -> str:
    """The students' README."""
    folder = f"assignment/release/{course.assignment}"
    rows = "\n".join(f"- [{name}.ipynb]({folder}/{name}.ipynb) · [open in Colab]({course.colab(name)})" for name in notebooks)
    due = course.deadline
    deadline = f"{due:%A}, {due.day} {due:%B %Y, %H:%M} ({due.tzname()})"
    book = f"\nThe walkthrough as a book, with the figures of a right solution: <{course.book}>\n" if with_book else ""
    return f"""\
# {course.assignment.upper()}: {course.title}

{course.name} ({course.short}), {course.term}. Due on {deadline}. {course.total} points.

## Start

{rows}

On Colab, open the notebook with the link above and run its first cells. On your own machine:

    git clone {course.url}
    cd {course.url.rsplit("/", 1)[1]}
    pip install -e . jupyterlab
    jupyter lab {folder}/{notebooks[0]}.ipynb

Fill in the cells that say `YOUR CODE HERE`; each is followed by a check that says at once whether it is right
and, if not, why. Hand in what the notebook's last section names.
{book}
## What is here

- `{folder}/`: the notebooks.
- `assignment/ps8/`: the kit that they import, `import ps8`: data, figures, checks.
- `assignment/nbrepair/`: what the grader puts right in a notebook before it runs it; `ps8.submit()` does the same.
"""
