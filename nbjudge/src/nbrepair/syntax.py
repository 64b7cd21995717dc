"""Python's syntax trees, built by one thread at a time."""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def syntax_tree(source: str | bytes) -> ast.Module:
    """`ast.parse`, safe where other threads parse, too.

    CPython counts the depth of a tree under construction once for the whole interpreter. If another thread begins a
    tree meanwhile, the first ends in `SystemError: AST constructor recursion depth mismatch`, whatever the source.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse`; the last two for code that is nested too deeply.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(source)
