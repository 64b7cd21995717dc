"""What a student answered, read from the text of the notebook: nothing is run, so nothing can be claimed by running."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade

from assignment.builder.counted import EXPLAIN
from autograder.repair.definitions import parse

NAME = "my_name"
MAX_TEXT = 200  # characters of a text


@dataclass
class HandedIn:
    """The answers to the counted questions.

    Attributes:
        name: the name that the student typed, for which the questions were shown; empty if none can be read.
        answers: question -> a text, a number, or None where nothing was written.
        computed: questions whose answer is no plain text or number.
    """

    name: str = ""
    answers: dict[str, str | float | None] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)


def read(notebook: NotebookNode) -> HandedIn:
    """Reads a notebook; what stands further down counts."""
    found = HandedIn()
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_grade(cell) and (tree := parse(cell.source)) is not None:
            for target, value in _assignments(tree):
                _take(found, target, value)
    return found


def _assignments(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets and values of a cell's assignments that stand at its outside."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            yield from ((target, statement.value) for target in statement.targets)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield statement.target, statement.value


def _take(found: HandedIn, target: ast.expr, value: ast.expr) -> None:
    """Takes `my_name = "..."`, `explain = {...}` and `explain["encoder"] = ...`."""
    if isinstance(target, ast.Name) and target.id == NAME:
        _, name = _plain(value)
        found.name = name if isinstance(name, str) else ""
    elif isinstance(target, ast.Name) and target.id == EXPLAIN and isinstance(value, ast.Dict):
        found.answers.clear()
        found.computed.clear()
        for key, answer in zip(value.keys, value.values, strict=True):
            _note(found, key, answer)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == EXPLAIN:
        _note(found, target.slice, value)


def _note(found: HandedIn, key: ast.expr | None, answer: ast.expr) -> None:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        is_plain, value = _plain(answer)
        found.answers[key.value] = value
        (found.computed.discard if is_plain else found.computed.add)(key.value)


def _plain(node: ast.expr) -> tuple[bool, Any]:
    """Whether this is a text, a number, or None as it is written, and which."""
    sign = 1.0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign, node = -1.0 if isinstance(node.op, ast.USub) else 1.0, node.operand
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
            return False, None
    value = node.value if isinstance(node, ast.Constant) else ...
    if isinstance(value, str):
        return len(value) <= MAX_TEXT, value[:MAX_TEXT]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return True, sign * value if abs(value) < 1e300 else sign * float("inf")
    return value is None, None
