"""Finds everything that is wrong with the lessons, all at once, before a notebook is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from assignment.builder.checkout import COURSE
from assignment.builder.counted import COUNTED
from assignment.builder.course_config import Course
from assignment.builder.global_names import plain, undefined
from assignment.builder.lesson import headings
from assignment.builder.lesson_cells import Cell, Check, Counted, Exercise, Given, Lesson, ManualAnswer, Text
from assignment.builder.problem import Problem, shown
from assignment.builder.regions import Unbalanced, disagreement, find_regions, stubbed
from assignment.builder.schema import nearest
from assignment.builder.value_types import NAME

COMMENT = re.compile(r"#(.*)")
WIDTH = 100  # characters of code that a page of the book holds beside its two sidebars
HIDDEN = re.compile(r"(BEGIN|END) HIDDEN TESTS")


class Flaw(NamedTuple):
    """A problem of a lesson, at one of its lines."""

    line: int
    message: str


def lint(course: Course, lessons: Sequence[Lesson]) -> list[Problem]:
    """The problems of the lessons, by file and line; none if they can be built.

    Args:
        course: gives the questions and their points.
        lessons: all of the assignment's, since a question belongs to one of them.
    """
    rules = (_title, _regions, _questions, _order, _headings, _ids, _undefined_names, _width)
    problems = [problem for lesson in lessons for problem in lesson.problems]
    renamed = _renamed(course, lessons)
    told = "[points] {} is not a question of the lessons: did you mean {}?"
    problems += [Problem(shown(COURSE), 0, told.format(name, meant)) for name, meant in renamed.items()]
    course = replace(course, points={renamed.get(name, name): points for name, points in course.points.items()})
    for lesson in lessons:
        problems += [Problem(lesson.path, *flaw) for rule in rules for flaw in rule(lesson, course)]
    problems += _left_out(course, lessons) + _twice(lessons)
    return sorted(set(problems))


def _renamed(course: Course, lessons: Sequence[Lesson]) -> dict[str, str]:
    """Names in [points] that no lesson asks, each with a question without points that it was most likely meant to be."""
    asked = {name for lesson in lessons for name in lesson.asked}
    without = [name for name in sorted(asked) if name not in course.points]
    meant = {name: nearest(name, without) for name in course.points if name not in asked}
    return {name: near for name, near in meant.items() if near and list(meant.values()).count(near) == 1}


def _title(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    first = lesson.cells[0] if lesson.cells else None
    if first is None and lesson.problems:
        return
    if not (isinstance(first, Text) and first.source.startswith("# ")):
        line = first.line if first else 1
        yield Flaw(line, "a lesson must begin with its title, as in # Learning without labels")


def _regions(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    for cell in lesson.cells:
        if isinstance(cell, Check | Counted):
            continue
        try:
            regions = find_regions(cell.source)
        except Unbalanced as error:
            yield Flaw(_place(cell, error.line), str(error))
            continue
        if isinstance(cell, Exercise | ManualAnswer):
            yield from _solution(cell, bool(regions))
        elif regions:
            kind = "given code" if isinstance(cell, Given) else "text"
            yield Flaw(
                _place(cell, regions[0].begin),
                f"{kind} holds a solution region: it would be given away, or cut",
            )
        if HIDDEN.search(cell.source):
            yield Flaw(cell.line, "hidden tests belong to the check's cell, which the builder writes itself")


def _solution(cell: Exercise | ManualAnswer, has_region: bool) -> Iterator[Flaw]:
    """What a region must be, and what must be left of the cell without it."""
    kind = "exercise" if isinstance(cell, Exercise) else "written answer"
    if not has_region:
        yield Flaw(cell.line, f"{kind} {cell.question} has no solution region: the student would get the answer")
        return
    if isinstance(cell, ManualAnswer):
        return
    stub = stubbed(cell.source)
    if difference := disagreement(cell.source, stub):
        yield Flaw(cell.line, f"stub and solution of {cell.question} disagree outside the region: {difference}")
    for text, what in ((cell.source, "solution"), (stub, "stub")):
        try:
            ast.parse(text)
        except SyntaxError as error:
            where = f"{_origin(cell, (error.lineno or 1) - 1)}: " if what == "solution" else ""
            yield Flaw(cell.line, f"{where}the {what} of {cell.question} is not valid Python: {error.msg}")


def _questions(lesson: Lesson, course: Course) -> Iterator[Flaw]:
    without: set[str] = set()
    for cell in lesson.cells:
        if isinstance(cell, Exercise | Check | Counted | ManualAnswer) and cell.question not in {*course.points, *without}:
            without.add(cell.question)
            known = ", ".join(course.points)
            yield Flaw(cell.line, f"question {cell.question} has no points in {shown(COURSE)}, which knows {known}")


def _order(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    """Each question: its answer cells, then one check."""
    checks: dict[str, int] = {}
    asked: dict[str, int] = {}
    counted = 0
    for cell in lesson.cells:
        if counted and isinstance(cell, Check) and cell.question in COUNTED:
            yield Flaw(cell.line, f"check {cell.question} comes after the counted questions, on line {counted}: they need it")
        counted = cell.line if isinstance(cell, Counted) else counted
        if isinstance(cell, Exercise):
            asked.setdefault(cell.question, cell.line)
            if cell.question in checks:
                yield Flaw(
                    cell.line,
                    f"exercise {cell.question} comes after its check, on line {checks[cell.question]}",
                )
        elif isinstance(cell, Check):
            if cell.question in checks:
                yield Flaw(
                    cell.line,
                    f"a second check of {cell.question}; the first is on line {checks[cell.question]}",
                )
            elif cell.question not in asked:
                yield Flaw(cell.line, f"check {cell.question} has no exercise above it")
            checks.setdefault(cell.question, cell.line)
    for question, line in asked.items():
        if question not in checks:
            yield Flaw(line, f'exercise {question} has no check: add a fence ```python check="{question}" below it')


def _headings(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    """Each question stands under a heading of its own: one between it and the question before."""
    headed, last = False, None
    for cell in lesson.cells:
        if isinstance(cell, Text):
            # The title of the lesson heads no question.
            headed = headed or any(level > 1 for level, _ in headings(cell.source))
        elif isinstance(cell, Exercise | ManualAnswer) and cell.question != last:
            if not headed and not (isinstance(cell, ManualAnswer) and headings(cell.source)):
                yield Flaw(cell.line, f"question {cell.question} has no heading of its own above it")
            headed, last = False, cell.question


def _ids(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    seen: dict[str, Cell] = {}
    for cell in lesson.cells:
        if not NAME.fullmatch(cell.id) or len(cell.id) > 56:  # nbformat allows 64, and given code gets a prefix
            yield Flaw(cell.line, f"id {cell.id!r} must be 1 to 56 letters, digits, - or _")
        if cell.id in seen:
            yield Flaw(cell.line, f"id {cell.id} is already that of the cell on line {seen[cell.id].line}")
        seen.setdefault(cell.id, cell)


def _undefined_names(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    """Every name that a cell uses is defined in it or above it, as the student will run it."""
    defined: set[str] = set()
    for cell in lesson.cells:
        if not isinstance(cell, Given | Exercise):
            continue
        try:
            uses = undefined(cell.source, defined)
        except SyntaxError as error:
            if isinstance(cell, Given):
                yield Flaw(_place(cell, (error.lineno or 1) - 1), f"not valid Python: {error.msg}")
            continue
        if isinstance(cell, Given) and cell.free:
            # "Paste your Encoder here": what its comments speak of, the student is asked to define.
            defined |= {name for comment in COMMENT.findall(cell.source) for name in re.findall(r"\w+", comment)}
        for use in uses:
            where = f" (in {_origin(cell, use.line)})" if cell.pieces else ""
            yield Flaw(_place(cell, use.line), f"{use.name} is used{where} before any cell defines it")
        if re.search(r"^from \S+ import \*", plain(cell.source), re.MULTILINE):
            yield Flaw(cell.line, "import * hides which names are defined: import them by name")


def _width(lesson: Lesson, _: Course) -> Iterator[Flaw]:
    """Code that students are shown is no wider than a page: what is wider is scrolled or cut off."""
    for cell in lesson.cells:
        if not isinstance(cell, Given | Exercise):
            continue
        try:
            source = stubbed(cell.source) if isinstance(cell, Exercise) else cell.source
        except Unbalanced:
            continue  # which another rule tells
        lines = cell.source.split("\n")
        for line in source.split("\n"):
            if len(line) > WIDTH:
                at = lines.index(line)
                where = f" (in {_origin(cell, at)})" if cell.pieces else ""
                yield Flaw(
                    _place(cell, at), f"a line of {len(line)} characters{where}, at most {WIDTH}: {line.strip()[:40]} ..."
                )


def _left_out(course: Course, lessons: Sequence[Lesson]) -> list[Problem]:
    asked = {name for lesson in lessons for name in lesson.asked}
    told = "has points, but no lesson asks it: add its exercise to a lesson, or take it out"
    return [Problem(shown(COURSE), 0, f"question {name} {told}") for name in course.points if name not in asked]


def _twice(lessons: Sequence[Lesson]) -> list[Problem]:
    """Questions that two lessons ask: the gradebook would add both."""
    first: dict[str, Lesson] = {}
    problems = []
    for lesson in lessons:
        for cell in lesson.cells:
            if isinstance(cell, Check | Counted | ManualAnswer):
                other = first.setdefault(cell.question, lesson)
                if other is not lesson:
                    problems.append(Problem(lesson.path, cell.line, f"question {cell.question} is also in {other.path}"))
    return problems


def _place(cell: Cell, line: int) -> int:
    """The lesson's line of a 0-based line of a cell."""
    lines = () if isinstance(cell, Exercise | Check | Counted) else cell.lines
    return lines[line] if line < len(lines) else cell.line


def _origin(cell: Given | Exercise, line: int) -> str:
    """The reference's file and line of a 0-based line of an inlined cell."""
    start = 0
    for piece in cell.pieces:
        length = len(piece.source.split("\n"))
        if line < start + length:
            return f"{piece.path}:{piece.line + line - start}"
        start += length + 2  # the blank lines between two definitions
    return "the cell"
