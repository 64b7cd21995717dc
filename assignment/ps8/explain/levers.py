"""Changes from outside, which fit every way of writing an answer, and what is measured of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from ps8.explain.item import Ran
from ps8.probes.tools import Numbers, parameter_vector, weights

NEAR = 1e-4


def made(module: nn.Module, x: Tensor, numbers: Numbers) -> nn.Module:
    """A module on the CPU, in eval mode, with its lazy layers made and weights that follow from their shapes."""
    module = module.cpu().eval()
    with torch.no_grad():
        module(x)
        for parameter in module.parameters():
            parameter.copy_(weights(tuple(parameter.shape), numbers))
    return module


@torch.no_grad()
def set_biases(module: nn.Module, value: float, length: int = 0) -> None:
    """Gives every bias this value; with a length, those that are so long."""
    for parameter in module.parameters():
        if parameter.dim() == 1 and length in (0, len(parameter)):
            parameter.fill_(value)


@torch.no_grad()
def set_weights(module: nn.Module, value: float) -> None:
    """Gives every weight of a layer, but no bias, this value."""
    for parameter in module.parameters():
        if parameter.dim() > 1:
            parameter.fill_(value)


def factor(after: Tensor, before: Tensor) -> float | None:
    """The one factor between two tensors; None if there is none."""
    after, before = after.detach().double().cpu().flatten(), before.detach().double().cpu().flatten()
    ratio = float((after * before).sum() / (before * before).sum().clamp_min(1e-30))
    return ratio if torch.allclose(after, ratio * before, atol=NEAR * float(after.abs().max())) else None


def effect_of_factor(after: Tensor, before: Tensor, factors: Mapping[str, float], otherwise: str) -> str:
    """Which of some factors lies between two tensors; `otherwise` if none does."""
    found = factor(after, before)
    names = [name for name, value in factors.items() if found is not None and abs(found - value) <= 1e-2 * abs(value)]
    return names[0] if len(names) == 1 else otherwise


def span(x: Tensor) -> str:
    """From the smallest to the largest number of a tensor, in words."""
    return f"{float(x.detach().min()):.4g} to {float(x.detach().max()):.4g}"


def scaled_gradient(tensor: Tensor, by: float) -> None:
    """Whatever gradient comes back to this tensor goes on this many times as large."""
    if tensor.requires_grad:
        tensor.register_hook(lambda gradient: by * gradient)


def cut_behind(module: nn.Module) -> None:
    """No gradient (zeros in its place) gets back through a module's output."""

    def cut(_: nn.Module, __: Any, output: Tensor) -> None:
        scaled_gradient(output, 0.0)

    module.register_forward_hook(cut)


@contextmanager
def at_each_step(**settings: float) -> Iterator[None]:
    """While it is open, every optimizer has these settings at every step, whatever it was made with."""

    def change(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        for group in optimizer.param_groups:
            group.update({name: value for name, value in settings.items() if name in group})

    handle = register_optimizer_step_pre_hook(change)
    try:
        yield
    finally:
        handle.remove()


def moved(parts: Mapping[str, nn.Module], before: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The names of the parts whose parameters are no longer what they were."""
    return tuple(
        name for name, part in parts.items() if not torch.allclose(parameter_vector(part), before[name], rtol=0, atol=1e-7)
    )


def which_moved(parts: Mapping[str, nn.Module], before: Mapping[str, Tensor]) -> Ran:
    """Which of two parts moved: `both`, `neither`, or the name of one."""
    names = moved(parts, before)
    key = "both" if len(names) == 2 else names[0] if names else "neither"
    far = {name: float((parameter_vector(part) - before[name]).abs().max()) for name, part in parts.items()}
    return Ran(key, "; ".join(f"the largest move of a weight of the {name} was {size:.2g}" for name, size in far.items()))
