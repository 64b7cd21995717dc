"""Weights files to arrays: `torch.load` runs in a jail of its own, what comes back are plain numbers."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jupyter_core.utils import run_sync
from nbjudge.evidence import BadEvidence as BadArrays
from nbjudge.gather.evidence_file import MAX_FILE, parse_evidence
from nbjudge.gather.notebook_run import GRADING
from nbjudge.jail import BadEvidenceFile, JailKernelManager, JailSettings, Limits, kernel_manager_class
from nbjudge.jail.kernel_client import JailKernelClient
from nbjudge.jail.policy import MiB
from ps8.probes.evidence import MAX_BYTES

from autograder.artifacts.container import WeightsRefused, check_container
from autograder.artifacts.safetensors_weights import arrays, is_safetensors
from autograder.kernel_setup import ps8_settings

LIMITS = Limits(
    seconds_per_cell=60,  # on a busy machine; a second is enough on an idle one
    seconds_per_notebook=120,
    cpu_seconds=20,
    memory_bytes=1024 * MiB,
    processes=32,
    written_bytes=64 * MiB,
    evidence_bytes=8 * (MAX_BYTES + MiB),  # of eight files
    output_bytes=MiB,
    message_bytes=MiB,
)
MAX_JAILS = 3
CALL = "__import__('autograder.collector.weights', fromlist=['unpack']).unpack({files!r})"


@dataclass
class Unpacked:
    """One submission's weights.

    Attributes:
        states: file -> name of a tensor -> array, in the order of the file.
        problems: file -> why there is no state; goes on after the file's name.
    """

    states: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def unpack_in_jail(weights: Mapping[str, bytes], settings: JailSettings | None = None, limits: Limits = LIMITS) -> Unpacked:
    """Unpacks weights files, whatever is in them.

    Args:
        weights: plain file name -> bytes.
        settings: what the jails of this grader have in common; None for those of PS8.
        limits: bounds of the jail.

    Raises:
        JailUnavailable: if this machine cannot jail, and nobody agreed to go without.
    """
    unpacked, pending = Unpacked(), {}
    for name, data in weights.items():
        try:
            if is_safetensors(data):
                unpacked.states[name] = arrays(data)
                continue
            check_container(data)
        except WeightsRefused as refused:
            unpacked.problems[name] = str(refused)
        else:
            pending[name] = data
    for _ in range(MAX_JAILS):  # a file that ends its jail is the first without arrays; the others are tried again without it
        if not pending:
            break
        cause = run_sync(_in_a_jail)(pending, unpacked, settings or ps8_settings(), limits)
        pending = {
            name: data for name, data in pending.items() if name not in unpacked.states.keys() | unpacked.problems.keys()
        }
        if pending:
            culprit = next(iter(pending))
            unpacked.problems[culprit] = f"could not be unpacked: {cause}"
            del pending[culprit]
    unpacked.problems.update(dict.fromkeys(pending, f"was not tried: {MAX_JAILS} others ended the jails they were unpacked in"))
    return unpacked


async def _in_a_jail(pending: Mapping[str, bytes], unpacked: Unpacked, settings: JailSettings, limits: Limits) -> str:
    """Has the files unpacked one after the other; returns why it ended before the last."""
    manager = kernel_manager_class(limits=limits, settings=settings, files=pending, env=GRADING)()
    try:
        await manager.start_kernel()
        exchange = manager.exchange
        places = {name: f"{number}.safetensors" for number, name in enumerate(pending)}
        inside = {name: f"{exchange.inside_evidence}/{place}" for name, place in places.items()}
        finished = await _execute(manager, CALL.format(files=inside), limits.seconds_per_cell)
        for name, place in places.items():
            try:
                blob = exchange.take(place, MAX_FILE)
                if blob is not None:
                    _read(name, blob, unpacked)
            except (BadEvidenceFile, BadArrays) as error:
                unpacked.problems[name] = f"could not be unpacked: {error}"
        return manager.cause_of_death or ("nothing came of it" if finished else "it took too long")
    finally:
        await manager.shutdown_kernel(now=True)
        manager.release()


async def _execute(manager: JailKernelManager, code: str, seconds: float) -> bool:
    """Runs code in the kernel; whether it came to its end."""
    client = manager.client()
    assert isinstance(client, JailKernelClient)
    client.start_channels()
    try:
        await client.wait_for_ready(seconds)
        deadline, message = time.monotonic() + seconds, client.execute(code, store_history=False)
        while time.monotonic() < deadline:
            if await client.reply_to(message, 0.2) is not None:
                return True
            if not await manager.is_alive():
                return False
        return False
    finally:
        client.stop_channels()


def _read(name: str, blob: bytes, unpacked: Unpacked) -> None:
    """Takes over what was written of one file."""
    evidence = parse_evidence(blob)
    if "file" in evidence.errors:
        unpacked.problems[name] = f"could not be unpacked: {_reason(evidence.errors['file'])}"
        return
    ordered = sorted(evidence.arrays.items())  # by the number in front
    unpacked.states[name] = {label.partition(" ")[2]: array for label, array in ordered}


def _reason(error: str) -> str:
    """What the unpickler said, in words that help; its own text tells how to switch its protection off."""
    kind, _, message = error.partition(": ")
    if kind.startswith("UnpicklingError"):
        return "it holds more than tensors. Save the model's state_dict(), as `keep` does, and not the model"
    if kind.startswith("BadEvidence"):
        return re.sub(r"^\d{3} ", "", message)  # the number in front of a layer's name
    return f"torch.load ends with {kind}. Is the file whole?"
