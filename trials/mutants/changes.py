"""The changes that make mutants: what a node of a tree, or a list of statements, may become."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from trials.misconceptions.rewriting import independent
from trials.mutants.neighbours import LEARNED, MODULES, called, named

Change = tuple[str, ast.AST]  # its kind, and what a node becomes
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.Sub, ast.Pow),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.GtE: (ast.Gt, ast.Lt, ast.LtE, ast.Eq),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE, ast.Eq),
    ast.Is: (ast.IsNot,),
}


def of_node(node: ast.AST, defaults: dict[str, ast.expr]) -> Iterator[Change]:
    """What an expression may become.

    Args:
        node: the expression. What is yielded shares its parts, and leaves it as it is.
        defaults: of the arguments around it, which somebody may type in for the argument itself.
    """
    for kind, changes in _BY_TYPE.get(type(node), {}).items():
        yield from ((kind, change) for change in changes(node))
    if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in defaults and not isinstance(getattr(node, "value", None), ast.Call):
            yield "typed in", defaults[name]
            yield "constant", ast.BinOp(ast.Constant(2), ast.Mult(), node)


def of_statements(body: list[ast.stmt], k: int) -> Iterator[tuple[str, list[ast.stmt], list[ast.stmt]]]:
    """What may become of statement `k`: the kind of the change, the statements that go, and those that come in their place."""
    one = body[k]
    yield "statement dropped", [one], []
    if not _plain(one):  # an assignment that is made twice is the same assignment
        yield "statement twice", [one], [one, one]
    if k + 1 < len(body) and not independent(one, body[k + 1]):
        yield "statements exchanged", [one, body[k + 1]], [body[k + 1], one]
    if isinstance(one, (ast.With, ast.If)):
        yield "statement unwrapped", [one], one.body
    if isinstance(one, (ast.Assign, ast.Return)) and one.value is not None:
        for kind, value in _of_value(one.value):
            changed = copy.copy(one)
            changed.value = value
            yield kind, [one], [changed]


def _plain(statement: ast.stmt) -> bool:
    """Whether a statement sets one variable, and does not read it; or returns."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], (ast.Name, ast.Attribute)):
        target = ast.unparse(statement.targets[0])
        return target not in {ast.unparse(node) for node in ast.walk(statement.value)}
    return isinstance(statement, ast.Return)


def _of_value(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What a whole value may become, of an assignment or a return."""
    if isinstance(value, ast.Tuple):
        first, second = value.elts
        yield "order", ast.Tuple([second, first], ast.Load())
        yield "order", ast.Tuple([first, first], ast.Load())
        yield "detach", ast.Tuple([_method(first, "detach"), second], ast.Load())
        yield "order", first
    elif isinstance(value, (ast.Call, ast.BinOp, ast.UnaryOp)):
        yield "detach", _method(value, "detach")
        yield "operator", ast.UnaryOp(ast.USub(), value)
        yield "constant", ast.BinOp(ast.Constant(2), ast.Mult(), value)


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(v) for v in dict.fromkeys((value + 1, value - 1, 0, 2 * value, -1)) if v != value)
    elif isinstance(value, float):
        yield from (ast.Constant(v) for v in (0.0, -value, 2 * value, 10_000 * value))


def _operator(node: ast.BinOp) -> Iterator[ast.expr]:
    for operator in _OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, operator(), node.right)
    if not isinstance(node.op, (ast.Add, ast.Mult)):  # a sum is the same either way
        yield ast.BinOp(node.right, node.op, node.left)
    yield node.left
    yield node.right


def _comparison(node: ast.Compare) -> Iterator[ast.expr]:
    for operator in _COMPARISONS.get(type(node.ops[0]), ()):
        yield ast.Compare(node.left, [operator()], node.comparators)
    yield ast.Compare(node.comparators[0], node.ops, [node.left])
    yield ast.Constant(True)
    yield ast.Constant(False)


def _arguments(node: ast.Call) -> Iterator[ast.expr]:
    args, keywords = node.args, node.keywords
    for k in range(len(args) - 1):
        yield ast.Call(node.func, [*args[:k], args[k + 1], args[k], *args[k + 2 :]], keywords)
    for k in range(len(args)):
        yield ast.Call(node.func, [*args[:k], *args[k + 1 :]], keywords)
    for k in range(len(keywords)):
        yield ast.Call(node.func, args, [*keywords[:k], *keywords[k + 1 :]])
    if any(keyword.arg == "dim" for keyword in keywords):
        yield ast.Call(node.func, args, [*keywords, ast.keyword("keepdim", ast.Constant(True))])


def _without_call(node: ast.Call) -> Iterator[ast.expr]:
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield node.func.value
    elif node.args:
        yield node.args[0]


def _callee(node: ast.Call) -> Iterator[ast.expr]:
    if isinstance(node.func, ast.Attribute):
        for name in called(node.func.attr):
            yield ast.Call(ast.Attribute(node.func.value, name, ast.Load()), node.args, node.keywords)
    elif isinstance(node.func, ast.Name):
        for name in called(node.func.id):
            yield ast.Call(ast.Name(name, ast.Load()), node.args, node.keywords)


def _name(node: ast.Name) -> Iterator[ast.expr]:
    if isinstance(node.ctx, ast.Load):
        yield from (ast.Name(name, ast.Load()) for name in named(node.id))


def _attribute(node: ast.Attribute) -> Iterator[ast.expr]:
    if isinstance(node.ctx, ast.Load) and not _is_module(node.value):
        yield from (ast.Attribute(node.value, name, ast.Load()) for name in named(node.attr))


def _detached(node: ast.Name | ast.Attribute) -> Iterator[ast.expr]:
    name = node.id if isinstance(node, ast.Name) else node.attr
    if isinstance(node.ctx, ast.Load) and name in LEARNED:
        yield _method(node, "detach")


def _subscript(node: ast.Subscript) -> Iterator[ast.expr]:
    if isinstance(node.ctx, ast.Load):
        yield node.value


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower is not None or node.upper is not None:
        yield ast.Slice()
        yield ast.Slice(node.upper, node.lower)


def _minus(node: ast.UnaryOp) -> Iterator[ast.expr]:
    yield node.operand


def _method(value: ast.expr, name: str) -> ast.expr:
    return ast.Call(ast.Attribute(value, name, ast.Load()), [], [])


def _is_module(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[0] in MODULES


_BY_TYPE: dict[type[ast.AST], dict[str, Callable[..., Iterator[ast.AST]]]] = {
    ast.Constant: {"constant": _constant},
    ast.BinOp: {"operator": _operator},
    ast.UnaryOp: {"operator": _minus},
    ast.Compare: {"comparison": _comparison},
    ast.Call: {"argument": _arguments, "call dropped": _without_call, "another function": _callee},
    ast.Name: {"another name": _name, "detach": _detached},
    ast.Attribute: {"another name": _attribute, "detach": _detached},
    ast.Subscript: {"index dropped": _subscript},
    ast.Slice: {"index": _slice},
}
