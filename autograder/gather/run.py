"""Runs one hand-in. A dead kernel or a time-out costs the question it happened in, and no other."""

from __future__ import annotations

import ast
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode

from autograder.gather.data import make_ready
from autograder.gather.evidence_file import MAX_FILE, clean
from autograder.gather.outputs import Bounded, clean_outputs
from autograder.gather.slicing import cells_to_run, is_test
from autograder.jail import BadEvidence, JailKernelManager, JailUnavailable, Limits, Settings, kernel_manager_class
from autograder.jail.client import JailKernelClient
from autograder.repair.definitions import parse

TIMED_OUT = "stopped after {seconds:g} seconds: is there a loop that does not end?"
DIED = "the kernel died here (out of memory, or ended by the code itself)"
MAX_RESTARTS = 12
TIME_OUT_ERROR = {"ename": "TimeoutError", "evalue": "stopped", "traceback": []}
MAX_CELL_OUTPUT = 2 * 2**20
RESULT_LOST = "its result was lost among what was printed while it ran: print less"
FEW_MESSAGES = 500  # as many as no kernel drops
MAX_DRAINED = 5
NO_WORD = {"ename": "", "evalue": ""}
COLLECTOR = "__import__('autograder.collector.inkernel', fromlist=['collect'])"
GRADING = {"PS8_PROFILE": "grade", "CUDA_VISIBLE_DEVICES": ""}


@dataclass(frozen=True)
class OrdinaryTest:
    """What came of a test cell that no judge knows, run as nbgrader runs it.

    Attributes:
        passed: whether it came to its end without an error.
        said: the error, in words; empty if it passed.
        share: a number of points that the cell gave as its result, as nbgrader takes it for partial credit; None if none.
    """

    passed: bool
    said: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Incident:
    """A cell that was stopped, or at which the kernel was lost.

    Attributes:
        cell: its id.
        why: in words.
    """

    cell: str
    why: str


@dataclass
class Gathered:
    """What came of running one notebook.

    Attributes:
        evidence: question -> the bytes that its probe wrote, unread.
        problems: question, or name of an ordinary test -> why there is nothing of it.
        outputs: id of a code cell -> its outputs, cleaned and bounded.
        tests: name of a test that no judge knows -> what came of it.
        incidents: what the student and the instructor should know: cells that were stopped, kernels that were lost.
        seconds: wall time, by what it was spent on.
    """

    evidence: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, list[NotebookNode]] = field(default_factory=dict)
    tests: dict[str, OrdinaryTest] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def lost_something(self) -> bool:
        """Whether another run might give more: a kernel was lost or time ran out, perhaps on a busy machine."""
        return bool(self.problems or self.incidents)


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
    timed_out = False
    reply: Mapping[str, Any] = {}  # what the kernel said of the last cell's end; its outputs may have been dropped
    heard = 0  # messages of the last cell
    whole = False  # whether its last one came

    def output(self, outs: list, msg: dict, display_id: str | None, cell_index: int) -> NotebookNode | None:
        return super().output(outs, msg, display_id, cell_index) if self.bounded.admits(msg) else None

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        self.heard += 1
        self.whole = msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle"
        return super().process_message(msg, cell, cell_index)

    @property
    def heard_all(self) -> bool:
        """Whether no output of the last cell can have been dropped among too many."""
        return self.whole and self.heard < FEW_MESSAGES

    def note_reply(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """Nbclient's hook for a cell that was executed."""
        self.reply = execute_reply.get("content", {})

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        """Interrupts the cell until it gives in; ends a kernel that does not."""
        self.timed_out = True
        assert isinstance(self.km, JailKernelManager) and isinstance(self.kc, JailKernelClient)
        await self.km.stop_cell(self.kc)
        return {"content": {**TIME_OUT_ERROR, "status": "error"}}


class _Run:
    def __init__(self, notebook: NotebookNode, seeds: Mapping[str, int], limits: Limits, settings: Settings | None) -> None:
        self.notebook, self.seeds, self.limits = notebook, seeds, limits
        self.managers = kernel_manager_class(limits=limits, settings=settings, env=GRADING)
        self.to_run = cells_to_run(notebook, seeds)
        self.result = Gathered()
        self.done: list[int] = []  # code cells that ran to their end, to be run again after a restart
        self.restarts = 0
        self.deadline = time.monotonic() + limits.seconds_per_notebook

    async def run(self) -> Gathered:
        """Walks through the cells, in as many kernels as it takes."""
        start, position = time.monotonic(), 0
        while position < len(self.notebook.cells) and self.restarts <= MAX_RESTARTS and self._left() > 0:
            position = await self._in_one_kernel(position)
        for question in self._questions(position):
            late = TIMED_OUT.format(seconds=self.limits.seconds_per_notebook)
            self.result.problems.setdefault(question, f"not reached: the notebook was {late}")
        self.result.seconds["all"] = time.monotonic() - start
        return self.result

    def _questions(self, start: int = 0) -> list[str]:
        return [c.metadata["nbgrader"]["grade_id"] for c in self.notebook.cells[start:] if is_test(c)]

    async def _in_one_kernel(self, position: int) -> int:
        """Runs cells from `position` on; returns where the next kernel has to take up."""
        manager, started = self.managers(), time.monotonic()
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
        except Exception as error:  # dead, too slow, or what nbclient makes of messages that no honest kernel sends
            self._lost(position, error, manager.cause_of_death)
            position += 1
        return position

    def _left(self) -> float:
        """Seconds that the notebook has left."""
        return self.deadline - time.monotonic()

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
        client.on_cell_executed = client.note_reply
        return client

    async def _start(self, client: _Client, manager: JailKernelManager) -> None:
        await manager.start_kernel()
        await client.async_start_new_kernel_client()
        prepare = f"prepare(cuda={self._speaks_of_cuda()})"
        await self._execute(client, f"{COLLECTOR}.{prepare}", self.limits.seconds_per_cell)

    def _speaks_of_cuda(self) -> bool:
        return any("cuda" in self.notebook.cells[i].source for i in self.to_run)

    async def _execute(self, client: _Client, source: str, seconds: float, store_history: bool = True) -> NotebookNode:
        cell = nbformat.v4.new_code_cell(source)
        client.nb.cells = [cell]
        client.timed_out, client.reply, client.heard, client.whole = False, {}, 0, False
        client.bounded.reset()
        if self._left() <= 0:
            raise CellTimeoutError("the notebook's time is over")
        client.timeout = max(1, int(min(seconds, self._left())))
        return await client.async_execute_cell(cell, 0, store_history=store_history)

    async def _cell(self, client: _Client, manager: JailKernelManager, position: int) -> None:
        cell = self.notebook.cells[position]
        if cell.cell_type != "code":
            return
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if is_test(cell) and name in self.seeds:
            await self._probe(client, manager, name)
            return
        if position not in self.to_run and not is_test(cell):
            return
        if is_test(cell):
            await self._test(client, cell)
            return
        started = time.monotonic()
        ran = await self._execute(client, cell.source, self.limits.seconds_per_cell)
        self._spent("cells", started)
        self.result.outputs[cell.get("id", "")] = clean_outputs(ran.outputs)
        if not self._was_late(client, cell):
            self.done.append(position)

    def _was_late(self, client: _Client, cell: NotebookNode) -> str:
        """What is to be said of a cell that was stopped; nothing if it was not."""
        late = TIMED_OUT.format(seconds=self.limits.seconds_per_cell) if client.timed_out else ""
        if late:
            self.result.incidents.append(Incident(cell.get("id", ""), late))
        return late

    async def _test(self, client: _Client, cell: NotebookNode) -> None:
        """Runs a test that no judge knows. Its end counts, and a number that is its result."""
        for _ in range(
            MAX_DRAINED
        ):  # what an earlier cell printed may still be on its way, and crowd out what is waited for here
            if client.heard_all:
                break
            await self._execute(client, "pass", self.limits.seconds_per_cell)
        ran = await self._execute(client, cell.source, self.limits.seconds_per_cell)
        late, share = self._was_late(client, cell), _share(ran.outputs)
        passed = client.reply.get("status") == "ok" and not late
        said = "" if passed else late or clean("{ename}: {evalue}".format_map({**NO_WORD, **client.reply})).strip(" :")
        if passed and share is None and not client.heard_all and _has_result(cell.source):
            passed, said = False, RESULT_LOST
        self.result.tests[cell.metadata["nbgrader"]["grade_id"]] = OrdinaryTest(passed, said, share)

    async def _probe(self, client: _Client, manager: JailKernelManager, question: str) -> None:
        started, exchange = time.monotonic(), manager.exchange
        name = f"{question}-{os.urandom(8).hex()}.safetensors"  # so that nothing written before can stand for it
        call = f"collect({question!r}, {exchange.inside_evidence + '/' + name!r})"
        try:
            exchange.lend(f"{name}.seed", str(self.seeds[question]).encode())
            await self._execute(client, f"{COLLECTOR}.{call}", self.limits.seconds_per_cell, store_history=False)
            exchange.drop(f"{name}.seed")  # where something else was called in the collector's place
            blob = exchange.take(name, MAX_FILE)
            exchange.drop(name)
        except BadEvidence as error:
            self.result.problems[question] = str(error)
        else:
            if blob is None:
                self.result.problems[question] = "nothing was recorded: the code ended or replaced what calls it"
            else:
                self.result.evidence[question] = blob
        if client.timed_out:
            self.result.problems[question] = TIMED_OUT.format(seconds=self.limits.seconds_per_cell)
        self._spent("probes", started)

    def _lost(self, position: int, error: Exception, cause: str | None) -> None:
        """Notes that a kernel was lost at a cell. The next one takes up behind it."""
        self.restarts += 1
        cell = self.notebook.cells[min(position, len(self.notebook.cells) - 1)]
        late = isinstance(error, CellTimeoutError)
        why = TIMED_OUT.format(seconds=self.limits.seconds_per_cell) if late else cause or DIED
        if is_test(cell):
            self.result.problems[cell.metadata["nbgrader"]["grade_id"]] = why
        self.result.incidents.append(Incident(cell.get("id", ""), why))


def _has_result(source: str) -> bool:
    """Whether a cell's last line is an expression, whose value may be a number of points."""
    tree = parse(source)
    return tree is None or bool(tree.body and isinstance(tree.body[-1], ast.Expr))


def _share(outputs: list[NotebookNode]) -> float | None:
    """A cell's result, if it is a finite number."""
    results = [output.data.get("text/plain", "") for output in outputs if output.output_type == "execute_result"]
    try:
        share = float(results[0]) if results else math.nan
    except ValueError:
        return None
    return share if math.isfinite(share) else None
