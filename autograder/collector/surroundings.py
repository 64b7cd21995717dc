"""What an answer is tried in: the state that the lesson's set-up leaves, whatever other cells have made of it.

What had to be put right is told, and costs nothing. What an answer does while it is called is its own.
"""

from __future__ import annotations

import ast
import builtins
import gc
import linecache
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

import ps8
import torch
import torch.nn.functional
from ps8.modes import fresh_modes, seeded
from ps8.probes.tools import stand_in
from torch.overrides import _get_current_function_mode_stack

from autograder.collector.patches import Snapshot

CELL = "ipykernel_"  # stands in the names that IPython compiles cells under
_TIMERS = {name: getattr(signal, f"ITIMER_{name}") for name in ("REAL", "VIRTUAL", "PROF") if hasattr(signal, f"ITIMER_{name}")}


class Surroundings:
    """A kernel's state as it is when this is made, before any cell of the submission has run."""

    def __init__(self) -> None:
        self.patches = Snapshot()
        self.modes = tuple(_get_current_function_mode_stack())  # our own, on a machine without the GPU that is asked for
        self.environment, self.folder = dict(os.environ), os.getcwd()
        self.recursion = sys.getrecursionlimit()
        cfg, device = ps8.settings(), ps8.get_device()
        self.seed = cfg.seed
        self.names: dict[str, Any] = {"cfg": cfg, "device": device, "feat_dim": cfg.feat_dim}
        self.given = {"ps8": ps8, "torch": torch, "nn": torch.nn, "F": torch.nn.functional, "Tensor": torch.Tensor}

    @contextmanager
    def as_set_up(self, namespace: dict[str, Any]) -> Iterator[list[str]]:
        """For a while, all of it as it was; then as the student's cells left it.

        Args:
            namespace: the notebook's globals.

        Yields:
            What was left over, each as code or in a few words.
        """
        left: list[str] = []
        with ExitStack() as undo:
            undo.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            left += self._process(undo)
            replaced = undo.enter_context(self.patches.restored())
            left += [f"{name} replaced" for name in replaced]
            left += undo.enter_context(fresh_modes(keep=self.modes))
            undo.enter_context(seeded(self.seed))
            right = self._right_names(namespace)
            left += [f"{name} = {_short(namespace[name])}" for name in right if name in namespace]
            undo.enter_context(stand_in(namespace, **right))
            for name in _hidden_builtins(namespace):
                left.append(f"{name} = {_short(namespace[name])}")
                undo.enter_context(stand_in(namespace, **{name: getattr(builtins, name)}))
            yield left

    def _process(self, undo: ExitStack) -> list[str]:
        """What belongs to the process: tracing, timers, the garbage collector, the environment, the folder."""
        left = []
        watched: Any = (("settrace", sys.gettrace, sys.settrace), ("setprofile", sys.getprofile, sys.setprofile))
        for name, get, put in watched:
            if (old := get()) is not None:
                left.append(f"sys.{name}()")
                put(None)
                undo.callback(put, old)
        for name, timer in _TIMERS.items():
            if signal.getitimer(timer)[0]:
                left.append(f"signal.setitimer(ITIMER_{name})")
                signal.setitimer(timer, 0)
        if not gc.isenabled():
            left.append("gc.disable()")
            gc.enable()
            undo.callback(gc.disable)
        if (limit := sys.getrecursionlimit()) < self.recursion:
            left.append(f"sys.setrecursionlimit({limit})")
            sys.setrecursionlimit(self.recursion)
            undo.callback(sys.setrecursionlimit, limit)
        now = dict(os.environ)
        if now != self.environment:
            keys = sorted(k for k in now.keys() | self.environment.keys() if now.get(k) != self.environment.get(k))
            left += [f"os.environ['{key}']" for key in keys[:3]]
            _set_environment(self.environment)
            undo.callback(_set_environment, now)
        if (folder := _folder()) != self.folder:
            left.append("os.chdir()")
            os.chdir(self.folder)
            if folder:
                undo.callback(os.chdir, folder)
        return left

    def gone(self, namespace: dict[str, Any]) -> bool:
        """Whether a name of the set-up is not there. In a submission that needs it, it was deleted."""
        return not (self.names.keys() | self.given.keys()) <= namespace.keys()

    def _right_names(self, namespace: dict[str, Any]) -> dict[str, Any]:
        """Names of the set-up that are gone or stand for something else. Another module under one is the student's choice."""
        right = {name: value for name, value in self.names.items() if not _equal(namespace.get(name, self), value)}
        for name, value in self.given.items():
            now = namespace.get(name)
            if now is not value and not isinstance(now, ModuleType) and not callable(now):
                right[name] = value
        return right


def _equal(now: Any, value: Any) -> bool:
    return type(now) is type(value) and bool(now == value)


def _short(value: Any) -> str:
    """A number or a text as it is, of all else the type."""
    plain = isinstance(value, str | int | float | bool | torch.device | torch.dtype) or value is None
    if type(value).__name__ == "Settings":
        return "other settings"
    return repr(value)[:40] if plain else f"an object of type {type(value).__name__}"


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


def _set_environment(wanted: dict[str, str]) -> None:
    for key in os.environ.keys() - wanted.keys():
        del os.environ[key]
    for key, value in wanted.items():
        if os.environ.get(key) != value:
            os.environ[key] = value


def _hidden_builtins(namespace: dict[str, Any]) -> list[str]:
    """Builtins that a cell's variable hides, such as `sum = 0`, but for those that a cell with definitions sets for itself."""
    hidden = [
        name
        for name in namespace.keys() & vars(builtins).keys()
        if not name.startswith("_") and callable(getattr(builtins, name)) and not callable(namespace[name])
    ]
    return [name for name in hidden if not _set_beside_a_definition(name, namespace)]


def _set_beside_a_definition(name: str, namespace: dict[str, Any]) -> bool:
    """Whether some cell that defines functions or classes sets this name: then they may well count on it."""
    files = {getattr(getattr(value, "__code__", None), "co_filename", "") for value in list(namespace.values())}
    for value in list(namespace.values()):
        if isinstance(value, type):
            files |= {getattr(getattr(method, "__code__", None), "co_filename", "") for method in vars(value).values()}
    return any(name in _assigned("".join(linecache.getlines(file))) for file in files if CELL in file)


def _assigned(source: str) -> set[str]:
    """The names that a cell's own lines set."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    targets = [t for s in tree.body if isinstance(s, ast.Assign | ast.AnnAssign | ast.AugAssign) for t in _targets(s)]
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _targets(statement: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def running_threads() -> int:
    """How many threads besides this one run code of a cell."""
    here, found = threading.get_ident(), 0
    for thread, frame in list(sys._current_frames().items()):
        inner: Any = frame if thread != here else None
        while inner is not None and CELL not in inner.f_code.co_filename:
            inner = inner.f_back
        found += inner is not None
    return found
