"""The plan of an assignment's notebook, made of the instructor's by nbgrader's own steps."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums, LockCells
from nbrepair.plan import Plan, defined_in, plan_from
from traitlets.config import Config

from nbjudge.ground import notebooks

_PLANS: dict[tuple[Path, int, int, tuple[str, ...]], Plan] = {}


def make_plan(source: NotebookNode, config: Config | None = None) -> Plan:
    """Takes the solutions out of the instructor's notebook. A release, which has none, is taken as it is.

    Args:
        source: the instructor's notebook. Not changed.
        config: nbgrader's, for its stubs and markers, and `Repair.reserved`.
    """
    config = config or Config()
    clear = ClearSolutions(config=config)
    solved = any(clear.begin_solution_delimeter in cell.source for cell in source.cells)
    steps = [LockCells, *([ClearSolutions] if solved else []), ComputeChecksums]
    given = _through(source, steps, config)
    released = _through(given, [ClearHiddenTests], config)
    return plan_from(given, released, defined_in(source), _reserved(config))


def plan_of(path: Path, config: Config | None = None) -> Plan:
    """The plan of a source's file, made once a process for each version of it and each configuration of what makes it."""
    info = path.stat()
    steps = (LockCells, ClearSolutions, ComputeChecksums, ClearHiddenTests)
    told = tuple(repr(config.get(name)) if config else "" for name in (*(step.__name__ for step in steps), "Repair"))
    key = (path, info.st_mtime_ns, info.st_size, told)
    if key not in _PLANS:
        _PLANS[key] = make_plan(notebooks.read(path), config)
    return _PLANS[key]


def _reserved(config: Config) -> tuple[str, ...]:
    return tuple(config.get("Repair", {}).get("reserved", ()))


def _through(notebook: NotebookNode, steps: Iterable[Any], config: Config) -> NotebookNode:
    notebook, resources = copy.deepcopy(notebook), dict[str, Any]()
    for step in steps:
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook
