"""A cell is stopped for what it computes, or for how long it waits, and never for how busy the machine is."""

from __future__ import annotations

import multiprocessing
import os

import nbformat
import pytest
from nbjudge.gather import Gathered, gather
from nbjudge.gather.gathered import Incident
from nbjudge.gather.notebook_client import WAITED
from nbjudge.jail import JailSettings, Limits, cgroups, provisioner, reasons_unavailable

pytestmark = pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable()))

COMPUTES = Limits(cpu_seconds_per_cell=1, seconds_per_cell=200, seconds_per_notebook=400)
LATE = "stopped after 1 s of computing: is there a loop that does not end?"
FORGETS = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        end = time.process_time() + 0.05
        while time.process_time() < end: pass
        os._exit(0)
    time.sleep(0.1)
"""
DETACHED = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: pass
    os._exit(0)
time.sleep(300)
"""
STUBBORN = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
# Four times as long as it computes it is not given the processor.
HELD_UP = """
import os, signal, time
if os.fork() == 0:
    time.sleep(3); os.kill(os.getppid(), signal.SIGCONT); os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
os.wait()
print("done")
"""


def notebook(*sources: str) -> nbformat.NotebookNode:
    """A notebook of these cells, and a question's test after them."""
    test = nbformat.v4.new_code_cell("1")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "encoder", "points": 10}
    made = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, sources), test])
    for number, cell in enumerate(made.cells, 1):
        cell.id = f"cell-{number}"
    return made


def printed(gathered: Gathered, number: int) -> str:
    return str(gathered.outputs[f"cell-{number}"][0].text)


@pytest.mark.parametrize("code", ["while True: pass", DETACHED, STUBBORN], ids=["loop", "detached", "stubborn"])
def test_who_computes_without_end_is_stopped_for_that_and_nothing_else_is_lost(code: str) -> None:
    gathered = gather(notebook("print('before')", code, "print('after')"), {"encoder": 1}, COMPUTES)
    assert gathered.incidents == [Incident("cell-2", LATE)]
    assert printed(gathered, 1) == "before\n" and printed(gathered, 3) == "after\n"
    assert "encoder" in gathered.evidence and not gathered.problems


@pytest.mark.parametrize("groups", [True, False], ids=["groups", "no-groups"])
def test_children_that_nobody_waits_for_count(monkeypatch: pytest.MonkeyPatch, groups: bool) -> None:
    if not groups:
        monkeypatch.setattr(cgroups, "places", lambda: None)
    elif cgroups.places() is None:
        pytest.skip("no control group can be made here")
    gathered = gather(notebook(FORGETS), {"encoder": 1}, COMPUTES)
    assert gathered.incidents == [Incident("cell-1", LATE)]


def test_who_sleeps_is_stopped_for_that() -> None:
    limits = Limits(seconds_per_cell=2)
    gathered = gather(notebook("import time; time.sleep(300)", "print('after')"), {"encoder": 1}, limits)
    assert gathered.incidents == [Incident("cell-1", WAITED.format(seconds=2))]
    assert printed(gathered, 2) == "after\n" and "encoder" in gathered.evidence


def test_who_is_held_up_is_not_stopped() -> None:
    gathered = gather(notebook(HELD_UP), {"encoder": 1}, COMPUTES)
    assert printed(gathered, 1) == "done\n"
    assert not gathered.incidents and "encoder" in gathered.evidence


def _spin() -> None:
    while True:
        pass


def test_a_busy_machine_stops_nobody() -> None:
    crowd = [multiprocessing.get_context("spawn").Process(target=_spin, daemon=True) for _ in range(3 * (os.cpu_count() or 1))]
    for process in crowd:
        process.start()
    try:
        code = "import time\nwhile time.process_time() < 0.8: pass\nprint('done')"
        gathered = gather(notebook(code), {"encoder": 1}, COMPUTES)
    finally:
        for process in crowd:
            process.kill()
    assert printed(gathered, 1) == "done\n" and not gathered.incidents


def test_the_notebook_as_a_whole_is_bounded_by_what_it_computes() -> None:
    limits = Limits(cpu_seconds_per_cell=1, cpu_seconds=3, seconds_per_cell=200, seconds_per_notebook=400)
    gathered = gather(notebook(*[STUBBORN] * 9), {"encoder": 1}, limits)
    assert gathered.problems["encoder"].startswith("not reached: the notebook was stopped after 3 s of computing")


def test_a_notebook_that_loses_too_many_kernels_is_told_that() -> None:
    gathered = gather(notebook(*["import os; os._exit(1)"] * 14), {"encoder": 1}, Limits())
    assert gathered.problems["encoder"] == "not reached: its kernel was lost 13 times"


def test_without_a_jail_computing_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioner, "reasons_unavailable", lambda: ("none",))
    cells = notebook("print('before')", "while True: pass", "print('after')")
    gathered = gather(cells, {"encoder": 1}, COMPUTES, JailSettings(unjailed=True))
    assert gathered.incidents == [Incident("cell-2", LATE)] and printed(gathered, 3) == "after\n"
