"""How long jails take to start, on this machine: `python -m nbjudge.jail.startup_time`."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import time
from collections.abc import Callable

from nbjudge.jail import bubblewrap
from nbjudge.jail.kernel_client import JailKernelClient
from nbjudge.jail.manager import JailKernelManager
from nbjudge.jail.policy import JailSettings
from nbjudge.jail.zygote_host import close_all, shared

_FIRST = "6 * 7"


async def first_reply(settings: JailSettings, code: str = _FIRST) -> dict[str, float]:
    """Seconds from asking for a kernel to its launch, to the reply to a first cell, and to its end."""
    manager = JailKernelManager()
    manager.settings = settings
    began = time.perf_counter()
    await manager._async_start_kernel()
    launched = time.perf_counter()
    client = manager.client()
    assert isinstance(client, JailKernelClient)
    client.start_channels()
    await client.wait_for_ready(60)
    ready = time.perf_counter()
    reply = await client.reply_to(client.execute(code), 60)
    assert reply is not None and reply["content"]["status"] == "ok", reply
    replied = time.perf_counter()
    client.stop_channels()
    await manager._async_shutdown_kernel(now=True)
    manager.release()
    ended = time.perf_counter()
    return {
        "launch": launched - began,
        "connect": ready - launched,
        "cell": replied - ready,
        "reply": replied - began,
        "end": ended - replied,
    }


def bubblewrap_alone() -> float:
    """Seconds for bubblewrap to start and end a program that does nothing."""
    began = time.perf_counter()
    argv = [bubblewrap.find_bubblewrap() or "bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    subprocess.run([*argv, "/bin/true"], check=True, timeout=30)
    return time.perf_counter() - began


def measure(times: int = 10) -> dict[str, dict[str, float] | float]:
    """Medians (and the best reply) over `times` warm and three cold starts."""
    warm, cold = JailSettings(), JailSettings(warm=False)
    shared(warm).ensure()
    result: dict[str, dict[str, float] | float] = {"bubblewrap": _median(bubblewrap_alone, times)}
    result["imports"] = float(shared(warm).report["seconds"])
    for name, settings, repeats in (("warm", warm, times), ("cold", cold, 3)):
        rows = [asyncio.run(first_reply(settings)) for _ in range(repeats + 1)][1:]
        result[name] = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        result[f"{name} best"] = min(row["reply"] for row in rows)
    close_all()
    return result


def _median(call: Callable[[], float], times: int) -> float:
    return statistics.median(call() for _ in range(times))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
