"""Runs one hand-in. A dead kernel or a time-out costs the question it happened in, and no other."""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.utils import is_grade

from autograder.gather.data import make_ready
from autograder.gather.evidence_file import MAX_FILE
from autograder.gather.outputs import Bounded, clean_outputs
from autograder.gather.slicing import cells_to_run
from autograder.jail import BadEvidence, JailKernelManager, JailUnavailable, Limits, Settings, kernel_manager_class
from autograder.jail.client import JailKernelClient

COMPUTED = "stopped after {seconds:g} s of computing: is there a loop that does not end?"
WAITED = "stopped after {seconds:g} s of waiting: does it sleep, or wait for something that never comes?"
DIED = "the kernel died here (out of memory, or ended by the code itself)"
MAX_RESTARTS = 12
TIME_OUT_ERROR = {"ename": "TimeoutError", "evalue": "stopped", "traceback": []}
MAX_CELL_OUTPUT = 2 * 2**20
COLLECTOR = "__import__('autograder.collector.inkernel', fromlist=['collect'])"
GRADING = {"PS8_PROFILE": "grade", "CUDA_VISIBLE_DEVICES": ""}


@dataclass
class Gathered:
    """What came of running one notebook.

    Attributes:
        evidence: question -> the bytes that its probe wrote, unread.
        problems: question -> why there is no evidence.
        outputs: index of a code cell -> its outputs, cleaned and bounded.
        remarks: what the student and the instructor should know, such as a restarted kernel.
        seconds: wall time, by what it was spent on.
    """

    evidence: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    outputs: dict[int, list[NotebookNode]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def lost_something(self) -> bool:
        """Whether another run might give more: a kernel was lost or time ran out, perhaps on a busy machine."""
        return bool(self.problems or self.remarks)


def gather(
    notebook: NotebookNode,
    seeds: Mapping[str, int],
    limits: Limits | None = None,
    settings: Settings | None = None,
) -> Gathered:
    """Runs a notebook's answers, and the given cells that they need, in a jailed kernel; at each test the answer is probed.

    Nothing is decided here and nothing of the instructor's is needed: a pure function of its arguments, fit for any executor.

    Args:
        notebook: a repaired hand-in; not changed.
        seeds: question -> what the inputs of its probe follow from.
        limits: bounds on time, memory, processes and output.
        settings: what the jails of this grader have in common.

    Raises:
        JailUnavailable: if this machine cannot jail student code, and nobody agreed to run it unjailed.
    """
    settings = settings or Settings.from_mapping(None)
    make_ready(settings.data)
    return run_sync(_Run(notebook, seeds, limits or Limits(), settings).run)()


class _Client(NotebookClient):
    """nbclient's client with bounded outputs and a note of time-outs."""

    bounded: Bounded
    computed, waited = "", ""  # what to say of the cell, if it is stopped
    late = ""  # why it was, if it was
    lost = False  # whether it took its kernel with it

    def output(self, outs: list, msg: dict, display_id: str | None, cell_index: int) -> NotebookNode | None:
        return super().output(outs, msg, display_id, cell_index) if self.bounded.admits(msg) else None

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        """Interrupts the cell until it gives in; ends a kernel that does not."""
        assert isinstance(self.km, JailKernelManager) and isinstance(self.kc, JailKernelClient)
        self.late = self.waited if self.km.jail.over_cell() is None else self.computed
        self.lost = await self.km.stop_cell(self.kc) is None
        return {"content": {**TIME_OUT_ERROR, "status": "error"}}


class _Run:
    def __init__(self, notebook: NotebookNode, seeds: Mapping[str, int], limits: Limits, settings: Settings | None) -> None:
        self.notebook, self.seeds, self.limits = notebook, seeds, limits
        self.settings = settings
        self.to_run = cells_to_run(notebook)
        self.result = Gathered()
        self.done: list[int] = []  # code cells that ran to their end, to be run again after a restart
        self.restarts = 0
        self.deadline = time.monotonic() + limits.seconds_per_notebook
        self.cpu = 0.0  # seconds, of all kernels that have ended

    async def run(self) -> Gathered:
        """Walks through the cells, in as many kernels as it takes."""
        start, position = time.monotonic(), 0
        while position < len(self.notebook.cells) and self.restarts <= MAX_RESTARTS and not self._over():
            position = await self._in_one_kernel(position)
        for question in self._questions(position):
            why = f"the notebook was {self._over()}" if self._over() else f"its kernel was lost {self.restarts} times"
            self.result.problems.setdefault(question, f"not reached: {why}")
        self.result.seconds["all"] = time.monotonic() - start
        return self.result

    def _questions(self, start: int = 0) -> list[str]:
        cells = self.notebook.cells[start:]
        names = [c.metadata["nbgrader"]["grade_id"] for c in cells if c.cell_type == "code" and is_grade(c)]
        return [name for name in names if name in self.seeds]

    async def _in_one_kernel(self, position: int) -> int:
        """Runs cells from `position` on; returns where the next kernel has to take up."""
        left = replace(self.limits, cpu_seconds=max(1, math.ceil(self.limits.cpu_seconds - self.cpu)))
        manager, started = kernel_manager_class(limits=left, settings=self.settings, env=GRADING)(), time.monotonic()
        client = self._client(manager)
        try:
            await self._start(client, manager)
            self._spent("start", started)
            position = await self._walk(client, manager, position)
        except CellTimeoutError:
            if self._left() > 0:
                raise
        finally:
            if client.kc is not None:  # a socket that stays open would block whoever collects it as garbage, forever
                client.kc.stop_channels()
            await manager.shutdown_kernel(now=True)
            self.cpu += manager.jail.cpu
            manager.release()
        return position

    async def _walk(self, client: _Client, manager: JailKernelManager, position: int) -> int:
        """Brings a new kernel to where the last one was, and goes on until the end or until it is lost."""
        try:
            for again in self.done:
                await self._execute(client, self.notebook.cells[again].source, self.limits.seconds_per_cell)
            while position < len(self.notebook.cells):
                await self._cell(client, manager, position)
                position += 1
        except JailUnavailable:
            raise  # nobody can be graded here
        except Exception:  # dead, too slow, or what nbclient makes of messages that no honest kernel sends
            self._lost(position, client.late or manager.cause_of_death or DIED)
            position += 1
        return position

    def _left(self) -> float:
        """Seconds that the notebook has left."""
        return self.deadline - time.monotonic()

    def _over(self) -> str:
        """How the notebook's time came to its end, if it has."""
        if self.cpu >= self.limits.cpu_seconds:
            return COMPUTED.format(seconds=self.limits.cpu_seconds)
        return WAITED.format(seconds=self.limits.seconds_per_notebook) if self._left() <= 0 else ""

    def _spent(self, what: str, since: float) -> None:
        self.result.seconds[what] = self.result.seconds.get(what, 0.0) + time.monotonic() - since

    def _client(self, manager: JailKernelManager) -> _Client:
        client = _Client(
            nbformat.v4.new_notebook(),
            km=manager,
            allow_errors=True,
            iopub_timeout=3,  # for the end of the outputs, once the cell has ended: among too many it may have been dropped
            coalesce_streams=False,  # takes time by the square of a line's length; clean_outputs does it
        )
        client.bounded = Bounded(MAX_CELL_OUTPUT)
        return client

    async def _start(self, client: _Client, manager: JailKernelManager) -> None:
        await manager.start_kernel()
        await client.async_start_new_kernel_client()
        prepare = f"prepare(cuda={self._speaks_of_cuda()})"
        imports = self.limits.cpu_seconds  # where the kernel was not forked from a parent that has them all
        await self._execute(client, f"{COLLECTOR}.{prepare}", self.limits.seconds_per_cell, imports)

    def _speaks_of_cuda(self) -> bool:
        return any(re.search(r"cuda", c.source) for c in self.notebook.cells if c.cell_type == "code")

    async def _execute(self, client: _Client, source: str, seconds: float, cpu: float | None = None) -> NotebookNode:
        cell = nbformat.v4.new_code_cell(source)
        client.nb.cells = [cell]
        client.late, client.lost = self._over(), False
        client.bounded.reset()
        if client.late:
            raise CellTimeoutError("the notebook's time is over")
        cpu, left = cpu or self.limits.cpu_seconds_per_cell, self._left()
        client.computed = COMPUTED.format(seconds=cpu)
        client.waited = WAITED.format(seconds=seconds if seconds < left else self.limits.seconds_per_notebook)
        client.timeout = max(1, int(min(seconds, left)))
        assert isinstance(client.km, JailKernelManager)
        client.km.begin_cell(cpu)
        return await client.async_execute_cell(cell, 0)

    async def _cell(self, client: _Client, manager: JailKernelManager, position: int) -> None:
        cell = self.notebook.cells[position]
        if cell.cell_type != "code":
            return
        question = cell.metadata.get("nbgrader", {}).get("grade_id")
        if is_grade(cell) and question in self.seeds:
            await self._probe(client, manager, question)
            return
        if position not in self.to_run:
            return
        started = time.monotonic()
        ran = await self._execute(client, cell.source, self.limits.seconds_per_cell)
        self._spent("cells", started)
        self.result.outputs[position] = clean_outputs(ran.outputs)
        if client.lost:  # here, or the next cell would be blamed, and not run
            raise DeadKernelError(client.late)
        if client.late:
            self.result.remarks.append(f"cell {position + 1}: {client.late}")
        else:
            self.done.append(position)

    async def _probe(self, client: _Client, manager: JailKernelManager, question: str) -> None:
        started, exchange = time.monotonic(), manager.exchange
        name = f"{question}-{os.urandom(8).hex()}.safetensors"  # so that nothing written before can stand for it
        call = f"collect({question!r}, {self.seeds[question]}, {exchange.inside_evidence + '/' + name!r})"
        await self._execute(client, f"{COLLECTOR}.{call}", self.limits.seconds_per_cell)
        try:
            blob = exchange.take(name, MAX_FILE)
            exchange.drop(name)
        except BadEvidence as error:
            self.result.problems[question] = str(error)
        else:
            if blob is None:
                self.result.problems[question] = "nothing was recorded: the code ended or replaced what calls it"
            else:
                self.result.evidence[question] = blob
        if client.late:
            self.result.problems[question] = client.late
        self._spent("probes", started)
        if client.lost:
            raise DeadKernelError(client.late)

    def _lost(self, position: int, why: str) -> None:
        """Notes that a kernel was lost at a cell. The next one takes up behind it."""
        self.restarts += 1
        cell = self.notebook.cells[min(position, len(self.notebook.cells) - 1)]
        question = cell.metadata.get("nbgrader", {}).get("grade_id")
        if question in self.seeds:
            self.result.problems[question] = why
        self.result.remarks.append(f"cell {position + 1}: {why}")
