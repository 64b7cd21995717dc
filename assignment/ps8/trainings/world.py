"""What a training loop can change: all that its variables lead to.

Things that have an identity (modules, tensors, lists, objects) are *anchored*: they are found in the same order in every
session that runs the same code, so that what was written of one can be put back into its counterpart, and whoever else refers
to that sees the change. All else is written by value.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

import torch
from torch import Tensor

from ps8.data import STL10
from ps8.runtime import get_device

from . import own
from .mutable_state import VALUES, content, has_identity, is_plain, members

LOOKED_AT: Final = 16  # images of a data set that stand for all of them
LONG: Final = 100  # characters of a value from which on it is cut, with a checksum
INNER = ("_parameters", "_buffers", "_modules")  # of a module: not said where a thing stands


class Unkeepable(Exception):
    """Something that cannot be written to a file so that a later session finds it as it was."""


class ReachableObjects:
    """All that is reached from some variables.

    Args:
        roots: the variables of the function, by name.
        code: of the function.
        space: the global variables that it sees.
        aside: objects that are no part of the training, such as its progress bar.

    Raises:
        Unkeepable: if something in it cannot be found again in another session.
    """

    def __init__(
        self, roots: Mapping[str, Any], code: types.CodeType, space: dict[str, Any], aside: tuple[object, ...] = ()
    ) -> None:
        self.anchors: list[Any] = []
        self.paths: list[str] = []
        self.index: dict[int, int] = {}  # id of an anchored thing -> its place
        self.code: dict[str, str] = {}  # function or method of the student's -> digest of its code
        self.variables: dict[tuple[str, str], dict[str, Any]] = {}  # (module, name) used by that code -> where it lives
        self._given: dict[int, str] = {}  # id of a data set or its tensors -> what it is: not kept
        self.aside = aside
        self._sets: list[tuple[Any, str]] = []
        self._queue = [(value, name) for name, value in roots.items()]
        self._add_code(code, space, code.co_name)
        while self._queue:
            self._visit(*self._queue.pop(0))
        for thing, path in self._sets:
            if any(has_identity(member) and id(member) not in self.index for member in thing):
                raise Unkeepable(f"{path} is a set of things whose order is another one in each session")

    def device(self) -> torch.device:
        """Where the training takes place."""
        found = [thing.device for thing in self.anchors if isinstance(thing, torch.nn.Parameter)]
        return found[0] if found else get_device()

    def contents(self) -> list[Any]:
        """What is kept of each anchored thing, in order."""
        return [None if id(thing) in self._given else content(thing) for thing in self.anchors]

    def globals(self) -> dict[tuple[str, str], Any]:
        """The values of the global variables that the code uses, but for modules, functions and classes."""
        values = {key: space[key[1]] for key, space in self.variables.items() if key[1] in space}
        return {
            key: value
            for key, value in values.items()
            if not isinstance(value, (types.ModuleType, type)) and not callable(value)
        }

    def leaves(self, roots: Mapping[str, Any]) -> dict[str, str]:
        """The plain values, and the forms of tensors, by where they stand."""
        found = {name: _written(value) for name, value in roots.items() if is_plain(value)}
        found |= {name: _written(value) for (_, name), value in self.globals().items() if is_plain(value)}
        for thing, path in zip(self.anchors, self.paths, strict=True):
            if isinstance(thing, Tensor):
                found[path] = f"{thing.dtype} {tuple(thing.shape)}".removeprefix("torch.")
            elif id(thing) in self._given:
                found[path] = self._given[id(thing)]
            else:
                found |= {_named(path, name): _written(value) for name, value in members(thing) if is_plain(value)}
        return found

    def kinds(self) -> list[str]:
        """What is anchored, in order: alike in two sessions in which the same can be put back."""
        return [f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in self.anchors]

    def _add_code(self, code: types.CodeType, space: dict[str, Any], name: str) -> None:
        """Notes a piece of code, and follows the global variables that it uses."""
        if name in self.code:
            return
        self.code[name] = own.code_digest(code)
        for variable in own.global_names(code):
            if variable in space and not variable.startswith("__"):
                self.variables[str(space.get("__name__")), variable] = space
                self._queue.append((space[variable], variable))

    def _visit(self, thing: Any, path: str) -> None:
        if isinstance(thing, VALUES) or id(thing) in self.index or any(thing is other for other in self.aside):
            return
        if isinstance(thing, (tuple, frozenset)):
            if isinstance(thing, frozenset):
                self._sets.append((thing, path))
            self._queue += [(member, f"{path}[{i}]") for i, member in enumerate(thing)]
        elif isinstance(thing, types.MethodType):
            self._queue.append((thing.__self__, path))
        elif has_identity(thing):
            self._anchor(thing, path)
            self._follow(thing, path)

    def _anchor(self, thing: Any, path: str) -> None:
        self.index[id(thing)] = len(self.anchors)
        self.anchors.append(thing)
        self.paths.append(path)

    def _follow(self, thing: Any, path: str) -> None:
        if isinstance(thing, STL10):
            self._given[id(thing)] = f"{len(thing)} images, {_checksum(thing)}"
            for name in ("images", "labels"):
                tensor = getattr(thing, name)
                self._anchor(tensor, f"{path}.{name}")
                self._given[id(tensor)] = name
            return
        if isinstance(thing, types.FunctionType):
            self._add_code(thing.__code__, thing.__globals__, thing.__qualname__)
        elif isinstance(thing, type):
            space = vars(sys.modules[thing.__module__]) if thing.__module__ in sys.modules else {}
            for code in own.code_of(thing):
                self._add_code(code, space, f"{thing.__qualname__}.{code.co_name}")
            self._queue += [(base, base.__qualname__) for base in thing.__bases__]
        else:
            self._queue.append((type(thing), type(thing).__qualname__))
        if isinstance(thing, set):
            self._sets.append((thing, path))
        else:
            self._queue += [(member, _named(path, name)) for name, member in members(thing)]


def _named(path: str, name: str) -> str:
    return path if not name or name in INNER else f"{path}.{name}"


def _written(value: Any) -> str:
    text = repr(sorted(map(repr, value)) if isinstance(value, (set, frozenset)) else value)
    return text if len(text) <= LONG else f"{text[:LONG]}... {crc32(text.encode()):08x}"


def _checksum(data: STL10) -> str:
    """Of a few images: another selection or another set has another one."""
    step = max(1, len(data) // LOOKED_AT)
    return f"{crc32(data.images[::step][:LOOKED_AT].contiguous().numpy().tobytes()):08x}"
