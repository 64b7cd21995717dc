"""Lessons as nbgrader notebooks: the same bytes at every run, so that a diff shows what was changed."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from ps8.handing_in.merging import KEY, stamps

from assignment.builder.assistants import colab_metadata
from assignment.builder.checkout import LESSON, ROOT
from assignment.builder.course_config import Course, load_course
from assignment.builder.lesson import load_lessons
from assignment.builder.lesson_cells import Cell, Check, Counted, Exercise, Given, Lesson, ManualAnswer, Text
from assignment.builder.lint import WIDTH, lint
from assignment.builder.problem import BuildError
from assignment.builder.regions import stubbed
from assignment.builder.stub import STUB, TEXT_STUB

SCHEMA = 3  # of nbgrader's metadata
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
METADATA: dict[str, Any] = {
    "accelerator": "GPU",  # Colab's: ask for one
    "colab": {"provenance": [], "toc_visible": True},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build_notebooks(course: Course | None = None, folder: Path = LESSON, root: Path = ROOT) -> dict[str, NotebookNode]:
    """The instructor's notebooks, by name: solutions and hidden tests in.

    Args:
        course: the course's facts; those of course.toml by default.
        folder: of the lessons.
        root: holds the package that the lessons inline from.

    Raises:
        BuildError: with every problem of the lessons.
    """
    course = course or load_course()
    lessons = load_lessons(course, folder, root)
    if problems := lint(course, lessons):
        raise BuildError(problems)
    return source_notebooks(course, lessons)


def source_notebooks(course: Course, lessons: Sequence[Lesson]) -> dict[str, NotebookNode]:
    """The notebooks of lessons that are known to be right."""
    return {lesson.name: source_notebook(course, lesson) for lesson in lessons}


def source_notebook(course: Course, lesson: Lesson) -> NotebookNode:
    """One lesson as the instructor's notebook."""
    cells = [_cell(course, cell) for cell in lesson.cells]
    if cells and course.colab(lesson.name) not in cells[0].source:
        title, _, rest = cells[0].source.partition("\n")
        badge = f"[![Open in Colab]({BADGE})]({course.colab(lesson.name)})"
        cells[0].source = f"{title}\n\n{badge}\n\n{rest.lstrip()}".rstrip()
    released = stamps((cell.id, _released(cell)) for cell in cells)  # for `ps8.update`
    colab = {**METADATA["colab"], **colab_metadata(course)}
    notebook = new_notebook(cells=cells, metadata={**deepcopy(METADATA), "colab": colab, KEY: released})
    nbformat.validate(notebook)
    return notebook


def solved_notebook(name: str, notebooks: Mapping[str, NotebookNode] | None = None) -> NotebookNode:
    """A notebook with its solutions and without the hidden tests: what a perfect student would hand in.

    Args:
        name: of the notebook, such as `ps8`.
        notebooks: as `build_notebooks` gives them, by default built now.
    """
    return _changed(name, notebooks, lambda cell: _without_hidden(cell.source))


def stub_notebook(name: str, notebooks: Mapping[str, NotebookNode] | None = None) -> NotebookNode:
    """A notebook as students get it, but for nbgrader's checksums: with stubs and without hidden tests."""
    return _changed(name, notebooks, _released)


def text_of(notebook: NotebookNode) -> str:
    """A notebook as it is written to a file."""
    return nbformat.writes(notebook, version=4, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _changed(name: str, notebooks: Mapping[str, NotebookNode] | None, change: Any) -> NotebookNode:
    notebooks = build_notebooks() if notebooks is None else notebooks
    if name not in notebooks:
        raise BuildError(f"there is no notebook {name}: there are {', '.join(notebooks)}")
    notebook = deepcopy(notebooks[name])
    for cell in notebook.cells:
        cell.source = change(cell)
    return notebook


def _released(cell: NotebookNode) -> str:
    """A cell's text as students get it."""
    source = _without_hidden(cell.source)
    return stubbed(source, STUB if cell.cell_type == "code" else TEXT_STUB) if _is_solution(cell) else source


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _without_hidden(source: str) -> str:
    before, begins, after = source.partition(BEGIN_HIDDEN)
    return (before + after.partition(END_HIDDEN)[2]).rstrip() if begins else source


def _cell(course: Course, cell: Cell) -> NotebookNode:
    match cell:
        case Text():
            node = new_markdown_cell(cell.source, id=cell.id)
        case Given(free=True):
            node = new_code_cell(cell.source, id=cell.id)
        case Given():
            node = _graded(new_code_cell(cell.source), f"given-{cell.id}", locked=True)
        case Exercise():
            node = _graded(new_code_cell(cell.source), cell.id, solution=True)
        case Check():
            source = _check_source(cell)
            node = _graded(new_code_cell(source), cell.id, points=course.points[cell.question], locked=True)
        case Counted():
            source = _counted_source(cell)
            node = _graded(new_code_cell(source), cell.id, points=course.points[cell.question], locked=True)
        case ManualAnswer():
            points = course.points[cell.question]
            node = _graded(new_markdown_cell(cell.source), cell.id, points=points, solution=True)
    if cell.tags:
        node.metadata["tags"] = list(cell.tags)
    return node


def _graded(
    node: NotebookNode,
    grade_id: str,
    *,
    points: int | float | None = None,
    solution: bool = False,
    locked: bool = False,
) -> NotebookNode:
    node.id = grade_id
    node.metadata["nbgrader"] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": locked,
        **({} if points is None else {"points": points}),
        "schema_version": SCHEMA,
        "solution": solution,
        "task": False,
    }
    return node


def _counted_source(cell: Counted) -> str:
    return f"""\
{_comment(cell.says)}
ps8.questions_for(my_name, {cell.question})
{BEGIN_HIDDEN}
from autograder.stock import count_here

count_here(my_name, {cell.question}, globals())
{END_HIDDEN}"""


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _check_source(cell: Check) -> str:
    return f"""\
{_comment(cell.says)}
ps8.check("{cell.question}")
{BEGIN_HIDDEN}
from autograder.stock import judge_here

judge_here("{cell.question}", globals())
{END_HIDDEN}"""
