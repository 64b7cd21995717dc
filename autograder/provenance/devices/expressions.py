"""Follows tensors through an answer's code: those that come on the GPU, those made on the CPU, and where the two meet.

Only what is certain counts. A tensor that indexes, is copied into another, is moved, or has no dimensions meets nobody.
"""

from __future__ import annotations

import abc
import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from autograder.provenance.devices.operations import LEAVES, LOSSES, MAKES, MEETS, REDUCES
from autograder.provenance.devices.places import GPU, LOSS, MODULE, Value, about_devices, either, kept, made, may_be_no_sizes

SAME_DEVICE: Final = "Expected all tensors to be on the same device"
INDICES: Final = "indices should be either on cpu or on the same device as the indexed tensor"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Expressions(abc.ABC):
    """Works out expressions with places instead of tensors.

    Attributes:
        modules: name -> what an import binds to it.
        helpers: the functions that are followed when they are called, by the words that call them: `helper`, `self.helper`.
        attributes: what is under `self.`: GPU for a buffer or a parameter, MODULE, LOSS.
        met: the call that made a tensor -> the words with which a GPU would stop.
    """

    modules: Mapping[str, str]
    helpers: Mapping[str, Function]
    attributes: Mapping[str, Value]
    met: dict[ast.Call, str] = field(default_factory=dict)
    _names: dict[str, Value] = field(default_factory=dict)

    @abc.abstractmethod
    def run(self, function: Function, given: Mapping[str, Value]) -> Value:
        """Runs through a function whose parameters have these places; gives that of what it returns."""

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if (
            isinstance(target, ast.Tuple | ast.List)
            and isinstance(value, ast.Tuple | ast.List)
            and len(target.elts) == len(value.elts)
        ):
            places = [self._of(inner) for inner in value.elts]
            for name, place in zip(target.elts, places, strict=True):
                self._set(name, place)
        else:
            self._set(target, self._of(value))

    def _set(self, target: ast.expr, place: Value) -> None:
        match target:
            case ast.Name(id=name):
                self._names[name] = place
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                for inner in elts:
                    self._set(inner, place if place == GPU else None)
            case ast.Starred(value=inner):
                self._set(inner, None)
            case ast.Subscript():
                self._of(target)  # copies what is assigned; only the index matters

    def _loop_over(self, target: ast.expr, over: ast.expr) -> None:
        match over, target:
            case ast.Call(func=ast.Name("zip"), args=args), ast.Tuple(elts=elts) if len(args) == len(elts):
                for inner, arg in zip(elts, args, strict=True):
                    self._loop_over(inner, arg)
            case ast.Call(func=ast.Name("enumerate"), args=[arg, *_]), ast.Tuple(elts=[number, inner]):
                self._set(number, None)
                self._loop_over(inner, arg)
            case _:
                place = self._of(over)
                self._set(target, place if place == GPU else None)

    def _of(self, node: ast.expr | None) -> Value:
        """The place of what an expression gives."""
        match node:
            case ast.Name(id=name):
                return self._names.get(name)
            case ast.Attribute(value=ast.Name("self"), attr=name):
                return self.attributes.get(name)
            case ast.Attribute(value=inner, attr="T" | "mT" | "data" | "values" | "indices"):
                return self._of(inner)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(left=left, right=right, op=op):
                return self._combined([left, right], reduces=isinstance(op, ast.MatMult))
            case ast.Compare(left=left, comparators=others, ops=ops):
                places = [self._of(side) for side in (left, *others)]
                other = any(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in ops)
                return None if other else self._meet(places)
            case ast.UnaryOp(op=op, operand=operand):
                place = self._of(operand)
                return None if isinstance(op, ast.Not) else place
            case ast.Subscript(value=inner, slice=index):
                return self._indexed(self._of(inner), index)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                places = [self._of(body), self._of(orelse)]
                return None if about_devices(test) else either(places)
            case ast.NamedExpr(target=target, value=value):
                self._bind(target, value)
                return self._of(target)
            case ast.List(elts=elts) | ast.Tuple(elts=elts):
                return either([self._of(inner) for inner in elts])
            case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
                before = dict(self._names)
                for generator in generators:
                    self._loop_over(generator.target, generator.iter)
                place = self._of(elt)
                self._names = before
                return place
            case ast.Starred(value=inner):
                return self._of(inner)
        return None

    def _indexed(self, place: Value, index: ast.expr) -> Value:
        by = index.elts if isinstance(index, ast.Tuple) else [index]
        places = [self._of(inner) for inner in by]
        if isinstance(place, ast.Call):
            if GPU in places:
                self.met.setdefault(place, INDICES)
            has_dimensions = any(isinstance(inner, ast.Slice) for inner in by) or any(isinstance(p, ast.Call) for p in places)
            return place if has_dimensions else None
        return place if place == GPU else None

    def _combined(self, sides: Sequence[ast.expr], reduces: bool = False) -> Value:
        """What comes of an operator: lists are put together, tensors meet."""
        places = [self._of(side) for side in sides]
        lists = any(isinstance(side, ast.List | ast.Tuple | ast.ListComp) for side in sides)
        return either(places) if lists else self._meet(places, reduces)

    def _meet(self, places: Sequence[Value], reduces: bool = False) -> Value:
        """What comes of tensors that must be in one place; it may have no dimensions if the function `reduces`."""
        calls = [place for place in places if isinstance(place, ast.Call)]
        if GPU in places:
            for call in calls:
                self.met.setdefault(call, SAME_DEVICE)
            return GPU
        return calls[0] if calls and not reduces else None

    def _call(self, node: ast.Call) -> Value:
        if any(keyword.arg in (None, "out") for keyword in node.keywords):
            return None
        name = self._dotted(node.func)
        if name:
            return self._library(name, node)
        match node.func:
            case ast.Attribute(value=ast.Name("self"), attr=attr) if method := self.helpers.get(f"self.{attr}"):
                return self._helper(method, node, skip=0 if _is_static(method) else 1)
            case ast.Name(id=helper) if helper in self.helpers:
                return self._helper(self.helpers[helper], node, skip=0)
            case ast.Attribute(value=ast.Name(id=rows), attr="append") if len(node.args) == 1:
                self._names[rows] = either([self._names.get(rows), self._of(node.args[0])])
                return None
        callee = self._of(node.func)
        if callee in (LOSS, MODULE):
            places = [self._of(arg) for arg in node.args]
            if callee == LOSS:
                return self._meet(places, reduces=True)
            return GPU if GPU in places else None
        if isinstance(node.func, ast.Attribute) and callee is None:
            return self._method(self._of(node.func.value), node.func.attr, node)
        for arg in node.args:
            self._of(arg)
        return None

    def _helper(self, function: Function, node: ast.Call, skip: int) -> Value:
        """A call of a function that stands in the cell, too."""
        names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]][skip:]
        places = [None if isinstance(arg, ast.Starred) else self._of(arg) for arg in node.args]
        given = dict(zip(names, places, strict=False))
        given.update({keyword.arg: self._of(keyword.value) for keyword in node.keywords if keyword.arg})
        return self.run(function, given)

    def _library(self, name: str, node: ast.Call) -> Value:
        """A call of a function or a class of PyTorch, or of another library, of which nothing is known."""
        last = name.rsplit(".", 1)[-1]
        places = self._arguments(node)
        if not name.startswith("torch."):
            return None
        if name == f"torch.{last}" and last in MAKES:
            return made(last, node)
        if name.startswith("torch.nn.") and last in LOSSES:
            return LOSS
        if name.startswith("torch.nn.") and last[:1].isupper():
            return MODULE
        if last in LEAVES:
            return None
        if last in MEETS:
            return self._meet(places, last in REDUCES)
        return kept(places[0] if places else None, last)

    def _arguments(self, node: ast.Call) -> list[Value]:
        """The places of all arguments; those in a list, one by one."""
        places: list[Value] = []
        for arg in [*node.args, *(keyword.value for keyword in node.keywords)]:
            inner = arg.elts if isinstance(arg, ast.List | ast.Tuple) else [arg]
            places.extend(self._of(one) for one in inner)
        return places

    def _method(self, place: Value, name: str, node: ast.Call) -> Value:
        if name == "cuda":
            return MODULE if place == MODULE else GPU
        if name == "to":
            return self._moved(place, node)
        if name in LEAVES or place in (LOSS, MODULE, None):
            self._arguments(node)
            return None
        places = self._arguments(node)
        if name in ("new_zeros", "new_ones", "new_full", "new_empty"):
            return place
        if name == "type_as":
            return places[0] if places and places[0] == GPU else None
        if isinstance(place, ast.Call) and any(may_be_no_sizes(arg) for arg in node.args):
            return None
        return self._meet([place, *places], name in REDUCES) if name in MEETS else kept(place, name)

    def _moved(self, place: Value, node: ast.Call) -> Value:
        """`.to(...)`: onto a device, or of another kind of number where it is."""
        if not node.args and {keyword.arg for keyword in node.keywords} == {"dtype"}:
            return place
        where = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "device"), None)
        match where:
            case ast.Attribute(attr="dtype"):
                return place
            case ast.Attribute(value=ast.Name("torch")):
                return place
            case ast.Attribute(attr="device") | ast.Name("device"):
                return MODULE if place == MODULE else GPU
            case ast.Constant(value=str(text)) if text.startswith("cuda"):
                return MODULE if place == MODULE else GPU
            case ast.Name() if self._of(where) == GPU:
                return GPU
        return MODULE if place == MODULE else None

    def _dotted(self, node: ast.expr) -> str:
        """`torch.nn.functional.relu` for `F.relu`; empty if the name is no library's, or has been bound here."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.modules or node.id in self._names:
            return ""
        return ".".join([self.modules[node.id], *reversed(parts)])


def _is_static(function: Function) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "staticmethod" for decorator in function.decorator_list)
