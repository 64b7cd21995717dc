"""What nbclient's client does more for cells of strangers: it bounds, counts and remembers, cell by cell."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbjudge.gather.notebook_client import FEW_MESSAGES, MAX_CELL_OUTPUT, CellClient
from nbjudge.jail import JailKernelManager
from nbjudge.jail.kernel_client import JailKernelClient


class Manager(JailKernelManager):
    """One that starts nothing."""

    over: str | None = None
    stops: int | None = 1

    def begin_cell(self, cpu: float) -> None:
        self.begun = cpu

    @property
    def jail(self) -> Any:
        return SimpleNamespace(over_cell=lambda: self.over)

    async def stop_cell(self, client: JailKernelClient) -> Any:
        self.stopped = client
        return self.stops


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[CellClient]:
    made = CellClient.of(Manager())
    made.clear_before_next_output = False  # nbclient sets it when a cell is executed
    made.executed = []  # type: ignore[attr-defined]

    async def execute(self: CellClient, cell: Any, index: int, **more: Any) -> Any:
        self.executed.append((cell, index, more))  # type: ignore[attr-defined]
        return cell

    monkeypatch.setattr(NotebookClient, "async_execute_cell", execute)
    yield made


def message(kind: str, **content: Any) -> dict[str, Any]:
    return {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {"msg_id": "a"}, "content": content}


def send(client: CellClient, *messages: dict[str, Any]) -> None:
    cell = nbformat.v4.new_code_cell(metadata={"execution": {}})
    client.nb.cells = [cell]
    for each in messages:
        with contextlib.suppress(CellExecutionComplete):  # how nbclient tells the end of a cell
            client.process_message(each, cell, 0)


IDLE, PRINTED = message("status", execution_state="idle"), message("stream", name="stdout", text="x")


def test_it_lets_errors_pass_and_is_bounded(client: CellClient) -> None:
    assert client.allow_errors and client.iopub_timeout == 3 and not client.coalesce_streams
    assert client.bounded.limit == MAX_CELL_OUTPUT == 4 * 2**20
    assert client.on_cell_executed == client._note_reply
    assert (client.late, client.lost, client.reply, client.heard_all) == ("", False, {}, False)


def test_a_cell_begins_with_nothing_left_of_the_one_before(client: CellClient) -> None:
    send(client, PRINTED, IDLE)
    client.late, client.lost, client.bounded.cut = "late", True, True
    client._note_reply(client.nb.cells[0], 0, {"content": {"status": "ok"}})
    assert client.reply == {"status": "ok"} and client.heard_all
    cell = run_sync(client.run_cell)("x = 1", 7.9, 2.5, False)
    assert (client.late, client.lost, client.reply, client.heard_all) == ("", False, {}, False)
    assert client.bounded.cut is False and client.timeout == 7 and client.km.begun == 2.5
    assert cell == {
        "cell_type": "code",
        "execution_count": None,
        "id": "cell",
        "metadata": {},
        "outputs": [],
        "source": "x = 1",
    }
    assert client.nb.cells == [cell] and client.executed == [(cell, 0, {"store_history": False})]  # type: ignore[attr-defined]
    run_sync(client.run_cell)("y", 0.2, 1)
    assert client.timeout == 1 and client.executed[1][2] == {"store_history": True}  # type: ignore[attr-defined]
    assert client.executed[1][0].outputs is not cell.outputs  # type: ignore[attr-defined]


def test_a_reply_without_content_says_nothing(client: CellClient) -> None:
    client._note_reply(nbformat.v4.new_code_cell(), 0, {})
    assert client.reply == {}


@pytest.mark.parametrize(("count", "heard"), [(1, True), (FEW_MESSAGES - 1, True), (FEW_MESSAGES, False)])
def test_all_was_heard_if_it_was_little_and_its_end_came(client: CellClient, count: int, heard: bool) -> None:
    client._heard, client._whole = 0, False
    send(client, *[PRINTED] * (count - 1))
    assert not client.heard_all
    send(client, IDLE)
    assert client.heard_all is heard
    send(client, message("status", execution_state="busy"))
    assert not client.heard_all


def test_what_is_admitted_is_put_out_and_the_rest_is_not(client: CellClient) -> None:
    client.bounded.limit = 60
    outputs: list[Any] = []
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    client.nb.cells = [cell]
    first = client.output(outputs, PRINTED, None, 0)
    assert first is not None and first.text == "x"
    assert client.output(outputs, message("stream", name="stdout", text="x" * 80), None, 0) is None
    assert client.output(outputs, PRINTED, None, 0) is None and client.bounded.cut


@pytest.mark.parametrize(("over", "late"), [(None, "waited long"), ("cpu", "computed long")])
@pytest.mark.parametrize(("stops", "lost"), [(1, False), (None, True)])
def test_a_cell_that_is_late_is_stopped_and_it_is_known_why(
    client: CellClient, over: str | None, late: str, stops: int | None, lost: bool
) -> None:
    client.km.over, client.km.stops = over, stops
    client.kc = JailKernelClient()
    client.waited, client.computed = "waited long", "computed long"
    reply = run_sync(client._async_handle_timeout)(5)
    assert (client.late, client.lost) == (late, lost)
    assert client.km.stopped is client.kc
    assert reply == {"content": {"ename": "TimeoutError", "evalue": "stopped", "traceback": [], "status": "error"}}
