"""A kernel client that trusts its kernel with nothing: bounded messages, bounded outputs, well-formed or ignored."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel

NOTICE = "[The grader stopped recording here: the outputs of this notebook are longer than it accepts.]\n"
_TICK_MS = 100  # between two questions whether a cell has used up its CPU
_WAITING = 32  # messages that may queue on our side, so that message_bytes bounds our memory
_OUTPUTS = {"stream", "display_data", "execute_result", "error", "clear_output", "status", "execute_input", "iopub_welcome"}


class BoundedChannel(AsyncZMQSocketChannel):
    """A channel that ignores what is forged or malformed, and records no more outputs than its budget allows."""

    budget: int = 1 << 62
    dropped: int = 0

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """The next message worth having.

        Raises:
            Empty: if none comes within `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            await self._poll(deadline)
            assert self.socket is not None
            message = self._accept(await self.socket.recv_multipart())
            if message is not None:
                return message

    async def _poll(self, deadline: float | None) -> None:
        """Return when there is something to read.

        Raises:
            Empty: if nothing comes before the deadline.
        """
        assert self.socket is not None
        left = None if deadline is None else max(0, int((deadline - time.monotonic()) * 1000))
        if not await self.socket.poll(left):
            raise Empty

    def _accept(self, frames: list[bytes]) -> dict[str, Any] | None:
        self.budget -= sum(map(len, frames))
        over = self.budget < 0 and not frames[0].endswith(b"status")
        if over:
            self.dropped += 1
            if self.dropped > 1:
                return None
        try:
            message: dict[str, Any] = self.session.deserialize(self.session.feed_identities(frames)[1])
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            return None
        if not _well_formed(message):
            return None
        message["content"].pop("transient", None)  # with it the id by which a later message could change this output
        if over:
            message["msg_type"] = message["header"]["msg_type"] = "stream"
            message["content"] = {"name": "stdout", "text": NOTICE}
        return message


class ShellChannel(BoundedChannel):
    """A wait for a reply ends early, once for each cell, when the jail says that the cell has used up its CPU."""

    over_cell: Callable[[], int | None]  # the number of a cell that has; None if the last has not
    told: int | None = None

    async def _poll(self, deadline: float | None) -> None:
        assert self.socket is not None
        while True:
            left = float("inf") if deadline is None else max(0.0, (deadline - time.monotonic()) * 1000)
            if await self.socket.poll(int(min(left, _TICK_MS))):
                return
            cell = self.over_cell()
            if left <= _TICK_MS or (cell is not None and cell != self.told):
                self.told = cell
                raise Empty


class JailKernelClient(AsyncKernelClient):
    """`AsyncKernelClient` with its manager's limits, and without the fixed waits at the start."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        limits = getattr(self.parent, "limits", None)
        self._message_bytes: int = limits.message_bytes if limits else -1
        budget = limits.output_bytes if limits else BoundedChannel.budget
        self.iopub_channel_class = type("OutputChannel", (BoundedChannel,), {"budget": budget})  # type: ignore[assignment]
        self.control_channel_class = self.stdin_channel_class = BoundedChannel
        jail = getattr(self.parent, "jail", None)
        watched = {"over_cell": staticmethod(jail.over_cell if jail is not None else lambda: None)}
        self.shell_channel_class = type("JailShellChannel", (ShellChannel,), watched)  # type: ignore[assignment]

    @property
    def outputs_dropped(self) -> int:
        """How many output messages were not recorded because the notebook had used up its output bytes."""
        return int(getattr(self._iopub_channel, "dropped", 0))

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Any:
        self.context.setsockopt(zmq.SocketOption.MAXMSGSIZE, self._message_bytes)  # defaults of the next socket
        self.context.setsockopt(zmq.SocketOption.RCVHWM, _WAITING)
        return super()._create_connected_socket(channel, identity)

    def start_channels(self, shell: bool = True, iopub: bool = True, stdin: bool = True, hb: bool = False,
                       control: bool = True) -> None:  # fmt: skip
        """As usual, but without a heartbeat: the jail knows whether its kernel lives."""
        super().start_channels(shell=shell, iopub=iopub, stdin=stdin, hb=hb, control=control)

    async def reply_to(self, msg_id: str | None, seconds: float) -> dict[str, Any] | None:
        """The reply to a request on the shell channel (None: to any cell), or None after `seconds`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                message: dict[str, Any] = await self.shell_channel.get_msg(timeout=left)
            except Empty:
                return None
            wanted = message["parent_header"].get("msg_id") == msg_id
            if wanted or (msg_id is None and message["msg_type"] == "execute_reply"):
                return message
        return None

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel answers and its outputs arrive.

        Raises:
            RuntimeError: if it dies, or does not answer within `timeout` seconds.
        """
        deadline = time.monotonic() + (60.0 if timeout is None else timeout)
        while time.monotonic() < deadline:
            msg_id = self.kernel_info()
            reply = await self.reply_to(msg_id, 1.0)
            if reply is not None and await self._idle_after(msg_id, 0.5):
                self._handle_kernel_info_reply(reply)
                return
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it answered")
        raise RuntimeError("the kernel did not answer in time")

    async def _idle_after(self, msg_id: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = await self.iopub_channel.get_msg(timeout=left)
            except Empty:
                return False
            ours = message["msg_type"] == "status" and message["parent_header"].get("msg_id") == msg_id
            if ours and message["content"].get("execution_state") == "idle":
                return True
        return False


def _well_formed(message: dict[str, Any]) -> bool:
    """Whether what Jupyter's tools take for granted about a message holds; a kernel can send anything."""
    content, kind = message.get("content"), message.get("msg_type")
    # Not widgets' messages, which nothing of ours answers; not changes of a display after the fact, which could reach
    # into the outputs of a cell that has been judged.
    if not isinstance(kind, str) or not (kind in _OUTPUTS or kind.endswith("_reply")) or not isinstance(content, dict):
        return False
    for part in ("header", "parent_header", "metadata"):
        if not isinstance(message.get(part), dict):
            return False
    if not isinstance(message["parent_header"].get("msg_id", ""), str):
        return False
    match kind:
        case "stream":
            return content.get("name") in ("stdout", "stderr") and isinstance(content.get("text"), str)
        case "display_data" | "execute_result":
            return _is_bundle(content.get("data")) and isinstance(content.get("metadata"), dict)
        case "error":
            return _is_error(content)
        case "status":
            return isinstance(content.get("execution_state"), str)
        case "execute_input":
            return isinstance(content.get("code"), str)
        case "execute_reply":
            return content.get("status") in ("ok", "aborted") or _is_error(content)
    return True


def _is_bundle(data: object) -> bool:
    return isinstance(data, dict) and all(isinstance(value, str | dict | list) for value in data.values())


def _is_error(content: dict[str, Any]) -> bool:
    lines = content.get("traceback")
    words = isinstance(content.get("ename"), str) and isinstance(content.get("evalue"), str)
    return words and isinstance(lines, list) and all(isinstance(line, str) for line in lines)
