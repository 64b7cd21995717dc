"""Answers to the questions to think about: in the book from the deadline on, if the course says so, and never in a notebook.

They stand in `answers/NAME.md` beside the lesson NAME.md, each under a heading that is the beginning of its question:

    ## How much could you tell
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assignment.builder.checkout import LESSON
from assignment.builder.lesson_cells import Lesson, ManualAnswer, Text
from assignment.builder.problem import BuildError, Problem, shown
from assignment.builder.rendering import RenderError, render
from assignment.builder.secret_lines import Secret

FOLDER = LESSON / "answers"
QUESTION = re.compile(r"^> \*\*Think[^*]*\*\* (?P<text>.+)$", re.MULTILINE)
HEADING = re.compile(r"^## (.+)$")
SHORTEST = 40  # characters of a piece of prose that would be known again
BROKEN = re.compile(r"\$[^$]*\$|`[^`]*`|\[[^\]]*\]\([^)]*\)|[*_]")  # what a page writes in another way


@dataclass(frozen=True)
class ThinkAnswer:
    """An answer, and where it stands.

    Attributes:
        begins: the beginning of its question.
        text: Markdown.
        path: of the file.
        line: of the heading.
        lines: of each line of the text.
    """

    begins: str
    text: str
    path: str
    line: int
    lines: tuple[int, ...]


def load_answers(context: Mapping[str, Any], names: Sequence[str]) -> dict[str, list[ThinkAnswer]]:
    """The answers by lesson; none for a lesson without a file.

    Args:
        context: what the answers may name, as the lessons.
        names: of the lessons.

    Raises:
        BuildError: naming file and line, if one cannot be filled in.
    """
    return {name: _read(name, context) for name in names}


def _read(name: str, context: Mapping[str, Any]) -> list[ThinkAnswer]:
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        return []
    try:
        lines, numbers = render(path.read_text(encoding="utf-8"), context)
    except RenderError as error:
        raise BuildError([Problem(shown(path), error.line, str(error))]) from None
    starts = [i for i, line in enumerate(lines) if HEADING.match(line)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        begins = lines[start].removeprefix("## ").strip()
        text = "\n".join(lines[start + 1 : end])
        found.append(ThinkAnswer(begins, text, shown(path), numbers[start], tuple(numbers[start + 1 : end])))
    return found


def problems(lessons: Sequence[Lesson], answers: Mapping[str, Sequence[ThinkAnswer]]) -> list[Problem]:
    """Questions that have not one answer, and answers that have not one question; of lessons that have a file of answers."""
    found: list[Problem] = []
    for lesson in lessons:
        mine = answers.get(lesson.name, [])
        asked = [
            (cell.line + cell.source.count("\n", 0, match.start()), match["text"])
            for cell in lesson.cells
            if isinstance(cell, Text | ManualAnswer)
            for match in QUESTION.finditer(cell.source)
        ]
        for line, text in asked if mine else ():
            fitting = [answer for answer in mine if text.startswith(answer.begins)]
            if len(fitting) != 1:
                told = f"has {len(fitting)} answers in {mine[0].path}, expected one: ## {text[:40]}"
                found.append(Problem(lesson.path, line, f"this question to think about {told}"))
        for answer in mine:
            fits = sum(text.startswith(answer.begins) for _, text in asked)
            if fits != 1 or not answer.text.strip():
                told = f"is the beginning of {fits} questions of {lesson.path}, expected one" if fits != 1 else "has no text"
                found.append(Problem(answer.path, answer.line, f"## {answer.begins} {told}"))
    return found


def with_answers(source: str, answers: Sequence[ThinkAnswer]) -> str:
    """A text of the book with the answer folded below each question."""

    def folded(match: re.Match[str]) -> str:
        answer = next((answer for answer in answers if match["text"].startswith(answer.begins)), None)
        if answer is None:
            return match[0]
        return f"{match[0]}\n\n::::{{dropdown}} An answer\n{answer.text.strip()}\n::::\n"

    return QUESTION.sub(folded, source)


def secrets(answers: Mapping[str, Sequence[ThinkAnswer]]) -> list[Secret]:
    """Pieces of the answers that are known again on any page: what stands between two formulas, words of code or of stress."""
    return [
        Secret(piece.strip(), answer.path, number)
        for found in answers.values()
        for answer in found
        for line, number in zip(answer.text.split("\n"), answer.lines, strict=True)
        for piece in BROKEN.split(line)
        if len(piece.strip()) >= SHORTEST
    ]
