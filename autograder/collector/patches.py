"""What a student's cells have replaced in PyTorch, NumPy, the kit or the collector, put back for as long as an answer is tried.

An answer is judged by itself: with the functions it would meet in a fresh session, and not with those that another cell put in
their place. A student can lie here, in the own kernel, so what is found is told and decides nothing.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import Any

import torch

_OURS = ("ps8", "autograder.collector", "safetensors")  # with all that is below them
_LAYERS = ("module", "linear", "conv", "activation", "loss", "container", "flatten", "batchnorm", "dropout", "pooling")
_MODULES = {
    "torch", "torch._C", "torch._C._nn", "torch._tensor", "torch.functional", "torch.random", "torch.overrides", "torch.nn",
    "torch.nn.functional", "torch.nn.init", "torch.nn.parameter", *(f"torch.nn.modules.{name}" for name in _LAYERS),
    "torch.optim", "torch.optim.optimizer", "torch.optim.adam", "torch.optim.adamw", "torch.optim.sgd", "torch.autograd",
    "torch.autograd.grad_mode", "numpy", "numpy.random", "numpy.linalg", "builtins", "math", "random", "copy", "functools",
    "itertools", "operator", "contextlib", "json", "os", "hashlib",
}  # fmt: skip
# Whose classes are watched.
_LIBRARIES = ("torch.nn", "torch.optim", "torch._tensor", "torch.overrides", "numpy.random", *_OURS)
_TORCH = os.path.dirname(torch.__file__)
_BY_ITSELF = {"builtins.input", "torch.Storage"}  # replaced by IPython at each cell, and by torch with the default dtype
_MISSING = object()
Undo = list[tuple[Callable[..., Any], tuple[Any, ...]]]  # calls, to be made from the last to the first


@dataclass(frozen=True)
class _Space:
    """A module or a class, and what it held."""

    name: str
    owner: Any
    keys: tuple[str, ...]
    values: tuple[Any, ...]

    def changed(self) -> list[tuple[str, Any, Any]]:
        """(name, what it held, what it holds now or `_MISSING`) for all that differs."""
        now = vars(self.owner)
        if all(map(is_, map(now.get, self.keys), self.values)):
            return []
        pairs = zip(self.keys, self.values, strict=True)
        return [(key, old, now.get(key, _MISSING)) for key, old in pairs if now.get(key) is not old]

    def put(self, key: str, value: Any) -> None:
        if isinstance(self.owner, ModuleType):
            vars(self.owner).pop(key, None) if value is _MISSING else vars(self.owner).update({key: value})
        elif value is _MISSING:
            type.__delattr__(self.owner, key)
        else:
            type.__setattr__(self.owner, key, value)


class Snapshot:
    """What the modules that answers and probes use hold now."""

    def __init__(self) -> None:
        self.modules = {name: module for name, module in list(sys.modules.items()) if _watched(name, module)}
        self.spaces = [_space(name, module, _tells) for name, module in self.modules.items()]
        classes = {v: None for space in self.spaces for v in space.values if isinstance(v, type) and _of_a_library(v)}
        self.classes = [_space(f"{c.__module__}.{c.__qualname__}", c, _acts) for c in classes]
        self.names = [frozenset(vars(space.owner)) for space in (*self.spaces, *self.classes)]
        functions = {v: None for space in (*self.spaces, *self.classes) for v in space.values if isinstance(v, FunctionType)}
        self.functions = [f for f in functions if (f.__module__ or "").startswith(_LIBRARIES)]
        self.insides = list(map(_inside, self.functions))
        tables = [v for s in self.spaces if s.name.startswith(_OURS) for k, v in vars(s.owner).items() if k.isupper()]
        self.tables = [(table, dict(table)) for table in tables if type(table) is dict]

    @contextmanager
    def restored(self) -> Iterator[list[str]]:
        """For a while, all of it as it was; then as the student left it.

        Yields:
            The names of what was replaced, such as `torch.nn.functional.relu`.
        """
        undo: Undo = []
        found = self._modules(undo) + self._attributes(undo) + self._added(undo) + self._code(undo) + self._tables(undo)
        try:
            yield found
        finally:
            for call, args in reversed(undo):
                call(*args)

    def _modules(self, undo: Undo) -> list[str]:
        """Modules that stand under another's name."""
        if all(map(is_, map(sys.modules.get, self.modules), self.modules.values())):
            return []
        found = [name for name, module in self.modules.items() if sys.modules.get(name) is not module]
        for name in found:
            now = sys.modules.get(name, _MISSING)
            undo.append((sys.modules.pop, (name, None)) if now is _MISSING else (sys.modules.__setitem__, (name, now)))
            sys.modules[name] = self.modules[name]
        return [f"sys.modules['{name}']" for name in found]

    def _attributes(self, undo: Undo) -> list[str]:
        found = []
        for space in (*self.spaces, *self.classes):
            for key, old, now in space.changed():
                if _hooked(old, now) or f"{space.name}.{key}" in _BY_ITSELF:
                    continue
                undo.append((space.put, (key, now)))
                space.put(key, old)
                found.append(f"{space.name}.{key}")
        return found

    def _added(self, undo: Undo) -> list[str]:
        """Methods that a class inherited and has of its own now, and names in a module that hide a builtin."""
        found = []
        for space, names in zip((*self.spaces, *self.classes), self.names, strict=True):
            now = vars(space.owner)
            if len(now) <= len(names):
                continue
            for key in [key for key in now if key not in names and _hides(space.owner, key, now[key])]:
                undo.append((space.put, (key, now[key])))
                space.put(key, _MISSING)
                found.append(f"{space.name}.{key}")
        return found

    def _code(self, undo: Undo) -> list[str]:
        """Functions that are still there, with other code in them."""
        now = list(map(_inside, self.functions))
        if now == self.insides:
            return []
        found = []
        for function, old, new in zip(self.functions, self.insides, now, strict=True):
            if any(a is not b for a, b in zip(old, new, strict=True)):
                undo.append((_set_inside, (function, new)))
                _set_inside(function, old)
                found.append(f"{function.__module__}.{function.__qualname__}")
        return found

    def _tables(self, undo: Undo) -> list[str]:
        """The kit's own tables, such as that of the probes."""
        found = []
        for table, old in self.tables:
            if table.keys() != old.keys() or not all(map(is_, table.values(), old.values())):
                undo.append((_refill, (table, dict(table))))
                _refill(table, old)
                found.append("a table of the kit's")
        return found


def _watched(name: str, module: Any) -> bool:
    ours = name in _OURS or name.startswith(tuple(f"{package}." for package in _OURS))
    return isinstance(module, ModuleType) and (name in _MODULES or ours)


def _space(name: str, owner: Any, wanted: Callable[[Any], bool]) -> _Space:
    held = {key: value for key, value in vars(owner).items() if wanted(value)}
    return _Space(name, owner, tuple(held), tuple(held.values()))


def _tells(value: Any) -> bool:
    """Whether a module's value is something that acts: plain data may change by itself."""
    return callable(value) or isinstance(value, ModuleType)


def _acts(value: Any) -> bool:
    """Whether a class's attribute is a method, plain or wrapped."""
    return isinstance(value, FunctionType | staticmethod | classmethod | property)


def _of_a_library(kind: type) -> bool:
    ours = kind is torch.Tensor or (kind.__module__ or "").startswith(_LIBRARIES)
    return ours and bool(kind.__flags__ & 1 << 9)  # made by Python: it can be changed


def _hides(owner: Any, key: str, value: Any) -> bool:
    """Whether a new name in a module or a class stands before what was found by that name until now."""
    if isinstance(owner, type):
        inherited = next((vars(base)[key] for base in owner.__mro__[1:] if key in vars(base)), _MISSING)
        return inherited is not _MISSING and _acts(value) and not _hooked(inherited, value)
    return owner is not builtins and hasattr(builtins, key) and not key.startswith("__")


def _hooked(old: Any, now: Any) -> bool:
    """Whether PyTorch itself wrapped it, as it does with an optimizer's `step` and, later, with some functions."""
    code = getattr(now, "__code__", None)
    inner = getattr(now, "__wrapped__", getattr(now, "_torchdynamo_orig_callable", _MISSING))
    wraps = inner is old or inner is getattr(old, "__wrapped__", None)
    return wraps and code is not None and code.co_filename.startswith(_TORCH)


_inside = attrgetter("__code__", "__defaults__", "__kwdefaults__")


def _set_inside(function: FunctionType, parts: tuple[Any, Any, Any]) -> None:
    function.__code__, function.__defaults__, function.__kwdefaults__ = parts


def _refill(table: dict[Any, Any], content: dict[Any, Any]) -> None:
    table.clear()
    table.update(content)
