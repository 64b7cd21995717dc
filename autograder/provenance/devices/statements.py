"""Runs through an answer's functions, statement by statement, with places instead of tensors."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.provenance.devices.expressions import Expressions, Function
from autograder.provenance.devices.places import Value, about_devices, either

DEPTH = 4  # calls of helpers inside each other that are followed
MOST = 5000  # statements that are looked at, each as often as it would run; a loop once


@dataclass
class Statements(Expressions):
    """Runs through functions; what meets stands in `met` afterwards."""

    _returned: list[Value] = field(default_factory=list)
    _depth: int = 0
    _steps: int = 0

    def run(self, function: Function, given: Mapping[str, Value]) -> Value:
        """Runs through a function whose parameters have these places; gives that of what it returns."""
        if self._depth >= DEPTH:
            return None
        before = self._names, self._returned
        self._names, self._returned, self._depth = dict(given), [], self._depth + 1
        self._block(function.body)
        returned = either(self._returned)
        self._names, self._returned = before
        self._depth -= 1
        return returned

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self._steps += 1
            if self._steps <= MOST:
                self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, value)
            case ast.AugAssign(target=target, value=value):
                self._set(target, self._combined([target, value]))
            case ast.Return(value=ast.expr() as value):
                self._returned.append(self._of(value))
            case ast.Expr(value=value):
                self._of(value)
            case ast.If(test=test, body=body, orelse=orelse):
                self._of(test)
                self._branches([body, orelse], told=not about_devices(test))
            case ast.For(target=target, iter=over, body=body, orelse=orelse):
                self._loop_over(target, over)
                self._branches([[*body, *orelse], []])
            case ast.While(test=test, body=body):
                self._of(test)
                self._branches([body, []])
            case ast.With(items=items, body=body):
                told = not any(about_devices(item.context_expr) for item in items)
                self._branches([body], told)
            case ast.Try():
                self._branches([[*node.body, *node.orelse, *node.finalbody], []], told=False)

    def _branches(self, bodies: Sequence[Sequence[ast.stmt]], told: bool = True) -> None:
        """Runs each from the same start. What was made on the CPU in one is so after all, if the test tells nothing of it."""
        start, met, ends = self._names, dict(self.met), []
        for body in bodies:
            self._names = dict(start)
            self._block(body)
            ends.append(self._names)
        if told:
            self._names = {name: either([end.get(name) for end in ends]) for name in {n for end in ends for n in end}}
        else:
            self._names = {name: value for name, value in start.items() if all(end.get(name) == value for end in ends)}
            self.met = met
