"""Kernels that do what a test says, so that the walk through a notebook can be seen step by step, in no time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbjudge.gather import notebook_run
from nbjudge.gather.gathered import Gathered
from nbjudge.jail import BadEvidenceFile, JailSettings, Limits

OK = {"status": "ok"}


def failed(ename: str = "ValueError", evalue: str = "no") -> dict[str, Any]:
    return {"status": "error", "ename": ename, "evalue": evalue}


@dataclass
class Does:
    """What a kernel does with some code: what it replies and prints, what it computes, and how it ends."""

    reply: dict[str, Any] = field(default_factory=lambda: dict(OK))
    outputs: list[NotebookNode] = field(default_factory=list)
    raises: Exception | None = None
    late: str = ""  # `computed` or `waited`: stopped for that
    lost: bool = False
    heard_all: bool = True
    cut: bool = False
    takes: float = 0.0  # seconds by the clock
    computes: float = 0.0
    evidence: bytes | BadEvidenceFile | None = None


@dataclass
class Call:
    """One piece of code that a kernel was given."""

    kernel: int
    source: str
    seconds: float
    cpu: float
    history: bool


class Machine:
    """A clock, and the kernels that were started.

    Args:
        script: what a kernel does: given the code, and how often it was given before.
    """

    def __init__(self, script: Callable[[str, int], Does | None]) -> None:
        self.script, self.now = script, 100.0
        self.calls: list[Call] = []
        self.files: dict[str, bytes] = {}
        self.managers: list[Manager] = []
        self.cause_of_death = ""

    def sources(self, kernel: int | None = None) -> list[str]:
        """The code that was run, without the collector's own."""
        return [call.source for call in self.calls if kernel in (None, call.kernel) and "__import__" not in call.source]

    def managers_of(
        self, *, limits: Limits, settings: JailSettings, files: dict[str, bytes], env: dict[str, str]
    ) -> Callable[[], Manager]:
        self.files = files

        def made() -> Manager:
            self.managers.append(Manager(self, len(self.managers), limits, settings, env))
            return self.managers[-1]

        return made


class Exchange:
    """The folder that is shared with a kernel."""

    inside_evidence = "/inside"

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.evidence: bytes | BadEvidenceFile | None = None
        self.log: list[tuple[str, str]] = []

    def lend(self, name: str, data: bytes) -> None:
        self.files[name] = data
        self.log.append(("lend", name))

    def drop(self, name: str) -> None:
        self.files.pop(name, None)
        self.log.append(("drop", name))

    def take(self, name: str, longest: int) -> bytes | None:
        self.log.append(("take", name))
        self.longest = longest
        if isinstance(self.evidence, BadEvidenceFile):
            raise self.evidence
        return self.evidence


class Manager:
    """A kernel's manager."""

    def __init__(self, machine: Machine, number: int, limits: Limits, settings: JailSettings, env: dict[str, str]) -> None:
        self.machine, self.number, self.limits, self.settings, self.env = machine, number, limits, settings, env
        self.jail, self.exchange = SimpleNamespace(cpu=0.0), Exchange()
        self.log: list[str] = []
        self.cause_of_death = machine.cause_of_death

    async def start_kernel(self) -> None:
        self.log.append("start")

    async def shutdown_kernel(self, *, now: bool) -> None:
        self.log.append(f"shutdown now={now}")

    def release(self) -> None:
        self.log.append("release")


class Client:
    """A kernel's client, with the attributes that the walk reads."""

    def __init__(self, manager: Manager) -> None:
        self.manager, self.machine = manager, manager.machine
        self.computed = self.waited = self.late = ""
        self.lost, self.heard_all, self.reply = False, True, dict[str, Any]()
        self.bounded = SimpleNamespace(cut=False)
        self.kc: Any = None

    @classmethod
    def of(cls, manager: Manager) -> Client:
        return cls(manager)

    async def async_start_new_kernel_client(self) -> None:
        self.kc = SimpleNamespace(stop_channels=lambda: self.manager.log.append("stop channels"))

    async def run_cell(self, source: str, seconds: float, cpu: float, store_history: bool = True) -> NotebookNode:
        before = sum(call.source == source for call in self.machine.calls)
        self.machine.calls.append(Call(self.manager.number, source, seconds, cpu, store_history))
        does = self.machine.script(source, before) or Does()
        self.machine.now += does.takes
        self.manager.jail.cpu += does.computes
        self.late = getattr(self, does.late) if does.late else ""
        self.lost, self.heard_all, self.reply = does.lost, does.heard_all, does.reply
        self.bounded.cut = does.cut
        if "collect(" in source:
            self.manager.exchange.evidence = does.evidence
            self.manager.exchange.lent = dict(self.manager.exchange.files)
        if does.raises:
            raise does.raises
        return nbformat.v4.new_code_cell(source, outputs=does.outputs)


def cell(kind: str, source: str, name: str = "") -> NotebookNode:
    """A cell of a kind: text, own (a student's), given (locked), answer (a solution) or test."""
    if kind == "text":
        return nbformat.v4.new_markdown_cell(source, id=name or "text")
    made = nbformat.v4.new_code_cell(source, id=name or re.sub(r"\W+", "-", source) or "empty")
    if kind != "own":
        facts = {"locked": kind in ("given", "test"), "solution": kind == "answer", "grade": kind == "test"}
        made.metadata["nbgrader"] = {"grade_id": name or source, **facts}
    return made


def printed(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", text=text)


def result(text: str) -> NotebookNode:
    return nbformat.v4.new_output("execute_result", data={"text/plain": text})


@dataclass
class Walk:
    """What came of a notebook, and what was done for it."""

    gathered: Gathered
    machine: Machine


class Walker:
    """Gathers notebooks in scripted kernels.

    Args:
        patch: what puts them in the place of real ones.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def __call__(
        self,
        cells: list[NotebookNode],
        script: Callable[[str, int], Does | None] = lambda source, before: None,
        seeds: dict[str, int | None] | None = None,
        limits: Limits | None = None,
        settings: JailSettings | None = None,
        cause_of_death: str = "",
    ) -> Walk:
        machine = Machine(script)
        machine.cause_of_death = cause_of_death
        self.patch.setattr(notebook_run, "kernel_manager_class", machine.managers_of)
        self.patch.setattr(notebook_run, "CellClient", Client)
        self.patch.setattr(notebook_run.time, "monotonic", lambda: machine.now)
        try:
            gathered = notebook_run.gather(NotebookNode(cells=cells), seeds or {}, limits, settings)
        finally:
            self.machine = machine
            self.patch.undo()
        return Walk(gathered, machine)
