"""TEMPORARY until autograder.jail lands."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from autograder.paths import DATA


@dataclass(frozen=True)
class Limits:
    seconds_per_cell: float = 10
    seconds_per_notebook: float = 120
    output_bytes: int = 2**20


@dataclass
class Kernel:
    manager: Any
    exchange: Path

    def inside(self, name: str) -> str:
        return str(self.exchange / name)


@asynccontextmanager
async def start_kernel(exchange: Path, limits: Limits, files: Mapping[str, bytes]) -> AsyncIterator[Kernel]:
    manager = AsyncKernelManager(kernel_name="python3")
    env = {**os.environ, "PS8_PROFILE": "grade", "MPLBACKEND": "Agg", "PS8_DATA": str(DATA)}
    work = tempfile.mkdtemp()
    await manager.start_kernel(cwd=work, env=env, extra_arguments=["--HistoryManager.hist_file=:memory:"])
    try:
        yield Kernel(manager, exchange)
    finally:
        await manager.shutdown_kernel(now=True)
        shutil.rmtree(work)
