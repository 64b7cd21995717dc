"""Which cells hold an answer, and which given ones the answers need. No grade hangs on the others: trainings, tables, figures.

Each answer is probed by itself, so running the lesson's own trainings would cost time, and a loop without an end in one answer
would be met again in every cell that calls it.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Collection, Iterator

from nbformat import NotebookNode

from nbrepair.definitions import names
from nbrepair.nodes import is_grade, is_locked, is_solution, is_test
from nbrepair.syntax import syntax_tree

_WORD = re.compile(r"[^\W\d]\w*")


def answer_cells(notebook: NotebookNode) -> dict[str, list[int]]:
    """Question -> the indices of its answer's cells in a repaired notebook: of those with answers, those above its test."""
    found: dict[str, list[int]] = {}
    waiting: list[int] = []
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and is_solution(cell):
            waiting.append(i)
        elif is_grade(cell) and not is_solution(cell):
            found[cell.metadata.nbgrader.grade_id] = waiting
            waiting = []
    return found


def answer_text(notebook: NotebookNode, question: str) -> str:
    """What stands in the cells of a question's answer; nothing where it has none."""
    return "\n".join(notebook.cells[i].source for i in answer_cells(notebook).get(question, ()))


def cells_to_run(notebook: NotebookNode, judged: Collection[str]) -> set[int]:
    """The indices of the code cells that are run beside the tests: all of the student's, and the given ones they need.

    Args:
        notebook: a prepared submission.
        judged: names of the tests that are probed. What any other test names is needed, too; where no test is probed, all
            cells are run, as nbgrader does.
    """
    code = {i: cell for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and not is_test(cell)}
    if not judged:
        return set(code)
    given = {i: names(cell.source).all for i, cell in code.items() if is_locked(cell) and not is_solution(cell)}
    run = set(code) - set(given)
    plain = [cell for cell in notebook.cells if is_test(cell) and cell.metadata.nbgrader.grade_id not in judged]
    needed = set[str]().union(*(global_names(cell.source) for cell in [*(code[i] for i in run), *plain]))
    while found := {i for i in set(given) - run if given[i] & needed}:
        run |= found
        needed |= set[str]().union(*(global_names(code[i].source) - given[i] for i in found))
    return run


def global_names(source: str) -> set[str]:
    """The names that a cell's code may take from the notebook's globals; every word of it, if it is not plain Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" is the student's to see
            module, changed = symtable.symtable(source, "cell", "exec"), _changed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(_WORD.findall(source))
    found = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_referenced()} | changed
    for scope in _below(module):
        found |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
    return found


def _changed(source: str) -> set[str]:
    """The names that code outside functions changes in place or deletes, which symbol tables count as bound, not as read."""
    found, waiting = set[str](), list[ast.AST]([syntax_tree(source)])
    while waiting:
        node = waiting.pop()
        targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets if isinstance(node, ast.Delete) else []
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)
