"""Where and how the code runs: the device, the seeds, the profile.

Nothing else in the kit decides a device, so a notebook runs unchanged on a GPU, on a CPU and in the grader.
"""

from __future__ import annotations

import os
import random
import sys
from typing import Final, Literal, cast, get_args

import numpy as np
import torch

Profile = Literal["full", "quick", "grade"]

PROFILES: Final[tuple[str, ...]] = get_args(Profile)
PROFILE_VARIABLE: Final = "PS8_PROFILE"
NBGRADER_VARIABLE: Final = "NBGRADER_EXECUTION"  # nbgrader sets it while it autogrades or validates a notebook

NO_GPU = (
    "No GPU: everything runs on the CPU, correctly but more slowly. "
    "On Colab: Runtime > Change runtime type > GPU, then run the notebook from the top."
)

_said: set[str] = set()


def say_once(message: str) -> None:
    """Print `message` on stderr, once a process."""
    if message not in _said:
        _said.add(message)
        print(message, file=sys.stderr)


def get_device() -> torch.device:
    """The device to train on: the GPU if CUDA sees one, else the CPU, said once.

    Returns:
        `torch.device("cuda")` or `torch.device("cpu")`.
    """
    if torch.cuda.is_available():
        return torch.device("cuda")
    if not is_grading():
        say_once(NO_GPU)
    return torch.device("cpu")


def seed_everything(seed: int = 42) -> None:
    """Seed Python's `random`, NumPy, and torch on the CPU and on every GPU.

    Args:
        seed: an integer in [0, 2**32), the range that NumPy takes.

    Raises:
        ValueError: if the seed is outside that range.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"The seed must be an integer in [0, 2**32), not {seed}.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)  # queued until CUDA starts; does nothing without it


def profile() -> Profile:
    """How much to compute: `full` (the assignment), `quick` (a small sample) or `grade` (a few steps).

    Read from the environment variable PS8_PROFILE at each call; `full` when it is unset or empty. Whatever it says, a notebook
    that nbgrader runs is being graded.

    Raises:
        ValueError: on any other value.
    """
    if os.environ.get(NBGRADER_VARIABLE):
        return "grade"
    value = os.environ.get(PROFILE_VARIABLE, "").strip() or "full"
    if value not in PROFILES:
        raise ValueError(
            f"{PROFILE_VARIABLE} is {value!r}, expected one of: {', '.join(PROFILES)}. Unset it to get the full assignment."
        )
    return cast("Profile", value)


def is_grading() -> bool:
    """Whether the notebook is being graded: nothing is drawn, and training stops after a few steps."""
    return profile() == "grade"
