"""How an answer is tried: as in a fresh session, alone, on the CPU, with the course's settings; all is left as it was."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from ps8.checks.running import SEED
from ps8.modes import fresh_modes, seeded
from ps8.probes import Namespace
from ps8.probes.tools import stand_in
from ps8.runtime import one_thread
from ps8.settings import settings
from ps8.training_doctor import quiet

__all__ = ["fresh_modes", "tried_alone"]  # the first for who replaces it, as a rehearsal does


@contextmanager
def tried_alone(namespace: Namespace, trains: bool = False) -> Iterator[list[str]]:
    """While it is open, an answer can be called as the check and the grader call it.

    Args:
        namespace: where it is defined; restored afterwards.
        trains: whether it is a training function.

    Yields:
        What was left switched in this session and does not count here, as a cell would have written it.
    """
    # A class alone is tried on the CPU, whatever the session's device; a training function takes its models where it trains.
    here: dict[str, Any] = {} if trains else {"device": torch.device("cpu")}
    if "cfg" in namespace:
        here["cfg"] = settings()  # as the grader has it: what was tried with other settings is judged with the course's
    with (
        one_thread(),
        quiet(),
        stand_in(namespace, **here),
        seeded(SEED),
        warnings.catch_warnings(),
        fresh_modes() as left,
    ):
        warnings.simplefilter("ignore")  # what they would say, a finding says better
        yield left
