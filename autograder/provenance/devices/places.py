"""Where a tensor is, as far as an answer's text tells it: on the GPU, or on the CPU because it was made there."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from autograder.provenance.devices.operations import KEEPS

GPU: Final = "gpu"
LOSS: Final = "loss"
MODULE: Final = "module"
Value = ast.Call | str | None  # the call that made a tensor on the CPU; one of the three above; None: not known, or no tensor


def made(name: str, node: ast.Call) -> Value:
    """A new tensor: on the CPU, or where `device=` says; None of one without dimensions, which is at home everywhere."""
    where = next((keyword.value for keyword in node.keywords if keyword.arg == "device"), None)
    if where is not None:
        return None if isinstance(where, ast.Constant) and where.value is None else GPU
    first = node.args[0] if node.args else None
    if name in ("tensor", "as_tensor"):
        literal = isinstance(first, ast.List | ast.Tuple | ast.ListComp)
        repeated = isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mult) and isinstance(first.left, ast.List)
        return node if literal or repeated else None
    if first is None or any(may_be_no_sizes(arg) for arg in [*node.args, *(keyword.value for keyword in node.keywords)]):
        return None
    return node


def may_be_no_sizes(node: ast.expr) -> bool:
    """Whether an argument may be an empty list of sizes, such as `()` or `x.shape[2:]`."""
    match node:
        case ast.Tuple(elts=[]) | ast.List(elts=[]) | ast.Starred() | ast.Subscript(slice=ast.Slice()):
            return True
    return False


def kept(place: Value, name: str) -> Value:
    """What comes of one tensor: it stays on its device, though it may lose its dimensions."""
    if place == GPU:
        return GPU
    return place if isinstance(place, ast.Call) and (name in KEEPS or name.endswith("_like")) else None


def either(places: Sequence[Value]) -> Value:
    """The place of one of several: made on the CPU if any is, else theirs if it is the same."""
    for place in places:
        if isinstance(place, ast.Call):
            return place
    return places[0] if len(set(places)) == 1 else None


def about_devices(test: ast.expr) -> bool:
    """Whether an expression asks, or says, where something is."""
    nodes = list(ast.walk(test))
    words = {n.attr for n in nodes if isinstance(n, ast.Attribute)} | {n.id for n in nodes if isinstance(n, ast.Name)}
    return bool(words & {"device", "cuda", "is_cuda", "is_cpu", "is_available", "get_device"})
