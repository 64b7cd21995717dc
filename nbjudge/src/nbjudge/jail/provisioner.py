"""Jupyter's extension point: a kernel provisioner that starts kernels in the jail."""

from __future__ import annotations

import asyncio
import importlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Unicode

from nbjudge.jail import ending, unjailed
from nbjudge.jail.exchange import Exchange
from nbjudge.jail.held import HeldKernel, KernelFolders
from nbjudge.jail.inside.kernel import CHANNELS
from nbjudge.jail.policy import JailSettings, JailUnavailable, Limits
from nbjudge.jail.requirements import reasons_unavailable
from nbjudge.jail.zygote_host import LAUNCH_SECONDS, shared

WORK = "work"  # name of the working directory


class JailProvisioner(KernelProvisionerBase):
    """Starts, signals and ends one jailed kernel.

    Registered as `nbjudge-jail`, so that a kernel spec with `metadata.kernel_provisioner.provisioner_name = "nbjudge-jail"`
    is jailed by stock Jupyter tools. There `"config": {"settings_from": "mycourse.kernel:settings"}` beside that name says
    which function returns the course's settings. `JailKernelManager` sets the attributes below first.
    """

    settings_from = Unicode(help="`module:function` that returns the settings, for tools that know kernel specs only")

    limits: Limits = Limits()
    settings: JailSettings | None = None
    files: Mapping[str, bytes] = {}
    folder: str = WORK
    extra_env: Mapping[str, str] = {}

    kernel: HeldKernel | unjailed.UnjailedKernel | None = None
    cause: str | None = None
    cells: int = 0  # begun

    # ---- start

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing of the instructor's environment, working directory or command line goes into a jail."""
        return {"cmd": ["nbjudge-jail"], "env": {}}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; returns when its sockets are bound.

        Raises:
            JailUnavailable: if this machine has no jail and nobody opted in to go without.
            RuntimeError: if the kernel did not start.
        """
        ending.check()
        await self._end()
        self.cause = None
        settings = self.settings or self._named_settings()
        key = secrets.token_hex(32)
        problem = await asyncio.to_thread(reasons_unavailable)
        if not problem:
            kernel: HeldKernel | unjailed.UnjailedKernel = await self._jailed(settings, key)
        elif settings.unjailed:
            kernel = await asyncio.to_thread(
                unjailed.launch, settings, self.files, self.folder, key, self.limits, self.extra_env
            )
        else:
            raise JailUnavailable(unjailed.explain(problem))
        self.kernel = kernel
        ending.watch(kernel)
        deadline = asyncio.get_running_loop().time() + LAUNCH_SECONDS
        while kernel.poll() is None and not kernel.ready:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or not await readable(kernel.link, left):
                break
        if not kernel.ready:
            cause = kernel.cause or "no word from it"
            await self._end()
            raise RuntimeError(f"the kernel did not start: {cause}")
        self.connection_info: Any = self._connection(kernel.sockets, key)
        return self.connection_info

    def _named_settings(self) -> JailSettings:
        module, _, function = self.settings_from.partition(":")
        settings = getattr(importlib.import_module(module), function)() if module else JailSettings()
        return settings.with_choices(None)

    async def _jailed(self, settings: JailSettings, key: str) -> HeldKernel:
        zygote = shared(settings)
        for attempt in (1, 2):  # a warm parent that has just died is noticed when it is asked
            ending.check()
            await asyncio.to_thread(zygote.ensure)
            folders = KernelFolders.create(zygote.kernels, self.files)
            try:
                return zygote.launch(folders, folder=self.folder, key=key, limits=self.limits, env=self.extra_env)
            except OSError:
                folders.remove()
                if attempt == 2:
                    raise
                await asyncio.to_thread(zygote.close)
        raise AssertionError("unreachable")

    def _connection(self, sockets: Path, key: str) -> dict[str, Any]:
        ports = {f"{channel}_port": number for number, channel in enumerate(CHANNELS, start=1)}
        return {
            "transport": "ipc",
            "ip": str(sockets / "k"),
            "key": key.encode(),
            "signature_scheme": "hmac-sha256",
            "kernel_name": "nbjudge-jail",
            **ports,
        }

    # ---- what Jupyter asks of a running kernel

    @property
    def exchange(self) -> Exchange:
        """The folders shared with the kernel; they stay readable after its end, until `cleanup`."""
        if self.kernel is None:
            raise RuntimeError("no kernel has been started, so there is nothing to exchange")
        return self.kernel.exchange

    def begin_cell(self, cpu_seconds: float) -> None:
        """Bound the CPU of what runs from now on, until the next cell begins."""
        self.cells += 1
        if self.kernel is not None:
            self.kernel.begin_cell(cpu_seconds)

    def over_cell(self) -> int | None:
        """The number of the cell that was begun last, if it has used up its CPU, else None."""
        if self.kernel is None:
            return None
        self.kernel.poll()
        return self.cells if self.kernel.over_cpu else None

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the kernel has used so far, in steps of a quarter."""
        return self.kernel.cpu if self.kernel is not None else 0.0

    @property
    def has_process(self) -> bool:
        return self.kernel is not None and not self.kernel.ended

    async def poll(self) -> int | None:
        if self.kernel is None:
            return 0
        status = self.kernel.poll()
        if status is not None:
            self.cause = self.cause or self.kernel.cause
        return status

    async def wait(self) -> int | None:
        while (status := await self.poll()) is None:
            await asyncio.sleep(0.02)
        return status

    async def send_signal(self, signum: int) -> None:
        if self.kernel is not None:
            self.kernel.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        if self.kernel is not None and await self.poll() is None:
            if isinstance(self.kernel, HeldKernel) and self.kernel.pidfd is not None:
                self.kernel.begin_to_kill()
                await readable(self.kernel.pidfd, 5.0)
            self.kernel.kill()

    async def terminate(self, restart: bool = False) -> None:
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        await self.kill(restart)

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Short: student code has nothing worth saving, and a polite request may be ignored on purpose."""
        return 0.5

    async def _end(self) -> None:
        if self.kernel is not None:
            self.kernel.close()
            self.kernel = None

    def release(self) -> None:
        """End the kernel and give back its folders, evidence included."""
        if self.kernel is not None:
            self.kernel.close()
            self.kernel = None

    def _finalize_env(self, env: dict[str, str]) -> None:
        env.clear()


async def readable(link: Any, seconds: float) -> bool:
    """Wait until `link` (a socket or a descriptor) has something to read. False when the time is over."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def answer() -> None:
        if not done.done():
            done.set_result(True)

    loop.add_reader(link, answer)
    try:
        return bool(await asyncio.wait_for(done, seconds))
    except asyncio.TimeoutError:
        return False
    finally:
        loop.remove_reader(link)
