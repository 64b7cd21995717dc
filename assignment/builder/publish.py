"""The public tree: what students and readers get, and nothing that tells an answer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from nbformat import NotebookNode

from assignment.builder.assistants import FILE, asks, instructions
from assignment.builder.checkout import BOOK_HTML, CREDITS, KIT, LICENSE, QUESTIONS, REPAIR, ROOT
from assignment.builder.conda_environment import load_pyproject
from assignment.builder.course_config import Course
from assignment.builder.draft import mark
from assignment.builder.generated_files import files_of
from assignment.builder.leaks import leaks_in_tree, without_given
from assignment.builder.lesson_cells import Exercise, Given, Lesson, ManualAnswer
from assignment.builder.placeholders import left_over
from assignment.builder.problem import BuildError, Problem, shown
from assignment.builder.public_links import dead_links, stale_pages
from assignment.builder.public_texts import DOCS, IGNORED, kit_pyproject, pages_workflow, readme
from assignment.builder.regions import given_lines
from assignment.builder.secret_lines import (
    Secret,
    edit_secrets,
    head_secrets,
    hidden_secrets,
    region_secrets,
)

LIST = ".published"  # the files of the public tree, which alone `publish` may replace
NOTHING = "Nothing was published."
TOO_EARLY = (
    f"{NOTHING} Answers to the questions to think about are for the book alone, and there from the deadline on, if "
    "[answers] show in assignment/course.toml says so. Build the book again: make book."
)
ADVICE = (
    f"{NOTHING} Take the line out; or, if it says nothing on its own, add it to [publish] common in assignment/course.toml."
)


@dataclass(frozen=True)
class Sources:
    """Where the files of a public tree come from: the book as it is built, the kit, the licence, the photographs' credits."""

    book: Path = BOOK_HTML
    kit: Path = KIT
    license: Path = LICENSE
    credits: Path = CREDITS

    def missing(self, draft: bool) -> list[Problem]:
        """What must be there and is not."""
        found = [
            Problem(shown(path), 0, f"not there. A public tree needs {what}: add it.")
            for path, what in ((self.license, "its licence"), (self.credits, "the credits of its photographs"))
            if not path.is_file()
        ]
        if not draft and not self.book.is_dir():
            found.append(Problem(shown(self.book), 0, "not there. Notebooks and feedback link to the book: run  make book"))
        return found


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
    sources: Sources | None = None,
    draft: bool = False,
    answers: Sequence[Secret] = (),
    now: datetime | None = None,
) -> list[Path]:
    """Writes the public tree, or nothing at all.

    Args:
        out: a new folder, or that of an earlier public tree; what else is in it, such as .git, is left alone.
        course: names and addresses.
        release: the texts of the students' notebooks, by name.
        secrets: lines that must not be in the tree.
        sources: what else goes into it; this checkout's by default.
        draft: whether it is only to be looked at: then the book may be missing or old, and every page says that it is a draft.
        answers: lines of the answers to the questions to think about: for the book alone, and when the course shows them.
        now: with its offset from UTC; the present by default.

    Returns:
        The files written, from `out`.

    Raises:
        BuildError: naming file and line of every secret in the tree, every dead link and every page that is old; or if a
            file of `out` is not ours.
    """
    sources = sources or Sources()
    if problems := sources.missing(draft):
        raise BuildError([*problems, NOTHING])
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _fill(tree, course, release, sources)
        if leaks := leaks_in_tree(tree, secrets):
            raise BuildError([*map(str, leaks), ADVICE])
        shows = course.shows_answers(now or datetime.now(timezone.utc))
        if leaks := [leak for leak in leaks_in_tree(tree, answers) if not (shows and leak.path.startswith(f"{DOCS}/"))]:
            raise BuildError([*map(str, leaks), TOO_EARLY])
        if draft:
            mark(tree)
        elif untrue := [*stale_pages(tree / DOCS, course, release), *left_over(tree), *dead_links(tree, course)]:
            raise BuildError([*untrue, NOTHING])
        return _move(tree, out)


def _sources(folder: Path) -> list[Path]:
    return [path for path in files_of(folder) if path.suffix in (".py", ".toml", ".json")]


def _edits(path: Path) -> list[Secret]:
    try:
        return edit_secrets(path.read_text("utf-8"), shown(path))
    except (ValueError, SyntaxError) as error:
        raise BuildError([Problem(shown(path), 0, f"cannot be read, so what it holds cannot be kept: {error}")]) from None


def _fill(tree: Path, course: Course, release: Mapping[str, str], sources: Sources) -> None:
    for name, folder in (("ps8", sources.kit), ("nbrepair", REPAIR)):
        shutil.copytree(folder, tree / "assignment" / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
    notebooks = tree / "assignment" / "release" / course.assignment
    notebooks.mkdir(parents=True)
    for name, text in release.items():
        _write(notebooks / f"{name}.ipynb", text)
    with_book = sources.book.is_dir()
    if with_book:
        shutil.copytree(sources.book, tree / DOCS, ignore=shutil.ignore_patterns(".buildinfo", ".doctrees"))
        _write(tree / DOCS / ".nojekyll", "")  # else GitHub Pages, where it serves a branch, drops _static
        workflow = tree / ".github" / "workflows" / "pages.yml"
        workflow.parent.mkdir(parents=True)
        _write(workflow, pages_workflow(course.branch))
    shutil.copyfile(sources.license, tree / "LICENSE")
    shutil.copyfile(sources.credits, tree / "CREDITS.md")
    if asks(course):
        _write(tree / FILE, instructions(course))
    _write(tree / "README.md", readme(course, list(release), with_book))
    _write(tree / "pyproject.toml", kit_pyproject(load_pyproject()))
    _write(tree / ".gitignore", IGNORED)


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
