"""Mutants of an answer: one constant, operator, argument, name, call or statement changed inside its SOLUTION regions."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.judge import reference
from trials.misconceptions.rewriting import ANSWERS, RightAnswer, cell
from trials.mutants.changes import of_node, of_statements

LONG, AROUND = 100, 25  # characters of a changed piece that are shown
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Mutant:
    """An answer with one thing changed.

    Attributes:
        question: the question it belongs to.
        kind: of the change, such as `constant`.
        what: the changed piece before and after: "nn.ReLU() -> nn.Tanh()"; unique within its question.
        text: its Python code, as a notebook's cell would hold it.
    """

    question: str
    kind: str
    what: str
    text: str

    @property
    def answer(self) -> RightAnswer:
        return RightAnswer(f"{self.question}: {self.what}", self.question, self.text)


@dataclass(frozen=True)
class _Edit:
    """Another value for one field of a node, and what a reader is shown of it.

    Attributes:
        kind: of the change.
        owner, field, value: the node, its field, and what that becomes.
        shown: the piece that holds the field, shown as it is before and after.
        said: in place of that, what is shown.
    """

    kind: str
    owner: ast.AST
    field: str
    value: Any
    shown: ast.AST | None = None
    said: str = ""


def mutants(question: str, text: str = "") -> list[Mutant]:
    """Every mutant of a question's answer, each text once, in the order of the text.

    Args:
        question: which.
        text: of the module that answers it, with its marks of SOLUTION regions; the reference's own if empty.
    """
    module, names = ANSWERS[question]
    text = text or reference.solution_source(module)
    tree = ast.parse(text)
    seen, shown, found = {cell(tree, names)}, Counter[str](), []
    for edit in _edits(tree, _regions(text)):
        before, old = _shown(edit), getattr(edit.owner, edit.field)
        setattr(edit.owner, edit.field, edit.value)
        what, code = edit.said or _apart(before, _shown(edit)), cell(tree, names)
        setattr(edit.owner, edit.field, old)
        if code not in seen and _compiles(code):
            seen.add(code)
            shown[what] += 1
            found.append(Mutant(question, edit.kind, what if shown[what] == 1 else f"{what} ({shown[what]})", code))
    return found


def _shown(edit: _Edit) -> str:
    return _one_line([edit.shown]) if edit.shown is not None else ""


def _one_line(nodes: list[Any]) -> str:
    return "; ".join(line.strip() for node in nodes for line in ast.unparse(ast.fix_missing_locations(node)).splitlines())


def _apart(before: str, after: str) -> str:
    """`before -> after`; of long pieces only where they differ, and a little around it."""
    if max(len(before), len(after)) > LONG:
        same = _alike(before, after)
        start, end = max(0, same - AROUND), max(0, _alike(before[same:][::-1], after[same:][::-1]) - AROUND)
        before, after = ("… " * (start > 0) + text[start : len(text) - end] + " …" * (end > 0) for text in (before, after))
    return f"{_cut(before)} -> {_cut(after)}"


def _alike(one: str, two: str) -> int:
    """How many characters two texts have in common from their start."""
    return next((k for k, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _cut(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - AROUND]} … {text[-AROUND:]}"


def _compiles(code: str) -> bool:
    try:
        compile(code, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def _regions(text: str) -> list[tuple[int, int]]:
    """First and last line of each SOLUTION region."""
    regions, first = [], 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() == BEGIN:
            first = number
        elif line.strip() == END:
            regions.append((first, number))
    return regions


def _edits(tree: ast.Module, regions: list[tuple[int, int]]) -> Iterator[_Edit]:
    """Every change inside the regions, from the outside in."""

    def inside(node: ast.AST) -> bool:
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        return any(start < first and last < end for start, end in regions)

    def walk(owner: ast.AST, shown: ast.AST | None, defaults: dict[str, ast.expr]) -> Iterator[_Edit]:
        defaults = {**defaults, **_defaults(owner)}
        for field, held in list(ast.iter_fields(owner)):
            for k, node in enumerate(held) if isinstance(held, list) else [(-1, held)]:
                if not isinstance(node, ast.AST):
                    continue
                piece = node if isinstance(node, ast.stmt) or _line_of_its_own(owner, node) else shown
                if isinstance(node, ast.stmt) and inside(node):
                    yield from _of_statement(owner, field, held, k, inside)
                elif piece is not None and inside(piece):
                    for kind, change in of_node(node, defaults):
                        value = [*held[:k], change, *held[k + 1 :]] if k >= 0 else change
                        said = _apart(_one_line([node]), _one_line([change])) if piece is node else ""
                        yield _Edit(kind, owner, field, value, piece, said)
                yield from walk(node, piece, defaults)

    return walk(tree, None, {})


def _of_statement(
    owner: ast.AST, field: str, body: list[ast.stmt], k: int, inside: Callable[[ast.AST], bool]
) -> Iterator[_Edit]:
    for kind, gone, come in of_statements(body, k):
        if not all(inside(statement) for statement in gone):
            continue
        value = [*body[:k], *come, *body[k + len(gone) :]] or [ast.Pass()]
        yield _Edit(kind, owner, field, value, said=_apart(_one_line(gone), _one_line(come) or "nothing"))


def _line_of_its_own(owner: ast.AST, node: ast.AST) -> bool:
    """Whether an argument stands on a line below its call, as the layers of a Sequential do."""
    return isinstance(owner, ast.Call) and isinstance(node, ast.expr) and node.lineno > owner.lineno


def _defaults(node: ast.AST) -> dict[str, ast.expr]:
    """The defaults of a function's arguments, those of a class's constructor included: methods keep them under their names."""
    if isinstance(node, ast.ClassDef):
        return {name: value for part in node.body for name, value in _defaults(part).items()}
    if not isinstance(node, ast.FunctionDef):
        return {}
    arguments = node.args.args[len(node.args.args) - len(node.args.defaults) :]
    pairs = zip(arguments, node.args.defaults, strict=True)
    return {argument.arg: value for argument, value in pairs if isinstance(value, ast.Constant) and value.value is not None}
