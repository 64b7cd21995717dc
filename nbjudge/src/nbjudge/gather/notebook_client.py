"""nbclient's client, as cells of strangers want it: outputs are bounded, and what became of a cell is known in any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from nbjudge.gather.outputs import Bounded
from nbjudge.ground import notebooks
from nbjudge.jail import JailKernelManager
from nbjudge.jail.kernel_client import JailKernelClient

COMPUTED = "stopped after {seconds:g} s of computing: is there a loop that does not end?"
WAITED = "stopped after {seconds:g} s of waiting: does it sleep, or wait for something that never comes?"
MAX_CELL_OUTPUT = 4 * 2**20  # a picture of the largest size among it
FEW_MESSAGES = 500  # as many as no kernel drops
_EMPTY: dict[str, Any] = {"cell_type": "code", "execution_count": None, "id": "cell", "metadata": {}, "outputs": []}
TIME_OUT_ERROR = {"ename": "TimeoutError", "evalue": "stopped", "traceback": []}


class CellClient(NotebookClient):
    """Runs one cell after the other.

    Attributes:
        bounded: admits a cell's outputs.
        computed: what to say of the cell if it is stopped for its computing.
        waited: what to say of it if it is stopped for its waiting.
        late: why it was stopped, if it was.
        lost: whether it took its kernel with it.
        reply: what the kernel said of the cell's end; its outputs may have been dropped.
    """

    bounded: Bounded
    computed, waited = "", ""
    late = ""
    lost = False
    reply: Mapping[str, Any] = {}
    _heard = 0  # messages of the cell
    _whole = False  # whether its last one came

    @classmethod
    def of(cls, manager: JailKernelManager) -> CellClient:
        """One for a kernel."""
        client = cls(
            notebooks.new_notebook(),
            km=manager,
            allow_errors=True,
            iopub_timeout=3,  # for the end of the outputs, once the cell has ended: among too many it may have been dropped
            coalesce_streams=False,  # takes time by the square of a line's length; clean_outputs does it
        )
        client.bounded = Bounded(MAX_CELL_OUTPUT)
        client.on_cell_executed = client._note_reply
        return client

    async def run_cell(self, source: str, seconds: float, cpu: float, store_history: bool = True) -> NotebookNode:
        """Runs some code as a cell; gives that with its outputs.

        Args:
            source: the code.
            seconds: that it may take by the clock.
            cpu: that it may compute.
            store_history: whether the kernel keeps the code.
        """
        cell = notebooks.from_dict({**_EMPTY, "source": source})  # which nbformat's own function would look over first
        self.nb.cells = [cell]
        self.late, self.lost, self.reply, self._heard, self._whole = "", False, {}, 0, False
        self.bounded.reset()
        self.timeout = max(1, int(seconds))
        assert isinstance(self.km, JailKernelManager)
        self.km.begin_cell(cpu)
        return await self.async_execute_cell(cell, 0, store_history=store_history)

    @property
    def heard_all(self) -> bool:
        """Whether no output of the last cell can have been dropped among too many."""
        return self._whole and self._heard < FEW_MESSAGES

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        return super().output(outs, msg, display_id, cell_index) if self.bounded.admits(msg) else None

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        self._heard += 1
        self._whole = msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle"
        return super().process_message(msg, cell, cell_index)

    def _note_reply(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """Nbclient's hook for a cell that was executed."""
        self.reply = execute_reply.get("content", {})

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        """Interrupts the cell until it gives in; ends a kernel that does not."""
        assert isinstance(self.km, JailKernelManager) and isinstance(self.kc, JailKernelClient)
        self.late = self.waited if self.km.jail.over_cell() is None else self.computed
        self.lost = await self.km.stop_cell(self.kc) is None
        return {"content": {**TIME_OUT_ERROR, "status": "error"}}
