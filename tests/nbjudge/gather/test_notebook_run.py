"""What becomes of a notebook whose kernels do not last."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError
from nbjudge.gather import gather
from nbjudge.jail import JailSettings, JailUnavailable, Limits, reasons_unavailable

pytestmark = pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable()))


def notebook(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    test = nbformat.v4.new_code_cell("1")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "encoder", "points": 10}
    return nbformat.v4.new_notebook(cells=[*cells, test])


def collects_garbage() -> bool:
    """Whether it comes to an end; it waits for sockets that nobody closed."""
    collector = threading.Thread(target=gc.collect, daemon=True)
    collector.start()
    collector.join(30)
    return not collector.is_alive()


def dies(submission: nbformat.NotebookNode, settings: JailSettings) -> bool:
    """Whether its kernel died at once. No reference to what happened is left, so that all of it is garbage."""
    try:
        gather(submission, {"encoder": 1}, settings=settings)
    except DeadKernelError:
        return True
    return False


def test_a_kernel_that_dies_at_its_start_leaves_no_socket_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "__init__.py").write_text("def prepare(cuda): __import__('os')._exit(1)")
    assert dies(notebook("1"), JailSettings(packages={"deadly": tmp_path}, collector="deadly"))
    assert collects_garbage()


def test_a_collector_that_does_not_work_is_nobodys_zero() -> None:
    """Its error was passed over: every answer of the class had left no evidence."""
    with pytest.raises(JailUnavailable, match=r"the collector no\.such does not work in a kernel \(ModuleNotFoundError: .*no"):
        gather(notebook("1"), {"encoder": 1}, settings=JailSettings(collector="no.such"))


def test_a_notebook_whose_time_is_over_is_given_up_with_what_there_is() -> None:
    """Kernel after kernel is lost, until no time is left to start another one: a result all the same."""
    lost = "import time, os\ntime.sleep(1.5)\nos._exit(1)"
    gathered = gather(
        notebook("print('here')", *[lost] * 20), {"encoder": 1}, Limits(seconds_per_cell=5, seconds_per_notebook=6)
    )
    assert next(iter(gathered.outputs.values()))[0].text == "here\n"
    assert gathered.evidence == {} and "encoder" in gathered.problems
    assert collects_garbage()


def test_one_long_line_holds_nobody_up() -> None:
    """Half an hour, if time went by the square of its length, in which no other submission of the class would move."""
    gathered = gather(notebook("print('x' * 1_900_000)"), {"encoder": 1}, Limits(seconds_per_notebook=60))
    assert next(iter(gathered.outputs.values()))[0].text.startswith("xxx")
    assert "encoder" in gathered.evidence and not gathered.problems


def test_messages_that_no_honest_kernel_sends_cost_no_more_than_their_cell() -> None:
    odd = "from IPython.display import display\ndisplay({'text/plain': [1]}, raw=True)"
    assert "encoder" in gather(notebook(odd), {"encoder": 1}).evidence
