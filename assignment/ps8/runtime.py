"""Where and how the code runs: the device, the seeds, the profile.

Nothing else in the kit decides a device, so a notebook runs unchanged on a GPU, on a CPU and in the grader.
"""

from __future__ import annotations

import ctypes
import functools
import os
import random
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, cast, get_args

import numpy as np
import torch
from torch import nn

Profile = Literal["full", "quick", "grade"]

PROFILES: Final[tuple[str, ...]] = get_args(Profile)
PROFILE_VARIABLE: Final = "PS8_PROFILE"
NBGRADER_VARIABLE: Final = "NBGRADER_EXECUTION"  # nbgrader sets it while it autogrades or validates a notebook

# The kinds of GPU that PyTorch trains on, in the order in which they are tried.
GPUS: Final[dict[str, Callable[[], bool]]] = {
    "cuda": lambda: torch.cuda.is_available(),
    "mps": lambda: torch.backends.mps.is_available(),
}
NO_GPU = (
    "No GPU: everything runs on the CPU, correctly but more slowly. "
    "On Colab: Runtime > Change runtime type > GPU, then run the notebook from the top."
)

# Names of the C library's settings, from its malloc.h, and what they are set to, in bytes.
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
KEPT_BLOCK: Final = 256 << 20  # each tensor of a step is smaller; a data set is larger, and its memory is given back
KEPT_BLOCK_OLD: Final = 32 << 20  # the most that glibc takes before version 2.35
KEPT_IN_ALL: Final = 1 << 30

_said: set[str] = set()
_seed: list[int] = []  # the last that was set
# By whose they are: a generator itself takes no weak reference before PyTorch 2.4.
_own_generators: weakref.WeakKeyDictionary[object, torch.Generator] = weakref.WeakKeyDictionary()


def say_once(message: str) -> None:
    """Print `message` once a process: in a notebook among its output, since stderr is red there like a failure."""
    if message not in _said:
        _said.add(message)
        print(message, file=sys.stdout if in_a_notebook() else sys.stderr)


def in_a_notebook() -> bool:
    """Whether this is a kernel's process. That IPython is imported tells nothing."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")


def plain_bar(**options: Any) -> Any:
    """A bar of tqdm's, as text: of a widget, a notebook that is opened later shows a broken picture; stderr is red."""
    from tqdm import tqdm

    return tqdm(file=sys.stdout if in_a_notebook() else sys.stderr, **options)


@contextmanager
def one_thread() -> Iterator[None]:
    """For a while, one thread of torch's: with tensors as small as a probe's, more of them only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def get_device() -> torch.device:
    """The device to train on: a GPU of Nvidia's or Apple's that works, else the CPU, said once. It is made ready, too.

    Returns:
        `torch.device("cuda")`, `torch.device("mps")` or `torch.device("cpu")`.
    """
    there = [name for name, is_there in GPUS.items() if is_there()]
    for name in there:
        why = _fault_of(name)
        if not why:
            return torch.device(name)
        say_once(f"A GPU is there ({name}), but a trial step on it fails, so everything runs on the CPU. {why}")
    if not there and not is_grading():
        say_once(NO_GPU)
    keep_memory()
    return torch.device("cpu")


@functools.cache
def _fault_of(name: str) -> str:
    """Why a device cannot train, in PyTorch's words; empty if it can: tried by a step with all that the trainings need."""
    device = torch.device(name)
    try:
        with torch.random.fork_rng(devices=[]):
            _trial_step(device)
    except (RuntimeError, AssertionError, TypeError) as error:  # NotImplementedError, for a missing kernel, is a RuntimeError
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
    return ""


def _trial_step(device: torch.device) -> None:
    """A step of convolutions, a memory bank and Adam: fails where a driver, a build of PyTorch or a kernel does not fit."""
    images = torch.ones(2, 3, 8, 8).to(device, memory_format=torch.channels_last)
    layer = nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Flatten()).to(device)
    bank, rows = torch.ones(5, 192, device=device), torch.randint(5, (2,), device=device)
    optimizer = torch.optim.Adam(layer.parameters())
    features = nn.functional.normalize(layer(images), dim=1)
    nn.functional.cross_entropy(features @ bank.T, rows).backward()
    optimizer.step()
    bank[rows] = features.detach()
    if not bool(torch.isfinite(bank).all().cpu()):
        raise RuntimeError("its numbers are not finite")


@functools.cache
def keep_memory() -> bool:
    """Let the C library keep the memory of one training step for the next, up to a gigabyte.

    By itself glibc returns large blocks to the system as soon as they are free, and gets them back for the next step page by
    page, each filled with zeros. On a CPU that takes a good part of a step.

    Returns:
        Whether it will be kept: not where the C library has no such settings (macOS, Windows), where nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    larger = mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK) or mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_OLD)
    return bool(larger and mallopt(M_TRIM_THRESHOLD, KEPT_IN_ALL))


def own_generator(owner: object, seed: int) -> torch.Generator:
    """A generator for what is to be drawn in the same order whatever else draws; `seed_everything` sets it to its start.

    Args:
        owner: who draws with it, and no other does: for as long as it lives, the generator is set.
        seed: of its start.
    """
    generator = torch.Generator().manual_seed(seed)
    _own_generators[owner] = generator
    return generator


def seed_everything(seed: int = 42) -> None:
    """Seed Python's `random`, NumPy, and torch on the CPU and on every GPU; the kit's loaders begin their order anew.

    So a cell that begins with it gives the same numbers however often, and after whatever else, it is run.

    Args:
        seed: an integer in [0, 2**32), the range that NumPy takes.

    Raises:
        ValueError: if the seed is outside that range.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"The seed must be an integer in [0, 2**32), not {seed}.")
    _seed[:] = [seed]
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)  # queued until CUDA starts; does nothing without it
    for generator in list(_own_generators.values()):
        generator.manual_seed(generator.initial_seed())


def current_seed() -> int | None:
    """The seed that `seed_everything` was given last; None if it was not called."""
    return _seed[0] if _seed else None


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
