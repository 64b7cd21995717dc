"""Runs one submission. A dead kernel or a time-out costs the question it happened in, and no other."""

from __future__ import annotations

import ast
import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import replace

from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbrepair.definitions import parse
from nbrepair.nodes import is_locked, is_solution, is_test
from nbrepair.slicing import cells_to_run

from nbjudge.gather.evidence_file import MAX_FILE
from nbjudge.gather.gathered import Gathered, Incident, OrdinaryTest
from nbjudge.gather.notebook_client import COMPUTED, WAITED, CellClient
from nbjudge.gather.outputs import clean_outputs
from nbjudge.ground.terminal import output
from nbjudge.jail import BadEvidenceFile, JailKernelManager, JailSettings, JailUnavailable, Limits, kernel_manager_class

DIED = "the kernel died here (out of memory, or ended by the code itself)"
MAX_RESTARTS = 12
RESULT_LOST = "its result was lost among what was printed while it ran: print less"
MAX_DRAINED = 5
MAX_SAID = 2_000  # characters of an error
NO_WORD = {"ename": "", "evalue": ""}
GRADING = {"CUDA_VISIBLE_DEVICES": ""}
BESIDE = "beside"  # folder of the files that lie beside the notebook


def gather(
    notebook: NotebookNode,
    seeds: Mapping[str, int | None],
    limits: Limits | None = None,
    settings: JailSettings | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Gathered:
    """Runs a notebook's answers, and the given cells that they need, in a jailed kernel; at each test the answer is probed.

    Nothing is decided here and nothing of the instructor's is needed: a pure function of its arguments, fit for any executor.

    Args:
        notebook: a repaired submission; not changed.
        seeds: question -> what the inputs of its probe follow from; None for one that is read, and not run.
        limits: bounds on time, memory, processes and output.
        settings: what the jails of this grader have in common.
        files: what the notebook finds in its working directory, by name, with / between the parts of one.

    Raises:
        JailUnavailable: if this machine cannot jail student code, and nobody agreed to run it unjailed.
    """
    settings = settings or JailSettings()
    return run_sync(_Run(notebook, seeds, limits or Limits(), settings, files or {}).run)()


class _Run:
    def __init__(
        self,
        notebook: NotebookNode,
        seeds: Mapping[str, int | None],
        limits: Limits,
        settings: JailSettings,
        files: Mapping[str, bytes],
    ) -> None:
        self.notebook, self.seeds, self.limits = notebook, seeds, limits
        self.files = {f"{BESIDE}/{name}": content for name, content in files.items()}
        self.settings = settings
        self.collector = f"__import__({settings.collector!r}, fromlist=['collect'])"
        self.to_run = cells_to_run(notebook, seeds)
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
        for name in (cell.metadata["nbgrader"]["grade_id"] for cell in self.notebook.cells[position:] if is_test(cell)):
            why = f"the notebook was {self._over()}" if self._over() else f"its kernel was lost {self.restarts} times"
            self.result.problems.setdefault(name, f"not reached: {why}")
        self.result.seconds["all"] = time.monotonic() - start
        return self.result

    async def _in_one_kernel(self, position: int) -> int:
        """Runs cells from `position` on; returns where the next kernel has to take up."""
        left = replace(self.limits, cpu_seconds=max(1, math.ceil(self.limits.cpu_seconds - self.cpu)))
        kernels = kernel_manager_class(limits=left, settings=self.settings, files=self.files, env=GRADING)
        manager, started = kernels(), time.monotonic()
        client = CellClient.of(manager)
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

    async def _walk(self, client: CellClient, manager: JailKernelManager, position: int) -> int:
        """Brings a new kernel to where the last one was, and goes on until the end or until it is lost."""
        try:
            for again in self.done:
                await self._run_cell(client, self.notebook.cells[again])
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

    async def _start(self, client: CellClient, manager: JailKernelManager) -> None:
        await manager.start_kernel()
        await client.async_start_new_kernel_client()
        cuda = any("cuda" in self.notebook.cells[i].source for i in self.to_run)
        imports = self.limits.cpu_seconds  # where the kernel was not forked from a parent that has them all
        enter = f"; __import__('os').chdir({BESIDE!r})" if self.files else ""  # before it, a student's random.py is no module
        await self._execute(client, f"{self.collector}.prepare(cuda={cuda}){enter}", imports)
        if client.reply.get("status") == "error" and not client.late:  # before any of the submission's code: it is not to blame
            said = "{ename}: {evalue}".format_map({**NO_WORD, **client.reply})
            raise JailUnavailable(f"the collector {self.settings.collector} does not work in a kernel ({said})")

    async def _execute(
        self, client: CellClient, source: str, cpu: float | None = None, store_history: bool = True
    ) -> NotebookNode:
        """Runs some code within the bounds of a cell, and of what the notebook has left."""
        if over := self._over():
            client.late = over
            raise CellTimeoutError("the notebook's time is over")
        cpu, seconds, left = cpu or self.limits.cpu_seconds_per_cell, self.limits.seconds_per_cell, self._left()
        client.computed = COMPUTED.format(seconds=cpu)
        client.waited = WAITED.format(seconds=seconds if seconds < left else self.limits.seconds_per_notebook)
        return await client.run_cell(source, min(seconds, left), cpu, store_history)

    async def _cell(self, client: CellClient, manager: JailKernelManager, position: int) -> None:
        cell = self.notebook.cells[position]
        if cell.cell_type != "code":
            return
        if is_test(cell):
            name = cell.metadata["nbgrader"]["grade_id"]
            if name not in self.seeds:
                await self._test(client, cell)
            elif self.seeds[name] is not None:
                await self._probe(client, manager, name)
        elif position in self.to_run:
            started = time.monotonic()
            ran = await self._run_cell(client, cell)
            self._spent("cells", started)
            self.result.outputs[cell.get("id", "")] = clean_outputs(ran.outputs, client.bounded.cut)
            self._lost_with_it(client)
            if client.late:
                self.result.incidents.append(Incident(cell.get("id", ""), client.late))
            else:
                self.done.append(position)

    async def _run_cell(self, client: CellClient, cell: NotebookNode) -> NotebookNode:
        """Runs a cell beside the tests. The lesson's own, which holds the answers, is not to fail by what others have left."""
        ran = await self._execute(client, cell.source)
        lessons = is_solution(cell) or is_locked(cell)
        if not lessons or client.reply.get("status") != "error" or client.late or client.lost:
            return ran
        told = await self._execute(client, f"{self.collector}.settle()", store_history=False)
        if any(output.get("data", {}).get("text/plain") == "True" for output in told.outputs):
            ran = await self._execute(client, cell.source)
        await self._execute(client, f"{self.collector}.unsettle()", store_history=False)
        return ran

    async def _test(self, client: CellClient, cell: NotebookNode) -> None:
        """Runs a test that no judge knows. Its end counts, and a number that is its result."""
        for _ in range(MAX_DRAINED):  # what an earlier cell printed may be on its way still, and crowd out what counts here
            if client.heard_all:
                break
            await self._execute(client, "pass")
        ran = await self._execute(client, cell.source)
        self._lost_with_it(client)
        share = _share(ran.outputs)
        passed = client.reply.get("status") == "ok" and not client.late
        error = "{ename}: {evalue}".format_map({**NO_WORD, **client.reply})
        said = "" if passed else client.late or output(error, longest=MAX_SAID).strip(" :")
        if passed and share is None and not client.heard_all and _has_result(cell.source):
            passed, said = False, RESULT_LOST
        self.result.tests[cell.metadata["nbgrader"]["grade_id"]] = OrdinaryTest(passed, said, share)

    async def _probe(self, client: CellClient, manager: JailKernelManager, question: str) -> None:
        started, exchange = time.monotonic(), manager.exchange
        name = f"{question}-{os.urandom(8).hex()}.safetensors"  # so that nothing written before can stand for it
        call = f"collect({question!r}, {exchange.inside_evidence + '/' + name!r})"
        try:
            exchange.lend(f"{name}.seed", str(self.seeds[question]).encode())
            if question in self.settings.asks:
                exchange.lend(f"{name}.ask", json.dumps(self.settings.asks[question]).encode())
            await self._execute(client, f"{self.collector}.{call}", store_history=False)
            for lent in ("seed", "ask"):  # still there where something else was called in the collector's place
                exchange.drop(f"{name}.{lent}")
            blob = exchange.take(name, MAX_FILE)
            exchange.drop(name)
        except BadEvidenceFile as error:
            self.result.problems[question] = str(error)
        else:
            if blob is None:
                self.result.problems[question] = "nothing was recorded: the code ended or replaced what calls it"
            else:
                self.result.evidence[question] = blob
        if client.late:
            self.result.problems[question] = client.late
        self._spent("probes", started)
        self._lost_with_it(client)

    @staticmethod
    def _lost_with_it(client: CellClient) -> None:
        """Raises if a cell has taken its kernel with it: here, or the next cell would be blamed, and not run."""
        if client.lost:
            raise DeadKernelError(client.late)

    def _lost(self, position: int, why: str) -> None:
        """Notes that a kernel was lost at a cell. The next one takes up behind it."""
        self.restarts += 1
        cell = self.notebook.cells[min(position, len(self.notebook.cells) - 1)]
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
