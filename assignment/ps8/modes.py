"""The modes of PyTorch and NumPy that a cell can switch and leave so: no gradients, another default dtype, a hook everywhere.

What was left switched decides how any later code does. A check or a grader that judges one answer sets them all as a fresh
session has them, for as long as it takes, and says which were left over.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.modules import module as _modules
from torch.optim import optimizer as _optimizers
from torch.overrides import _get_current_function_mode_stack
from torch.overrides import _pop_mode as _pop_function_mode
from torch.overrides import _push_mode as _push_function_mode
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack
from torch.utils._python_dispatch import _pop_mode as _pop_dispatch_mode
from torch.utils._python_dispatch import _push_mode as _push_dispatch_mode


@dataclass(frozen=True)
class Mode:
    """One switch.

    Attributes:
        words: how a cell sets it, with {} for the value.
        get: reads it.
        set: sets it to what `get` gave.
        fresh: what a fresh session has.
    """

    words: str
    get: Callable[[], Any]
    set: Callable[[Any], Any]
    fresh: Any


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _set_deterministic(value: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(value[0], warn_only=value[1])


_ANY_DEVICE = hasattr(torch, "get_autocast_dtype")  # since 2.4; what was there before is deprecated


def _autocast() -> bool:
    return torch.is_autocast_enabled("cpu") if _ANY_DEVICE else torch.is_autocast_cpu_enabled()


def _set_autocast(value: bool) -> None:
    torch.set_autocast_enabled("cpu", value) if _ANY_DEVICE else torch.set_autocast_cpu_enabled(value)


def _flushes() -> bool:
    """Whether numbers too small for a normal float count as zero: nothing in PyTorch tells."""
    return float(np.finfo(np.float64).tiny) * 0.5 == 0.0


MODES = (
    Mode("torch.set_grad_enabled({})", torch.is_grad_enabled, torch.set_grad_enabled, True),
    Mode("torch.set_default_dtype({})", torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    Mode("torch.set_float32_matmul_precision('{}')", torch.get_float32_matmul_precision, torch.set_float32_matmul_precision,
         "highest"),
    Mode("torch.use_deterministic_algorithms{}", _deterministic, _set_deterministic, (False, False)),
    Mode("torch.autograd.set_detect_anomaly({})", torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly, False),
    Mode("torch.autocast('cpu', enabled={})", _autocast, _set_autocast, False),
    Mode("torch.set_flush_denormal({})", _flushes, torch.set_flush_denormal, False),
    Mode("torch.backends.mkldnn.enabled = {}", torch._C._get_mkldnn_enabled, torch._C._set_mkldnn_enabled, True),
    Mode("np.seterr(**{})", np.geterr, lambda value: np.seterr(**value),
         {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}),
)  # fmt: skip
_HOOKS: tuple[MutableMapping[Any, Any], ...] = tuple(
    table
    for where in (_modules, _optimizers)
    for name, table in vars(where).items()
    if name.startswith("_global_") and isinstance(table, MutableMapping)
)


@contextmanager
def fresh_modes(keep: tuple[Any, ...] = ()) -> Iterator[list[str]]:
    """For a while, every mode as a fresh session has it; then as before.

    Args:
        keep: modes of `torch.overrides` that stay: the grader's own.

    Yields:
        What was left over, as a cell would have written it.
    """
    left: list[str] = []
    with ExitStack() as undo:
        for mode in MODES:
            value = mode.get()
            if value != mode.fresh:
                left.append(mode.words.format(value))
                undo.callback(mode.set, value)
                mode.set(mode.fresh)
        if torch.is_inference_mode_enabled():
            left.append("torch.inference_mode()")
            undo.enter_context(torch.inference_mode(False))
        left += _without_stack(undo, _get_current_function_mode_stack, _pop_function_mode, _push_function_mode, keep)
        left += _without_stack(undo, _get_current_dispatch_mode_stack, _pop_dispatch_mode, _push_dispatch_mode)
        left += _without_saved_tensor_hooks(undo)
        for table in _HOOKS:
            if table:
                left.append("a hook on every module or optimizer")
                undo.callback(table.update, dict(table))
                table.clear()
                undo.callback(table.clear)
        yield list(dict.fromkeys(left))


def _without_stack(
    undo: ExitStack,
    stack: Callable[[], list[Any]],
    pop: Callable[[], Any],
    push: Callable[[Any], None],
    keep: tuple[Any, ...] = (),
) -> list[str]:
    """Takes modes that were entered and never left off a stack of them."""
    entered = list(stack())
    over = [mode for mode in entered if not any(mode is kept for kept in keep)]
    if not over:
        return []
    _replace_stack(len(entered), [mode for mode in entered if any(mode is kept for kept in keep)], pop, push)
    undo.callback(_replace_stack, len(entered) - len(over), entered, pop, push)
    return [_named(mode) for mode in over]


def _replace_stack(depth: int, modes: list[Any], pop: Callable[[], Any], push: Callable[[Any], None]) -> None:
    for _ in range(depth):
        pop()
    for mode in modes:
        push(mode)


def _named(mode: Any) -> str:
    kind = type(mode).__name__
    if kind == "DeviceContext":
        return f"torch.set_default_device('{mode.device}')"
    return f"{kind}(), entered and not left"


def _without_saved_tensor_hooks(undo: ExitStack) -> list[str]:
    """Takes hooks on what is saved for the backward pass away; where PyTorch does not tell of them, they stay."""
    hooks = torch._C._autograd
    taken: list[tuple[Any, Any]] = []
    if not hasattr(hooks, "_top_saved_tensors_default_hooks"):  # before 2.5
        return []
    while (top := hooks._top_saved_tensors_default_hooks(False)) is not None:
        taken.append(top)
        hooks._pop_saved_tensors_default_hooks()
    for pack, unpack in taken:  # the last to be taken is the first to be put back
        undo.callback(hooks._push_saved_tensors_default_hooks, pack, unpack)
    return ["torch.autograd.graph.saved_tensors_hooks()"] if taken else []


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """For a while, the generators of Python, NumPy and PyTorch (on the CPU) as this seed leaves them; then as before."""
    mine, numpys, torchs = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(mine)
        np.random.set_state(numpys)
        torch.set_rng_state(torchs)
