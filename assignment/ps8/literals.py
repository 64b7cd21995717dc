"""Reads a value out of a cell's text without running it: numbers, words, and tuples, lists, sets and dictionaries of them.

For answers that are data. The student's check and the grader read in the same way; nothing that a cell says is called.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable
from typing import Any

LONGEST = 20_000  # characters of a cell
_COLLECTIONS: dict[str, Callable[..., Any]] = {"set": set, "frozenset": frozenset, "list": list, "tuple": tuple, "dict": dict}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_SHELL = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)  # IPython's own lines


class NotLiteral(ValueError):
    """A cell whose value cannot be read without running it. Its text says why, for the student."""


def read_literal(source: str, name: str) -> Any:
    """The value that a cell gives a name at its end.

    Args:
        source: the cell's text.
        name: of the variable.

    Raises:
        NotLiteral: if the text does not give it one, or takes more than reading to know it.
    """
    known: dict[str, Any] = {}
    for statement in _parsed(source).body:
        _take(statement, known, name)
    if name not in known:
        raise NotLiteral(f"the cell does not give {name} a value")
    return known[name]


def _parsed(source: str) -> ast.Module:
    from nbrepair.syntax import syntax_tree  # not there in a grader's kernel, which imports this module and reads nothing

    if len(source) > LONGEST:
        raise NotLiteral(f"the cell has more than {LONGEST:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return syntax_tree(_SHELL.sub("", source))
    except SyntaxError as error:
        raise NotLiteral(f"the cell is no Python: {error.msg}, line {error.lineno}") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotLiteral("the cell is no Python") from None


def _take(statement: ast.stmt, known: dict[str, Any], name: str) -> None:
    """Takes over what a statement assigns; of one that does something else to the name, says that it cannot be read."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=value) | ast.AnnAssign(target=ast.Name(id=target), value=value):
            known.pop(target, None)
            try:
                if value is not None:
                    known[target] = _value(value, known)
            except NotLiteral:
                if target == name:
                    raise
                if _is_changed_in(statement, name):
                    raise _by_running(statement, name) from None
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=target), slice=key)], value=value) if target == name:
            if not isinstance(known.get(name), dict):
                raise NotLiteral(f"{name} is no dictionary where an entry is put into it")
            known[name] = {**known[name], _hashable(_value(key, known)): _value(value, known)}
        case ast.Expr() if not _is_changed_in(statement, name):  # looked at, as in `print(differs)`
            pass
        case _ if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement)):
            raise _by_running(statement, name)


def _is_changed_in(statement: ast.stmt, name: str) -> bool:
    """Whether a method of the name's is called, such as `differs.update(...)`."""
    owners = [node.value for node in ast.walk(statement) if isinstance(node, ast.Attribute)]
    return any(isinstance(owner, ast.Name) and owner.id == name for owner in owners)


def _by_running(statement: ast.stmt, name: str) -> NotLiteral:
    return NotLiteral(f"line {statement.lineno} takes running to know: write {name} out, word by word")


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    try:
        return _read(node, known)
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, NotLiteral):
            raise
        raise NotLiteral(f"line {node.lineno} cannot be read ({type(error).__name__})") from None


def _read(node: ast.expr, known: dict[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Tuple(elts=items):
            return tuple(_read(item, known) for item in items)
        case ast.List(elts=items):
            return [_read(item, known) for item in items]
        case ast.Set(elts=items):
            return {_read(item, known) for item in items}
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_read(k, known): _read(v, known) for k, v in zip(keys, values, strict=True) if k is not None}
        case ast.Call(func=ast.Name(id=name), args=items, keywords=[]) if name in _COLLECTIONS and len(items) < 2:
            return _COLLECTIONS[name](*(_read(item, known) for item in items))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(_read(operand, known))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_number(_read(left, known)), _number(_read(right, known)))
    raise NotLiteral(f"line {node.lineno} takes running to know: write numbers and words out")


def _number(value: Any) -> Any:
    if type(value) not in (int, float):
        raise NotLiteral("only numbers can be added, subtracted, multiplied and divided")
    return value


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        raise NotLiteral("a list, a set or a dictionary cannot be a key") from None
    return value
