"""Tensors that an answer makes on the CPU and uses with others that are on the GPU: right where it is graded, not on a GPU."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.provenance.devices.expressions import Function
from autograder.provenance.devices.operations import LOSSES
from autograder.provenance.devices.places import GPU, LOSS, MODULE, Value
from autograder.provenance.devices.statements import Statements
from autograder.provenance.scan import GIVEN, imported, parsed

# Whoever names the CPU, or a default, has thought of devices: what runs where is not to be read off the text then.
THOUGHT_OF = re.compile(r"""["']cpu["':]|set_default_(device|tensor_type)""")
ON_GPU = "on a GPU it would stop with"  # in every sentence of this
NUMBERS = ("int", "float", "bool", "str")


@dataclass(frozen=True)
class OnCpu:
    """A tensor that is made on the CPU and met by one on the GPU.

    Attributes:
        line: where it is made, in its cell.
        made_with: the function that makes it, such as `torch.zeros`.
        stops_with: the beginning of PyTorch's message on a GPU.
        device: what to write after `device=`; empty in a helper, whose names are its own.
    """

    line: int
    made_with: str
    stops_with: str
    device: str


def sentence(title: str, cell: int, found: Sequence[OnCpu]) -> str:
    """What is said of an answer, to the student and to the grader.

    Args:
        title: of the question.
        cell: its number, as people count.
        found: in this cell, at least one.
    """
    lines = sorted({one.line for one in found})
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
    made = ", ".join(f"`{name}`" for name in dict.fromkeys(one.made_with for one in found))
    device = f"`device={found[0].device}`" if found[0].device else "`device=` and the device of the tensors that it meets"
    return (
        f'{title}: {ON_GPU} "{found[0].stops_with}", for {made} in {where} of cell {cell} makes a tensor '
        f"on the CPU; write {device} in the call. It cost nothing."
    )


@functools.lru_cache(maxsize=64)
def made_on_cpu(source: str, answer: str) -> tuple[OnCpu, ...]:
    """The tensors without a `device=` that would stop an answer on a GPU, as far as the text tells it for certain.

    Args:
        source: a cell.
        answer: the name of the function that is the answer; of a cell's classes, all that have a `forward` are looked at.
    """
    tree = parsed(source)
    if tree is None or THOUGHT_OF.search(source):
        return ()
    found: dict[tuple[int, int], OnCpu] = {}
    modules = {**GIVEN, **imported(tree)}
    functions = {node.name: node for node in tree.body if isinstance(node, Function)}
    for owner, function in _entered(tree, answer):
        placing = Statements(
            modules, functions | {f"self.{name}": method for name, method in _methods(owner).items()}, _attributes(owner)
        )
        given = _parameters(function, GPU if owner else MODULE)
        with contextlib.suppress(RecursionError):  # nested too deep to be followed: nothing is told of it
            placing.run(function, given)
        first = next((f"{name}.device" for name, place in given.items() if place == GPU), "device")
        here = set(ast.walk(function))
        for call, words in placing.met.items():
            device = first if call in here else ""
            found[call.lineno, call.col_offset] = OnCpu(call.lineno, ast.unparse(call.func), words, device)
    return tuple(found[place] for place in sorted(found))


def _entered(tree: ast.Module, answer: str) -> Iterator[tuple[ast.ClassDef | None, Function]]:
    """The functions that others call with tensors: each with its class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and "forward" in _methods(node):
            yield node, _methods(node)["forward"]
        elif isinstance(node, Function) and node.name == answer:
            yield None, node


def _methods(owner: ast.ClassDef | None) -> dict[str, Function]:
    return {node.name: node for node in owner.body if isinstance(node, Function)} if owner else {}


def _parameters(function: Function, place: Value) -> dict[str, Value]:
    """The parameters but `self`, and where they are; those that are numbers are nowhere."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    names: dict[str, Value] = {arg.arg: None if _is_number(arg.annotation) else place for arg in arguments if arg.arg != "self"}
    for arg, default in zip(reversed(arguments), reversed(function.args.defaults), strict=False):
        if isinstance(default, ast.Constant) and default.value is not None:
            names[arg.arg] = None
    return names


def _is_number(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id in NUMBERS


def _attributes(owner: ast.ClassDef | None) -> dict[str, Value]:
    """What is under `self.` that moves with the module: buffers, parameters, losses, other modules."""
    known: dict[str, Value] = {}
    for node in ast.walk(owner) if owner else ():
        match node:
            case ast.Call(
                func=ast.Attribute(attr="register_buffer" | "register_parameter"), args=[ast.Constant(value=str(name)), *_]
            ):
                known[name] = GPU
            case ast.Assign(targets=[ast.Attribute(ast.Name("self"), name)], value=ast.Call(func=made)):
                known[name] = _kind(ast.unparse(made).rsplit(".", 1)[-1])
    return {name: place for name, place in known.items() if place}


def _kind(made: str) -> Value:
    """What a class of this name makes."""
    if made == "Parameter":
        return GPU
    if made in LOSSES:
        return LOSS
    return MODULE if made[:1].isupper() else None
