"""A notebook that asks for a GPU by name, on a machine that has none, runs on the CPU: in the grader and in a dry run."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class CudaOnCpu(TorchFunctionMode):
    """Sends what asks for a GPU to the CPU instead."""

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


def cuda_on_cpu() -> CudaOnCpu | None:
    """From now on in this process, a GPU that is asked for is the CPU, if there is none; then, the mode that sees to it."""
    if torch.cuda.is_available():
        return None
    mode = CudaOnCpu()
    mode.__enter__()  # type: ignore[no-untyped-call]
    torch.cuda.synchronize = lambda device=None: None
    torch.cuda.empty_cache = lambda: None
    load = torch.load
    torch.load = lambda *args, **kwargs: load(*args, **{**kwargs, "map_location": "cpu"})
    return mode
