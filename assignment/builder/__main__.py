"""The builder's commands: see `python -m assignment.builder --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from assignment.builder import question
from assignment.builder.agreement import half_problems
from assignment.builder.checkout import BOOK_HTML, ENVIRONMENT, LESSON, NBJUDGE_PYPROJECT, RELEASE, SOURCE
from assignment.builder.conda_environment import environment_text, load_pyproject
from assignment.builder.course_config import Course, load_course
from assignment.builder.generated_files import Plan, differences, write
from assignment.builder.lesson import load_lessons
from assignment.builder.lesson_cells import Lesson
from assignment.builder.lesson_notebooks import source_notebooks, text_of
from assignment.builder.lint import lint
from assignment.builder.placeholders import placeholders
from assignment.builder.problem import BuildError, Problem, shown
from assignment.builder.rendering import lesson_context
from assignment.builder.secret_lines import Secret
from assignment.builder.think_answers import ThinkAnswer, load_answers
from assignment.builder.think_answers import problems as answer_problems
from assignment.builder.think_answers import secrets as answer_secrets

TO_PUBLISH = (
    "Once these are yours, run  make notebooks book publish .\n"
    "To look at it as it is, run  make publish DRAFT=1 , which marks every page as a draft."
)
GENERATED = ("notebooks", "release", "environment")


class Build:
    """Everything that is made of the sources, each thing once and when it is first asked for."""

    @cached_property
    def course(self) -> Course:
        return load_course()

    @cached_property
    def _checked(self) -> tuple[list[Lesson], Mapping[str, Sequence[ThinkAnswer]]]:
        """The lessons and the answers to their questions, without a problem."""
        lessons = load_lessons(self.course)
        answers = load_answers(lesson_context(self.course, LESSON), lessons)
        if problems := lint(self.course, lessons) or half_problems(lessons) or answer_problems(lessons, answers):
            raise BuildError(problems)
        return lessons, answers

    @property
    def lessons(self) -> list[Lesson]:
        """The lessons, without a problem."""
        return self._checked[0]

    @property
    def answers(self) -> Mapping[str, Sequence[ThinkAnswer]]:
        """The answers to the questions to think about, by lesson."""
        return self._checked[1]

    @cached_property
    def notebooks(self) -> Mapping[str, NotebookNode]:
        return source_notebooks(self.course, self.lessons)

    @cached_property
    def release(self) -> Mapping[str, str]:
        from assignment.builder.release import release_notebooks  # brings all of nbgrader

        return release_notebooks(self.notebooks, self.course.assignment)

    def plan(self, what: str) -> tuple[Plan, str]:
        """The files of a command, and the suffix of those that it owns all of."""
        if what == "environment":
            return {ENVIRONMENT: environment_text(load_pyproject(), load_pyproject(NBJUDGE_PYPROJECT))}, ""
        if what == "release":
            return _in(RELEASE / self.course.assignment, self.release), ".ipynb"
        texts = {name: text_of(notebook) for name, notebook in self.notebooks.items()}
        return _in(SOURCE / self.course.assignment, texts), ".ipynb"


def _in(folder: Path, texts: Mapping[str, str]) -> Plan:
    return {folder / f"{name}.ipynb": text for name, text in texts.items()}


def generate(targets: Sequence[str], check: bool) -> None:
    """Writes generated files, or says which of them are old."""
    build = Build()
    problems: list[Problem] = []
    for target in targets:
        plan, suffix = build.plan(target)
        problems += _foreign(SOURCE / build.course.assignment) if target == "notebooks" else []
        command = f"python -m assignment.builder {target}"
        if check:
            problems += differences(plan, command, suffix)
        else:
            changed = write(plan, suffix)
            print(f"{target}: {', '.join(shown(path) for path in changed) or 'nothing has changed'}")
    if problems:
        raise BuildError(problems)
    if check:
        print(f"{', '.join(targets)}: as the build would write them now")


def _foreign(folder: Path) -> list[Problem]:
    """Files that nbgrader would copy from the source to every student."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
    told = "is not made by the build, and nbgrader would release it to the students: move it away"
    return [Problem(shown(path), 0, told) for path in files if path.suffix != ".ipynb" or path.parent != folder]


def publish(out: Path, book: Path, draft: bool) -> None:
    """Writes the public tree."""
    from assignment.builder.publish import NOTHING, Sources
    from assignment.builder.publish import publish as publish_tree

    build = Build()
    if not draft and (problems := placeholders(build.course.tables)):
        raise BuildError([*problems, f"{NOTHING} {TO_PUBLISH}"])
    answers = answer_secrets(build.answers)
    files = publish_tree(out, build.course, build.release, _secrets(build), Sources(book), draft, answers)
    without = "" if book.is_dir() else f", without the book: {shown(book)} is not there"
    print(f"{shown(out)}: {len(files)} files{without}{', each page marked as a draft' * draft}")


def _secrets(build: Build) -> list[Secret]:
    from assignment.builder.publish import secrets_of

    return secrets_of(build.course, build.lessons, build.notebooks)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    main = argparse.ArgumentParser(prog="python -m assignment.builder", description=__doc__)
    commands = main.add_subparsers(dest="command", required=True)
    helps = {
        "notebooks": "the instructor's notebooks, in autograder/source",
        "release": "the students' notebooks, in assignment/release, by nbgrader",
        "environment": "environment.yml",
        "all": "all of these",
        "lint": "only say what is wrong with course.toml and the lessons",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text)
        if name != "lint":
            command.add_argument("--check", action="store_true", help="write nothing; fail if a file is not as it would be")
    skeleton = commands.add_parser("question", help="the skeleton of a new question, which is graded as it stands")
    skeleton.add_argument("name", help="its id, and the function that it asks for")
    skeleton.add_argument("--points", type=float, default=question.POINTS, help="what it is worth (default: %(default)s)")
    skeleton.add_argument("--before", default=question.BEFORE, help="heading of the lesson (default: %(default)s)")
    public = commands.add_parser("publish", help="the public tree, if no answer is in it")
    public.add_argument("--out", type=Path, required=True, help="folder: new, or of an earlier public tree")
    public.add_argument("--draft", action="store_true", help="only to be looked at: placeholders may stay, every page says so")
    public.add_argument("--book", type=Path, default=BOOK_HTML, help="the built book (default: %(default)s)")
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code: 0, or 1 with what is wrong on stderr."""
    chosen = parser().parse_args(arguments)
    try:
        if chosen.command == "publish":
            publish(chosen.out, chosen.book, chosen.draft)
        elif chosen.command == "question":
            written = question.write_question(chosen.name, chosen.points, chosen.before)
            print(question.report(written, chosen.name))
        elif chosen.command == "lint":
            print(f"{len(Build().lessons)} lessons: nothing wrong")
        else:
            generate(GENERATED if chosen.command == "all" else (chosen.command,), chosen.check)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
