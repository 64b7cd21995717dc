"""Runs in the student's kernel: prepares it for grading, and writes down what a question's answer does."""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import os
import sys
import warnings
from typing import Any

import torch
from ps8.probes import PROBES, Evidence
from safetensors.numpy import save
from torch.overrides import TorchFunctionMode

TIMED_OUT = "time-out"


class CudaOnCpu(TorchFunctionMode):
    """Sends what asks for a GPU to the CPU instead, on a machine that has none."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.Tensor.cuda:
            return args[0]
        args = tuple(_cpu(value) for value in args)
        kwargs = {name: _cpu(value) for name, value in kwargs.items()}
        return func(*args, **kwargs)


def _cpu(value: Any) -> Any:
    if (isinstance(value, torch.device) and value.type == "cuda") or (isinstance(value, str) and value.split(":")[0] == "cuda"):
        return "cpu"
    return value


def prepare(cuda: bool) -> None:
    """Makes a kernel fit for grading: quiet warnings, no questions asked, no shell, and no GPU needed.

    Args:
        cuda: whether the hand-in speaks of CUDA at all; only then its calls are looked through.
    """
    warnings.filterwarnings("ignore")
    builtins.input = lambda prompt="": ""
    if cuda and not torch.cuda.is_available():
        CudaOnCpu().__enter__()
        torch.cuda.synchronize = lambda device=None: None
        torch.cuda.empty_cache = lambda: None
        load = torch.load
        torch.load = lambda *args, **kwargs: load(*args, **{**kwargs, "map_location": "cpu"})
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.system = lambda command: print(f"(not run while grading: {command})")


def collect(question: str, seed: int, path: str) -> None:
    """Probes a question's answer in `__main__` and writes the evidence to a file.

    Args:
        question: one of `ps8.probes.PROBES`.
        seed: what the inputs follow from.
        path: where to write; replaced as a whole, so that a reader never sees half of it.
    """
    evidence = Evidence()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            evidence = PROBES[question](sys.modules["__main__"].__dict__, seed)
    except KeyboardInterrupt:
        evidence.errors[TIMED_OUT] = TIMED_OUT
    finally:
        write(evidence, path)


def write(evidence: Evidence, path: str) -> None:
    """Writes evidence as safetensors: plain arrays and a JSON of the errors, nothing that runs when read."""
    blob = save(evidence.arrays, metadata={"errors": json.dumps(evidence.errors)})
    with open(f"{path}.part", "wb") as file:
        file.write(blob)
    os.replace(f"{path}.part", path)
