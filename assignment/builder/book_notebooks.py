"""The book's notebooks: what a right solution prints and draws, under the code that students are given."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from assignment.builder.lesson_notebooks import METADATA, solved_notebook, stub_notebook
from assignment.builder.problem import BuildError
from assignment.builder.scrub import Scrubber

ANSI = re.compile(r"\x1b\[[0-9;]*m")  # the colours of a traceback
LONG = 10  # seconds; of a cell that takes longer it is said how long
FAILURES = (CellExecutionError, CellTimeoutError, DeadKernelError)


def book_pages(
    notebooks: Mapping[str, NotebookNode], profile: str, env: Mapping[str, str] | None = None
) -> dict[str, NotebookNode]:
    """Runs the solved notebooks in a folder of their own and makes the book's of them.

    Args:
        notebooks: the instructor's, in the order to run them: one may load what those before it saved.
        profile: full, quick or grade.
        env: of the kernels; this process's by default. PS8_DATA in it says where the data is.

    Raises:
        BuildError: if a solved notebook fails, naming notebook and cell.
    """
    env = {**(os.environ if env is None else env), "PS8_PROFILE": profile}
    pages = {}
    with tempfile.TemporaryDirectory() as folder:
        places = {folder: ".", env.get("PS8_DATA", ""): "data_cache"}
        for name in notebooks:
            executed = execute(solved_notebook(name, notebooks), name, Path(folder), env)
            pages[name] = book_notebook(executed, stub_notebook(name, notebooks), places)
    return pages


def execute(notebook: NotebookNode, name: str, folder: Path, env: Mapping[str, str]) -> NotebookNode:
    """Runs a notebook in a folder, however long it takes; prints which cells took long.

    Raises:
        BuildError: if a cell fails or the kernel dies.
    """
    with tempfile.TemporaryDirectory(prefix="ps8-") as sockets:
        # Over TCP a kernel warns, and others on the machine could listen.
        local = Config(KernelManager={"transport": "ipc", "ip": f"{sockets}/kernel"})
        place = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, timeout=None, record_timing=False, resources=place, config=local)
        started = _timed(client, name)
        try:
            return client.execute(env=dict(env))
        except FAILURES as error:
            told = ANSI.sub("", str(error)).strip()
            raise BuildError(f"the solved notebook {name} fails at {started[-1]}:\n{told}") from error


def _timed(client: NotebookClient, name: str) -> list[str]:
    """Lets a client print which cells take long; gives what it has started so far."""
    started = ["its start"]
    clock = [time.monotonic()]

    def starts(cell: NotebookNode, cell_index: int) -> None:
        started.append(f"cell {cell['id']}")
        clock.append(time.monotonic())

    def ends(cell: NotebookNode, cell_index: int, execute_reply: object) -> None:
        if (seconds := time.monotonic() - clock[-1]) > LONG:
            print(f"  {name}, {started[-1]}: {seconds:.0f} s", flush=True)

    client.on_cell_start, client.on_cell_executed = starts, ends
    return started


def book_notebook(executed_solved: NotebookNode, stub: NotebookNode, places: Mapping[str, str] | None = None) -> NotebookNode:
    """The outputs of an executed solved notebook under the sources of the students' notebook.

    Args:
        executed_solved: with its solutions and outputs.
        stub: the same cells as students get them.
        places: folders that outputs may name, and what the book calls them.

    Raises:
        BuildError: if the two have not the same cells, or an output is an error.
    """
    if [cell.id for cell in executed_solved.cells] != [cell.id for cell in stub.cells]:
        raise BuildError("the executed notebook and the students' have not the same cells: build both again")
    scrubber = Scrubber(places)
    page = deepcopy(stub)
    page.metadata = NotebookNode({key: deepcopy(METADATA[key]) for key in ("kernelspec", "language_info")})
    for cell, ran in zip(page.cells, executed_solved.cells, strict=True):
        cell.metadata = NotebookNode({key: value for key, value in cell.metadata.items() if key == "tags"})
        if cell.cell_type == "code":
            _raise_errors(ran)
            cell.execution_count = ran.execution_count
            cell.outputs = scrubber.outputs(ran.outputs)
    return page


def _raise_errors(cell: NotebookNode) -> None:
    for output in cell.outputs:
        if output.output_type == "error":
            raise BuildError(f"cell {cell.id} of the solved notebook raised {output.ename}: {output.evalue}")
