"""What a cell of code defines and what it needs, without running it. Broken code is looked through line by line."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

from nbrepair.syntax import syntax_tree

MAX_PARSED = 100_000  # characters; a longer cell is looked through line by line

_DEFINITION = re.compile(r"^(?:class|(?:async[ \t]+)?def)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
_HARMLESS_MAGICS = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_SHELL_LINE = re.compile(r"^([ \t]*)(?:[!%?].*|[\w.]+\?\??[ \t]*)$", re.MULTILINE)
_SHELL_VALUE = re.compile(r"^([ \t]*\w[\w, ]*=[ \t]*)[!%].*$", re.MULTILINE)
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "get_ipython", "display", "_", "__class__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Names:
    """What a cell's top level binds.

    Attributes:
        defined: by class, def or import.
        assigned: by anything else.
    """

    defined: frozenset[str]
    assigned: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.defined | self.assigned


@lru_cache(maxsize=256)
def parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell, with IPython's own lines as `pass`. None if it is not Python."""
    if len(source) > MAX_PARSED:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "invalid escape sequence" is the student's to see, not the grader's
        for text in (source, _plain(source)):
            try:
                return syntax_tree(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
                continue
    return None


def _plain(source: str) -> str:
    """The same number of lines, without IPython's magics and shell commands."""
    stripped = source.lstrip()
    if stripped.startswith("%%"):
        first, _, rest = stripped.partition("\n")
        source = "\n" + rest if _HARMLESS_MAGICS.match(first) else ""
    return _SHELL_VALUE.sub(r"\1None", _SHELL_LINE.sub(r"\1pass", source))


@lru_cache(maxsize=1024)
def names(source: str) -> Names:
    """What a cell's top level binds; for code that does not parse, what its unindented lines look like."""
    tree = parse(source)
    if tree is None:
        return Names(frozenset(_DEFINITION.findall(source)), frozenset(_ASSIGNMENT.findall(source)))
    return _bound(tree.body)


def _bound(statements: list[ast.stmt]) -> Names:
    """What statements bind in their own scope: functions, classes, lambdas and comprehensions are not entered."""
    defined, assigned = set[str](), set[str]()
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Definition):
            defined.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            defined.update(_imported(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assigned.add(node.id)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting.extend(ast.iter_child_nodes(node))
    return Names(frozenset(defined), frozenset(assigned))


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}


@lru_cache(maxsize=256)
def needed(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a cell takes from outside itself: at once when it runs, and only when its functions are called."""
    tree = parse(source)
    if tree is None:
        return frozenset(), frozenset()
    bound = _bound_anywhere(tree)
    at_once, later = set[str](), set[str]()
    waiting: list[tuple[ast.AST, set[str]]] = [(tree, at_once)]
    while waiting:
        node, found = waiting.pop()
        if isinstance(node, ast.Name) and node.id not in bound:
            found.add(node.id)
        body = set[int]()
        if isinstance(node, Function):
            body = set(map(id, node.body))
        elif isinstance(node, ast.Lambda):
            body = {id(node.body)}
        waiting.extend((child, later if id(child) in body else found) for child in ast.iter_child_nodes(node))
    return frozenset(at_once), frozenset(later - at_once)


def _bound_anywhere(tree: ast.Module) -> set[str]:
    """Every name that a cell binds in any of its scopes, and Python's own."""
    bound = set(_BUILTINS)
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update(_imported(node))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
    return bound


@lru_cache(maxsize=1024)
def segment(source: str, name: str) -> str | None:
    """The lines of a cell that define a name: its class, def, import or assignment, with the comments right above."""
    tree = parse(source)
    if tree is None:
        found = [match for match in (*_DEFINITION.finditer(source), *_ASSIGNMENT.finditer(source)) if match[1] == name]
        if not found:
            return None
        behind = _TOP_LEVEL.search(source, found[-1].end())
        return source[found[-1].start() : behind.start() if behind else len(source)].rstrip()
    lines = source.split("\n")
    for node in reversed(tree.body):
        if name in _bound([node]).all:
            return "\n".join(lines[_first_line(node, lines) : node.end_lineno])
    return None


def _first_line(node: ast.stmt, lines: list[str]) -> int:
    """The 0-based line where a statement begins, its decorators and the comments right above it included."""
    first: int = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))]) - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return first


def statements(source: str) -> list[tuple[frozenset[str], str]]:
    """The statements of a cell that only define something, each as what it binds and its text."""
    tree = parse(source)
    lines = source.split("\n")
    return [
        (_bound([node]).all, "\n".join(lines[_first_line(node, lines) : node.end_lineno]))
        for node in (tree.body if tree else ())
        if is_plain(node)
    ]


def is_plain(node: ast.stmt) -> bool:
    """Whether a statement only defines: an import, a class, a function, or a value that takes no call to compute."""
    if isinstance(node, Definition | ast.Import | ast.ImportFrom):
        return True
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    if isinstance(node.value, ast.Lambda):
        return True
    return not any(isinstance(part, ast.Call | ast.Await | ast.Yield | ast.NamedExpr) for part in ast.walk(node.value))


def same_code(one: str, other: str) -> bool:
    """Whether two cells are the same but for spaces and comments."""
    if tidy(one) == tidy(other):
        return True
    if len(one) > 4 * len(other) + 2000:
        return False
    left = dumped(one)
    return left is not None and left == dumped(other)


@lru_cache(maxsize=1024)
def dumped(source: str) -> str | None:
    """A cell's syntax tree as text; None if it is not Python or holds nothing."""
    tree = parse(source)
    try:
        return ast.dump(tree) if tree is not None and tree.body else None
    except RecursionError:
        return None


def forget_cells() -> None:
    """Empties what is remembered of cells: after a submission with much code, lest a class's memory grow by it."""
    for remembered in (parse, names, needed, segment, dumped):
        remembered.cache_clear()


def tidy(text: str) -> str:
    """A text without the spaces at its lines' ends and the blank lines around it."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))
