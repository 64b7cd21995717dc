"""The lesson, jupytext markdown with Jinja2, as a list of typed cells that know their lines.

```python id="setup"                                    given code, as it stands
```python id="profile" free                             the same, but the student may change it
```python given="solution.autoencoder:Autoencoder"      definitions of the reference
```python exercise="encoder" from="solution.autoencoder:Encoder" part="..."     an answer cell
```python check="encoder"                               a test cell; the fence holds one line, what it checks
```python counted="explain"                             the test cell of counted questions about one's own code; likewise
<!-- #region {"written": "report"} -->                  an answer in words
everything else                                         text
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jupytext

from assignment.builder.checkout import LESSON, ROOT
from assignment.builder.course_config import Course
from assignment.builder.inline import Definition, InlineError, inline, joined
from assignment.builder.lesson_cells import Cell, Check, Counted, Exercise, Given, Lesson, ManualAnswer, Text
from assignment.builder.problem import Problem, shown
from assignment.builder.regions import BEGIN, END
from assignment.builder.rendering import RenderError, lesson_context, render

HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$", re.MULTILINE)
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
# What asks a question in a lesson, before it is rendered: the fence of an answer or a check, or the region of a written answer.
ASKS = re.compile(r"^(?:`{3,}|~{3,})\w+.*?\b(?:exercise|check|counted)=\"([^\"]+)\"|\"written\":\s*\"([^\"]+)\"", re.MULTILINE)
# The kinds of code fence, and what each may have besides.
KINDS = {
    "exercise": {"from", "part", "tags"},
    "check": {"tags"},
    "counted": {"tags"},
    "given": {"id", "free", "tags"},
    "id": {"free", "tags"},
}


def load_lessons(course: Course, folder: Path = LESSON, root: Path = ROOT) -> list[Lesson]:
    """Every lesson of a folder, by name; the assignment's main one, which bears its id, first.

    Args:
        course: the facts that the lessons name.
        folder: holds *.md and the TOML files they name.
        root: holds the package that the lessons inline from.
    """
    paths = sorted(folder.glob("*.md"), key=lambda path: (path.stem != course.assignment, path.stem))
    context = lesson_context(course, folder)
    asked = [name for path in paths for name in asked_in(path.read_text(encoding="utf-8"))]
    context["points"] = {**dict.fromkeys(asked, 0), **course.points}  # that one has no points is for `lint` to say, once
    return [load_lesson(path, context, root) for path in paths]


def load_lesson(path: Path, context: Mapping[str, Any], root: Path = ROOT) -> Lesson:
    """Reads a lesson. What is wrong with it is in its `problems`, nothing is raised for it."""
    name, where, text = path.stem, shown(path), path.read_text(encoding="utf-8")
    try:
        lines, numbers = render(text, context)
    except RenderError as error:
        return Lesson(name, where, (), (Problem(where, error.line, str(error)),), asked_in(text))
    cells: list[Cell] = []
    problems: list[Problem] = []
    for raw in _raw_cells(lines, numbers):
        try:
            cells.append(_typed(raw, root))
        except _Wrong as wrong:
            problems.append(Problem(where, raw.line, str(wrong)))
    return Lesson(name, where, tuple(_named(cells)), tuple(problems), asked_in(text))


def asked_in(text: str) -> tuple[str, ...]:
    """The questions that a lesson's text asks, in its order, each once."""
    return tuple(dict.fromkeys(match[1] or match[2] for match in ASKS.finditer(text)))


def headings(text: str) -> list[tuple[int, str]]:
    """The headings of a markdown text, as (level, title), without fenced blocks and solution marks."""
    found = HEADING.findall(FENCED.sub("", text))
    return [(len(marks), title) for marks, title in found if title not in (BEGIN, END)]


class _Wrong(ValueError):
    """A cell that breaks the format."""


@dataclass(frozen=True)
class _Raw:
    """A cell as jupytext gives it, with its place."""

    kind: str
    source: str
    options: dict[str, Any]
    line: int
    lines: tuple[int, ...]


def _raw_cells(lines: list[str], numbers: list[int]) -> Iterator[_Raw]:
    """Jupytext's cells. It drops their places, so each is looked for below the one before."""
    position = 0
    for cell in jupytext.reads("\n".join(lines), fmt="md").cells:
        source = cell.source.split("\n") if cell.source else []
        is_code = cell.cell_type == "code"
        start = _find(lines, "```" if is_code else "".join(source[:1]), position)
        first = start + is_code
        position = first + len(source)
        if is_code:
            position = _find(lines, "```", position) + 1
        options = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
        yield _Raw(cell.cell_type, cell.source, options, numbers[start], tuple(numbers[first : first + len(source)]))


def _find(lines: list[str], opens: str, position: int) -> int:
    """The first line from `position` on that begins so, or `position` if there is none."""
    return next((n for n in range(position, len(lines)) if lines[n].startswith(opens)), position)


def _typed(raw: _Raw, root: Path) -> Cell:
    tags = raw.options.get("tags", ())
    tags = (tags,) if isinstance(tags, str) else tuple(tags)
    if raw.kind == "markdown":
        _allow("a text region", raw.options, {"written", "tags", "name"})
        if question := str(raw.options.get("written", "")):
            return ManualAnswer(question, question, raw.source, raw.line, raw.lines, tags)
        return Text("", raw.source, raw.line, raw.lines, tags)
    if raw.kind != "code":
        raise _Wrong("a raw cell: write text, or code in a fence. A header between --- must be YAML of jupytext")
    kind = next((kind for kind in KINDS if kind in raw.options), "")
    if not kind:
        raise _Wrong(f"a code cell needs {', '.join(KINDS)}. Write ```text for what is only shown")
    _allow(f"a fence with {kind}", raw.options, {kind} | KINDS[kind])
    if kind == "exercise":
        return _exercise(raw, root, tags)
    if kind in ("check", "counted"):
        return _check(raw, kind, tags)
    return _given(raw, root, tags)


def _allow(what: str, options: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(options) - known):
        raise _Wrong(f"{what} takes no {', '.join(unknown)}; it takes {', '.join(sorted(known))}")


def _exercise(raw: _Raw, root: Path, tags: tuple[str, ...]) -> Exercise:
    question, part = str(raw.options["exercise"]), str(raw.options.get("part", ""))
    if "from" not in raw.options:
        raise _Wrong(f'exercise {question} has no solution: name it, as in from="solution.autoencoder:Encoder"')
    if raw.source.strip():
        raise _Wrong(f"exercise {question} takes its code from the reference; its fence must be empty")
    pieces = _inlined(raw.options["from"], root)
    return Exercise(f"{question}-{part or 'answer'}", question, joined(pieces), raw.line, tuple(pieces), part, tags)


def _check(raw: _Raw, kind: str, tags: tuple[str, ...]) -> Check | Counted:
    question, says = str(raw.options[kind]), raw.source.strip().removeprefix("#").strip()
    if not says or "\n" in says:
        raise _Wrong(f"{kind} {question} must hold one line of text: what it checks")
    return (Check if kind == "check" else Counted)(question, question, says, raw.line, tags)


def _given(raw: _Raw, root: Path, tags: tuple[str, ...]) -> Given:
    free = raw.options.get("free", False) is not False  # jupytext reads a bare `free` as None
    reference = raw.options.get("given")
    if reference is None:
        return Given(str(raw.options["id"]), raw.source, raw.line, raw.lines, (), free, tags)
    if raw.source.strip():
        raise _Wrong(f"given {reference} takes its code from the reference; its fence must be empty")
    pieces = _inlined(reference, root)
    name = str(raw.options.get("id", "")) or "-".join(piece.name for piece in pieces)
    source = joined(pieces)
    return Given(name, source, raw.line, (raw.line,) * len(source.split("\n")), tuple(pieces), free, tags)


def _inlined(reference: str, root: Path) -> list[Definition]:
    try:
        return inline(reference, root)
    except InlineError as error:
        raise _Wrong(str(error)) from None


def _named(cells: list[Cell]) -> Iterator[Cell]:
    """The cells, with ids for the texts: the slug of their section and a running number."""
    section, counts = "text", dict[str, int]()
    for cell in cells:
        if not isinstance(cell, Text | ManualAnswer):
            yield cell
            continue
        titles = headings(cell.source)
        section = slug(titles[0][1]) if titles else section
        if isinstance(cell, Text):
            counts[section] = counts.get(section, 0) + 1
            cell = replace(cell, id=f"{section}-{counts[section]}")
        yield cell
        section = slug(titles[-1][1]) if titles else section


def slug(title: str) -> str:
    """A heading as part of a cell's id: at most 48 letters, digits and dashes, up to a dot (· 10 points)."""
    return re.sub(r"[^a-z0-9]+", "-", title.partition("·")[0].lower()).strip("-")[:48].strip("-") or "text"
