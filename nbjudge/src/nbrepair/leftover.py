"""What is left of a stub in an answer: parts that are not written yet, and a `raise` that was forgotten beside finished code.

A student who writes the code and leaves the stub's `raise NotImplementedError` above or below it has answered. Only statements
tell: a comment or a text that speaks of the exception is none, and neither is a `raise` that the student thought of, in a
branch or a method of the student's own.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nbrepair.definitions import Definition, parse

STUB = "raise NotImplementedError"  # with or without (), but with no words of its own
_INNER = ("body", "orelse", "finalbody", "handlers", "cases")
_ENDS = ast.Return | ast.Continue | ast.Break
_BRANCHES = ast.If | ast.Try | ast.ExceptHandler | ast.Match


@dataclass(frozen=True)
class Leftover:
    """What was found in an answer.

    Attributes:
        text: the answer without the forgotten `raise`, on as many lines as before.
        forgotten: the functions or methods that had one, such as `Encoder.forward`; empty for the cell itself.
        open: those in which nothing was written.
    """

    text: str
    forgotten: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass
class _Block:
    """A run of statements: the body of a function, a loop, a branch."""

    scope: str
    statements: Sequence[ast.stmt]
    branches: list[str] = field(default_factory=list)  # the heads of those it lies in, within its scope


@lru_cache(maxsize=1024)
def examine(text: str, released: str) -> Leftover:
    """Looks for what is left of the stub in an answer.

    Args:
        text: of the answer. Code that does not parse is taken as it is: its own error is what the student should see.
        released: the stub as students were given it.
    """
    tree, stub = parse(text), parse(released)
    if "NotImplementedError" not in text:
        return Leftover(text)
    if tree is None or stub is None or not tree.body:
        return Leftover(text, open=("",))
    given = _given(stub)
    forgotten: dict[str, list[ast.stmt]] = {}
    still_open: dict[str, None] = {}
    for block in _blocks(tree):
        heads, branches = given.get(block.scope, (frozenset(), frozenset()))
        if STUB not in heads or not set(block.branches) <= branches:
            continue  # a function, or a branch, of the student's own
        for statement in _stops(block.statements):
            if any(_head(other) not in heads for other in block.statements if other is not statement):
                forgotten.setdefault(block.scope, []).append(statement)
            else:
                still_open[block.scope] = None
    removed = [statement for found in forgotten.values() for statement in found]
    return Leftover(_without(text, removed) if removed else text, tuple(forgotten), tuple(still_open))


def is_finished(text: str, released: str) -> bool:
    """Whether there is an answer, and no part of it is still the stub."""
    return bool(text.strip()) and not examine(text, released).open


def _given(stub: ast.Module) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """For each scope of the stub the heads of its statements, and of its branches."""
    heads: dict[str, set[str]] = {}
    branches: dict[str, set[str]] = {}
    for block in _blocks(stub):
        heads.setdefault(block.scope, set()).update(map(_head, block.statements))
        branches.setdefault(block.scope, set()).update(block.branches)
    return {scope: (frozenset(found), frozenset(branches[scope])) for scope, found in heads.items()}


def _blocks(tree: ast.Module) -> Iterator[_Block]:
    """All blocks of a cell."""
    waiting: deque[tuple[ast.AST, str, list[str]]] = deque([(tree, "", [])])
    while waiting:
        node, scope, branches = waiting.popleft()
        if isinstance(node, Definition):
            scope, branches = f"{scope}.{node.name}".lstrip("."), []
        elif isinstance(node, _BRANCHES):
            branches = [*branches, _head(node)]
        for name in _INNER:
            inner = getattr(node, name, None)
            if not isinstance(inner, list):
                continue  # a lambda's body is an expression
            statements = [part for part in inner if isinstance(part, ast.stmt)]
            if statements:
                yield _Block(scope, statements, branches)
            waiting.extend((part, scope, branches) for part in inner)


def _head(node: ast.AST) -> str:
    """A statement without the statements in it, as text to compare. All that say nothing are alike."""
    if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or isinstance(node, ast.Pass):
        return "nothing"
    if isinstance(node, Definition):
        return f"define {node.name}"
    if _is_stub(node):
        return STUB
    kept = {name: value for name, value in ast.iter_fields(node) if name not in _INNER}
    return type(node).__name__ + "".join(f" {name}={_told(value)}" for name, value in kept.items())


def _told(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_told(part) for part in value)
    try:
        return ast.dump(value) if isinstance(value, ast.AST) else repr(value)
    except RecursionError:
        return "too deep"


def _is_stub(node: ast.AST) -> bool:
    """Whether it is `raise NotImplementedError`, with no words in it."""
    if not isinstance(node, ast.Raise) or node.cause is not None:
        return False
    raised = node.exc
    if isinstance(raised, ast.Call) and not raised.args and not raised.keywords:
        raised = raised.func
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _stops(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Those of a block's statements that are the stub's `raise` and that a run would come to, but for each other."""
    found: list[ast.stmt] = []
    for statement in statements:
        if isinstance(statement, _ENDS):
            break
        if _is_stub(statement):
            found.append(statement)
    return found


def _without(text: str, statements: Sequence[ast.stmt]) -> str:
    """The text with `pass` in the place of statements, each of which stands on one line."""
    lines = text.split("\n")
    for node in sorted(statements, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        line = lines[node.lineno - 1].encode()
        rest = line[end:] if end is not None else b""
        lines[node.lineno - 1] = (line[: node.col_offset] + b"pass" + rest).decode()
        for number in range(node.lineno, node.end_lineno or node.lineno):
            lines[number] = (
                "" if number < (node.end_lineno or 0) - 1 else lines[number].encode()[node.end_col_offset :].decode()
            )
    return "\n".join(lines)
