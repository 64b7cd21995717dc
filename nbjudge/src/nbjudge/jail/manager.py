"""A kernel manager whose kernels are jailed, for nbclient and everything above it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from nbjudge.jail.exchange import Exchange
from nbjudge.jail.kernel_client import JailKernelClient
from nbjudge.jail.policy import JailSettings, Limits
from nbjudge.jail.provisioner import WORK, JailProvisioner


class JailKernelManager(AsyncKernelManager):
    """Starts one jailed kernel at a time. Set the attributes before it starts, or use `kernel_manager_class`.

    Attributes:
        limits: the bounds.
        settings: what the jails of this grader have in common; None for plain ones.
        files: files to put into the working directory, contents by name, with / between the parts of one.
        folder: name of the working directory below the student's home.
        extra_env: environment variables of this kernel.
    """

    limits: Limits = Limits()
    settings: JailSettings | None = None
    files: Mapping[str, bytes] = {}
    folder: str = WORK
    extra_env: Mapping[str, str] = {}

    client_factory = JailKernelClient

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("kernel_name", None)  # a notebook's kernel spec is a student's to write
        super().__init__(transport="ipc", **kwargs)
        self._kernel_spec = KernelSpec(
            argv=["nbjudge-jail"],
            display_name="Python, jailed",
            language="python",
            interrupt_mode="signal",
            metadata={"kernel_provisioner": {"provisioner_name": "nbjudge-jail"}},
        )

    @property
    def kernel_spec(self) -> KernelSpec | None:
        return self._kernel_spec

    @property
    def ipykernel(self) -> bool:
        return False  # the warm parent has chosen the kernel's arguments already

    @property
    def jail(self) -> JailProvisioner:
        """The provisioner, made when first asked for."""
        if self.provisioner is None:
            self.provisioner = JailProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        assert isinstance(self.provisioner, JailProvisioner)
        return self.provisioner

    @property
    def exchange(self) -> Exchange:
        """The challenge and evidence folders; readable after the kernel's end too, until `release()`."""
        return self.jail.exchange

    @property
    def cause_of_death(self) -> str | None:
        """Why the kernel ended without being told to, in words for the feedback; None if it did not."""
        return self.jail.cause or (self.jail.kernel.cause if self.jail.kernel else None)

    def release(self) -> None:
        """End the kernel and give back everything, the evidence too."""
        self.jail.release()

    def __del__(self) -> None:
        if isinstance(getattr(self, "provisioner", None), JailProvisioner):
            self.release()
        super().__del__()

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        jail = self.jail
        jail.limits, jail.settings = self.limits, self.settings
        jail.files, jail.folder, jail.extra_env = self.files, self.folder, self.extra_env
        return await super()._async_pre_start_kernel(**kw)

    def _reconcile_connection_info(self, info: Any) -> None:
        self.cleanup_random_ports()
        self.load_connection_info(info)

    async def _async_shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        # Asking politely would wait for code that may refuse.
        self.shutting_down = True
        await self.jail.kill(restart)
        await self._async_cleanup_resources(restart=restart)

    shutdown_kernel = _async_shutdown_kernel

    def cleanup_connection_file(self) -> None:
        """There is none on disk."""

    def begin_cell(self, cpu_seconds: float) -> None:
        """Bound the CPU of the next cell: when it is used up, a wait for a reply ends early, with `Empty`."""
        self.jail.begin_cell(cpu_seconds)

    async def stop_cell(self, client: JailKernelClient, msg_id: str | None = None, grace: float = 3.0) -> dict[str, Any] | None:
        """Interrupt a cell; end the kernel if it does not give in, so that the next cell does not wait for this one.

        Args:
            client: the client that asked for the cell.
            msg_id: the request to wait for; None for whichever cell is running.
            grace: seconds it has.

        Returns:
            The cell's reply if it stopped within `grace` seconds (the kernel goes on), else None: the kernel is dead.
        """
        deadline = time.monotonic() + grace
        while (left := deadline - time.monotonic()) > 0 and await self.jail.poll() is None:
            await self.jail.send_signal(2)  # again and again: a loop may catch one
            reply = await client.reply_to(msg_id, min(left, grace / 3))
            if reply is not None:
                return reply
        if await self.jail.poll() is None:
            self.jail.cause = "stopped by the grader: the cell ran over its time and did not answer an interrupt"
        await self.jail.kill()
        return None


def kernel_manager_class(
    *,
    limits: Limits | None = None,
    settings: JailSettings | None = None,
    files: Mapping[str, bytes] | None = None,
    folder: str = WORK,
    env: Mapping[str, str] | None = None,
) -> type[JailKernelManager]:
    """A kernel manager class with everything set, for tools that make the manager themselves."""
    chosen = {
        "limits": limits or Limits(),
        "settings": settings,
        "files": dict(files or {}),
        "folder": folder,
        "extra_env": dict(env or {}),
    }
    return type("JailKernelManager", (JailKernelManager,), chosen)
