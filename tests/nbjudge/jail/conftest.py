"""Real kernels in real jails, one call away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from nbjudge.jail import JailKernelManager, JailSettings, Limits, close_all, reasons_unavailable
from nbjudge.jail.kernel_client import JailKernelClient

WAIT = 40.0  # seconds that nothing here may exceed


@dataclass
class Answer:
    """What came of one cell."""

    status: str = "dead"  # ok, error, timeout, dead
    text: str = ""  # streams and results
    error: str = ""  # name and message


@dataclass
class Box:
    """One kernel and a client of it, used without `await`."""

    settings: JailSettings = field(default_factory=lambda: JailSettings())
    limits: Limits = field(default_factory=Limits)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.manager = JailKernelManager()
        self.manager.settings, self.manager.limits = self.settings, self.limits
        for name, value in self.options.items():
            setattr(self.manager, name, value)
        self.wait(self._start())

    def wait(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, 100))

    async def _start(self) -> None:
        await self.manager._async_start_kernel()
        client = self.manager.client()
        assert isinstance(client, JailKernelClient)
        self.client = client
        self.client.start_channels()
        await self.client.wait_for_ready(WAIT)

    def run(self, code: str, seconds: float = WAIT) -> Answer:
        return self.wait(self._run(code, seconds))

    def ask(self, code: str) -> str:
        """Send a cell without waiting. As nbclient with `allow_errors`: the next cell runs after an error, too."""
        return str(self.client.execute(code, stop_on_error=False))

    async def _run(self, code: str, seconds: float) -> Answer:
        msg_id = self.ask(code)
        answer = Answer()
        end = self.loop.time() + seconds
        reply = None
        outputs = self.loop.create_task(self._outputs(msg_id, answer))  # read while the cell runs, as nbclient does
        while reply is None and self.loop.time() < end:
            reply = await self.client.reply_to(msg_id, 0.2)
            if reply is None and await self.manager._async_is_alive() is False:
                outputs.cancel()
                return answer
        if reply is None:
            outputs.cancel()
            answer.status = "timeout"
            return answer
        answer.status = reply["content"]["status"]
        if answer.status == "error":
            answer.error = f"{reply['content']['ename']}: {reply['content']['evalue']}"
        await asyncio.wait_for(outputs, 10)
        return answer

    async def _outputs(self, msg_id: str, answer: Answer) -> None:
        while True:
            message = await self.client.iopub_channel.get_msg()
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                answer.text += content["text"]
            elif message["msg_type"] == "execute_result":
                answer.text += content["data"]["text/plain"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return

    @property
    def supervisor(self) -> int:
        """Process id, as the host sees it, of the first process of the kernel's namespace."""
        kernel = self.manager.jail.kernel
        assert kernel is not None and kernel.pid is not None
        return kernel.pid

    def close(self) -> None:
        self.client.stop_channels()
        self.wait(self.manager._async_shutdown_kernel(now=True))
        self.manager.release()
        self.loop.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Box]]:
    """Start a kernel: `start()`, `start(limits=..., files=...)`. All end with the test."""
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    boxes: list[Box] = []

    def begin(limits: Limits | None = None, settings: JailSettings | None = None, **options: Any) -> Box:
        box = Box(settings or JailSettings(), limits or Limits(), options)
        boxes.append(box)
        return box

    yield begin
    for box in boxes:
        box.close()


@pytest.fixture(scope="session", autouse=True)
def _no_warm_parent_left() -> Iterator[None]:
    yield
    close_all()
