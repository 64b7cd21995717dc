"""Runs one hand-in. A dead kernel or a time-out costs the question it happened in, and no other."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.utils import is_grade
from ps8.probes.evidence import BadEvidence

from autograder.gather.evidence_file import read_bounded
from autograder.gather.outputs import Bounded, clean_outputs
from autograder.gather.kernel import Kernel, Limits, start_kernel

TIMED_OUT = "stopped after {seconds:g} seconds: is there a loop that does not end?"
DIED = "the kernel died here (out of memory, or ended by the code itself)"
MAX_RESTARTS = 6


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


def gather(
    notebook: NotebookNode,
    seeds: Mapping[str, int],
    limits: Limits | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Gathered:
    """Runs a notebook top to bottom in a jailed kernel; at each autograded test cell the answer is probed instead.

    Nothing is decided here and nothing of the instructor's is needed: a pure function of its arguments, fit for any executor.

    Args:
        notebook: a repaired hand-in; not changed.
        seeds: question -> what the inputs of its probe follow from.
        limits: bounds on time, memory, processes and output.
        files: what else was handed in, to stand beside the notebook.
    """
    return run_sync(_Run(notebook, seeds, limits or Limits(), dict(files or {})).run)()


class _Client(NotebookClient):
    """nbclient's client with bounded outputs and a note of time-outs."""

    bounded: Bounded
    timed_out = False

    def output(self, outs: list, msg: dict, display_id: str, cell_index: int) -> NotebookNode | None:
        return super().output(outs, msg, display_id, cell_index) if self.bounded.admits(msg) else None

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        self.timed_out = True
        return await super()._async_handle_timeout(timeout, cell)


class _Run:
    def __init__(
        self, notebook: NotebookNode, seeds: Mapping[str, int], limits: Limits, files: dict[str, bytes]
    ) -> None:
        self.notebook, self.seeds, self.limits, self.files = notebook, seeds, limits, files
        self.result = Gathered()
        self.done: list[int] = []  # code cells that ran to their end, to be run again after a restart
        self.restarts = 0
        self.deadline = time.monotonic() + limits.seconds_per_notebook

    async def run(self) -> Gathered:
        """Walks through the cells, in as many kernels as it takes."""
        start, position = time.monotonic(), 0
        while position < len(self.notebook.cells) and self.restarts <= MAX_RESTARTS:
            position = await self._in_one_kernel(position)
        for question in self._questions(position):
            self.result.problems.setdefault(question, "not reached: " + TIMED_OUT.format(seconds=self.limits.seconds_per_notebook))
        self.result.seconds["all"] = time.monotonic() - start
        return self.result

    def _questions(self, start: int = 0) -> list[str]:
        cells = self.notebook.cells[start:]
        names = [c.metadata["nbgrader"]["grade_id"] for c in cells if c.cell_type == "code" and is_grade(c)]
        return [name for name in names if name in self.seeds]

    async def _in_one_kernel(self, position: int) -> int:
        """Runs cells from `position` on; returns where the next kernel has to take up."""
        with tempfile.TemporaryDirectory(prefix="ps8-exchange-") as exchange:
            started = time.monotonic()
            async with start_kernel(Path(exchange), self.limits, self.files) as kernel:
                client = await self._client(kernel)
                self.result.seconds["start"] = self.result.seconds.get("start", 0.0) + time.monotonic() - started
                try:
                    for again in self.done:
                        await self._execute(client, self.notebook.cells[again].source, self.limits.seconds_per_cell)
                    while position < len(self.notebook.cells):
                        await self._cell(client, kernel, position)
                        position += 1
                except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
                    self._lost(position, error)
                    position += 1
                finally:
                    client.kc.stop_channels()
        return position

    async def _client(self, kernel: Kernel) -> _Client:
        client = _Client(
            nbformat.v4.new_notebook(),
            km=kernel.manager,
            allow_errors=True,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": "TimeoutError", "evalue": "stopped", "traceback": []},
            raise_on_iopub_timeout=True,
            iopub_timeout=3,
            coalesce_streams=True,
        )
        client.bounded = Bounded(self.limits.output_bytes)
        await client.async_start_new_kernel_client()
        prepare = f"__import__('autograder.collector.inkernel', fromlist=['x']).prepare(cuda={self._speaks_of_cuda()})"
        await self._execute(client, prepare, self.limits.seconds_per_cell)
        return client

    def _speaks_of_cuda(self) -> bool:
        return any(re.search(r"cuda", c.source) for c in self.notebook.cells if c.cell_type == "code")

    async def _execute(self, client: _Client, source: str, seconds: float) -> NotebookNode:
        cell = nbformat.v4.new_code_cell(source)
        client.nb.cells = [cell]
        client.timed_out = False
        client.bounded.reset()
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise CellTimeoutError("the notebook's time is over")
        client.timeout = max(1, int(min(seconds, left)))
        return await client.async_execute_cell(cell, 0)

    async def _cell(self, client: _Client, kernel: Kernel, position: int) -> None:
        cell = self.notebook.cells[position]
        if cell.cell_type != "code":
            return
        question = cell.metadata.get("nbgrader", {}).get("grade_id")
        if is_grade(cell) and question in self.seeds:
            await self._probe(client, kernel, question)
            return
        ran = await self._execute(client, cell.source, self.limits.seconds_per_cell)
        self.result.outputs[position] = clean_outputs(ran.outputs)
        if client.timed_out:
            self.result.remarks.append(f"cell {position + 1}: " + TIMED_OUT.format(seconds=self.limits.seconds_per_cell))
        else:
            self.done.append(position)

    async def _probe(self, client: _Client, kernel: Kernel, question: str) -> None:
        name = f"{question}-{os.urandom(4).hex()}.safetensors"
        call = f"collect({question!r}, {self.seeds[question]}, {kernel.inside(name)!r})"
        source = f"__import__('autograder.collector.inkernel', fromlist=['x']).{call}"
        await self._execute(client, source, self.limits.seconds_per_cell)
        try:
            self.result.evidence[question] = read_bounded(kernel.exchange / name)
        except FileNotFoundError:
            self.result.problems[question] = "nothing was recorded: the code ended or replaced what calls it"
        except BadEvidence as error:
            self.result.problems[question] = str(error)
        if client.timed_out:
            self.result.problems[question] = TIMED_OUT.format(seconds=self.limits.seconds_per_cell)

    def _lost(self, position: int, error: Exception) -> None:
        """Notes that a kernel was lost at a cell. The next one takes up behind it."""
        self.restarts += 1
        cell = self.notebook.cells[min(position, len(self.notebook.cells) - 1)]
        late = isinstance(error, CellTimeoutError)
        why = TIMED_OUT.format(seconds=self.limits.seconds_per_cell) if late else DIED
        question = cell.metadata.get("nbgrader", {}).get("grade_id")
        if question in self.seeds:
            self.result.problems[question] = why
        self.result.remarks.append(f"cell {position + 1}: {why}")
