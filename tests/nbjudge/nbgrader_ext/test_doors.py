"""What a type checker is told of nbgrader's classes is true of the nbgrader that is installed."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
from nbjudge.nbgrader_ext import doors

DECLARED = {node.name: node for node in ast.walk(ast.parse(Path(doors.__file__).read_text())) if isinstance(node, ast.ClassDef)}
METHODS = [
    pytest.param(name, method, id=f"{name}.{method.name}")
    for name, declared in DECLARED.items()
    for method in declared.body
    if isinstance(method, ast.FunctionDef)
]
ATTRIBUTES = [
    pytest.param(name, line.target.id, id=f"{name}.{line.target.id}")
    for name, declared in DECLARED.items()
    for line in declared.body
    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
]


def test_each_class_is_nbgraders_own_and_declared() -> None:
    assert set(DECLARED) == set(doors.__all__)
    for name in DECLARED:
        assert getattr(doors, name).__module__.startswith("nbgrader.")


@pytest.mark.parametrize("name", DECLARED)
def test_bases_are_as_declared(name: str) -> None:
    declared = {ast.unparse(base).rpartition(".")[2] for base in DECLARED[name].bases}
    assert declared <= {kind.__name__ for kind in getattr(doors, name).__mro__[1:]}


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_methods_take_what_is_declared(name: str, method: ast.FunctionDef) -> None:
    own = list(inspect.signature(getattr(getattr(doors, name), method.name)).parameters.values())
    declared = [argument.arg for argument in method.args.args]
    assert [parameter.name for parameter in own[: len(declared)]] == declared
    needed = [parameter.name for parameter in own[len(declared) :] if _needed(parameter)]
    assert not needed, "nbgrader's wants more than is declared"


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_attributes_are_there(name: str, attribute: str) -> None:
    kind: Any = getattr(doors, name)
    assert hasattr(kind, attribute) or f"self.{attribute} = " in inspect.getsource(kind)


def _needed(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
