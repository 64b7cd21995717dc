"""Which global names a cell's code uses and which it defines, by Python's own symbol tables."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

# What every notebook has from the start.
PROVIDED = frozenset(dir(builtins)) | {"__name__", "get_ipython", "display", "In", "Out", "exit", "quit"}
COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}  # as the symbol table names their scopes
# In these a name is used before it is bound, so the statement's own names do not count.
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Assert, ast.Delete)


@dataclass(frozen=True, order=True)
class Use:
    """A name that nothing before it defines, and the 0-based line of the cell that uses it."""

    line: int
    name: str


def plain(source: str) -> str:
    """A cell's code as Python: `%magic` and `!command` become calls."""
    return TransformerManager().transform_cell(source)


def undefined(source: str, defined: set[str]) -> list[Use]:
    """The names that a cell uses and nothing defines; what the cell defines is added to `defined`.

    What runs at once (a default, a decorator, a base class, an annotation) must be defined above it. What runs
    later (the body of a function) must be defined by the cell's end, so that a call below the cell works.

    Args:
        source: a cell's code.
        defined: the names that the cells before it define.

    Raises:
        SyntaxError: if the source is not Python.
    """
    later: list[Use] = []
    wrong: list[Use] = []
    for node in ast.parse(plain(source)).body:
        now, afterwards, binds = _names(node)
        known = defined | (set() if isinstance(node, SIMPLE) else binds)
        wrong += [Use(_line(node, name), name) for name in sorted(now - known - PROVIDED)]
        later += [Use(_line(node, name), name) for name in sorted(afterwards - PROVIDED)]
        defined |= binds
    return sorted([*wrong, *(use for use in later if use.name not in defined)])


def _names(node: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """The global names that a statement uses at once, uses later, and binds."""
    table = symtable.symtable(ast.unparse(node), "<cell>", "exec")
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    now, later = {s.get_name() for s in table.get_symbols() if s.is_referenced()}, set[str]()
    for child, deferred in _scopes(table, False):
        symbols = [s for s in child.get_symbols() if s.is_global()]
        (later if deferred else now).update(s.get_name() for s in symbols if s.is_referenced())
        binds |= {s.get_name() for s in symbols if s.is_assigned() and s.is_declared_global()}
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        now.add(node.target.id)  # which the symbol table takes for a mere assignment
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name not in _outside(node):
        now.discard(node.name)  # a recursive call, or a method that names its class
    return now, later, binds


def _scopes(table: symtable.SymbolTable, deferred: bool) -> Iterator[tuple[symtable.SymbolTable, bool]]:
    """Every scope inside a table, and whether it runs only when it is called."""
    for child in table.get_children():
        # A comprehension is a function to the symbol table, but runs where it stands.
        body = child.get_type() == "function" and child.get_name() not in COMPREHENSIONS
        yield child, deferred or body
        yield from _scopes(child, deferred or body)


def _outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """The names in a definition's decorators and bases, which run before it has its name."""
    parts = [*node.decorator_list, *(node.bases if isinstance(node, ast.ClassDef) else [])]
    return {leaf.id for part in parts for leaf in ast.walk(part) if isinstance(leaf, ast.Name)}


def _line(node: ast.stmt, name: str) -> int:
    for leaf in ast.walk(node):
        if isinstance(leaf, ast.Name) and leaf.id == name:
            return leaf.lineno - 1
    return node.lineno - 1
