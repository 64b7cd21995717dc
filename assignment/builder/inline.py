"""Takes a definition out of the reference as it is written there: the file is read, never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assignment.builder.checkout import ROOT
from assignment.builder.problem import shown
from assignment.builder.regions import END, Region, Unbalanced, find_regions


class InlineError(ValueError):
    """A definition that cannot be inlined. Its text says which and why."""


@dataclass(frozen=True)
class Definition:
    """A definition's text and where it comes from.

    Attributes:
        name: what it defines.
        source: its lines as in the file, with its decorators, the comments right above it and its regions.
        path: the file, as messages name it.
        line: 1-based line of the file where the text begins.
    """

    name: str
    source: str
    path: str
    line: int


def inline(reference: str, root: Path = ROOT) -> list[Definition]:
    """The definitions that `module:Name[,Name]` names, in that order.

    Args:
        reference: such as `solution.autoencoder:Encoder,Decoder`.
        root: the folder that holds the package.

    Raises:
        InlineError: if the reference is malformed, the file missing or broken, or a name not defined in it.
    """
    module, colon, names = reference.partition(":")
    wanted = [name.strip() for name in names.split(",")]
    if not colon or not all(part.isidentifier() for part in [*module.split("."), *wanted]):
        raise InlineError(f"{reference!r} is not of the form package.module:Name or package.module:Name,Name")
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise InlineError(f"{reference}: there is no {shown(path)}") from None
    pieces = definitions(text, shown(path))
    for name in wanted:
        if name not in pieces:
            raise InlineError(f"{reference}: {shown(path)} defines no {name}; it defines {', '.join(pieces) or 'nothing'}")
    return [pieces[name] for name in wanted]


def joined(pieces: list[Definition]) -> str:
    """The text of a cell that holds the definitions: two blank lines between them, as in a module."""
    return "\n\n\n".join(piece.source for piece in pieces)


@lru_cache(maxsize=64)
def definitions(text: str, path: str) -> Mapping[str, Definition]:
    """Every class, function and variable that a module's top level defines, by name, in the file's order.

    Raises:
        InlineError: if the text is not Python, or its regions are unbalanced.
    """
    try:
        tree = ast.parse(text)
        regions = find_regions(text)
    except SyntaxError as error:
        raise InlineError(f"{path}:{error.lineno}: not valid Python: {error.msg}") from None
    except Unbalanced as error:
        raise InlineError(f"{path}:{error.line + 1}: {error}") from None
    lines = text.split("\n")
    found: dict[str, Definition] = {}
    for node in tree.body:
        for name in _defined(node):
            first, last = _extent(node, lines, regions)
            # A name assigned twice is its first definition and what a reader of the module meets first.
            found.setdefault(name, Definition(name, "\n".join(lines[first : last + 1]), path, first + 1))
    return found


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (leaf.id for leaf in ast.walk(target) if isinstance(leaf, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _extent(node: ast.stmt, lines: list[str], regions: list[Region]) -> tuple[int, int]:
    """The 0-based first and last line: decorators, a region around the whole, the comments right above."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    last = (node.end_lineno or node.lineno) - 1
    for region in regions:
        if region.begin <= last and region.end > last:  # around it, or its end is a comment after the last statement
            first, last = min(first, region.begin), region.end
    while first > 0 and lines[first - 1].startswith("#") and END not in lines[first - 1]:
        first -= 1
    return first, last
