"""Changes from outside, which fit every way of writing an answer, and what is measured of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from ps8.explain.item import Ran
from ps8.probes import Namespace
from ps8.probes.tools import Numbers, state, weights

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


class Grey(nn.Module):
    """A model of two parts, `encoder` and `decoder`, that paints every pixel in one grey, whatever it sees and learns."""

    def __init__(self, grey: float) -> None:
        super().__init__()
        self.encoder = nn.Conv2d(3, 2, kernel_size=1)
        self.decoder = _Paint(grey)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class _Paint(nn.Module):
    def __init__(self, grey: float) -> None:
        super().__init__()
        self.grey, self.layer = grey, nn.Conv2d(2, 3, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.grey + 0 * self.layer(x)


class NoFeatures(nn.Module):
    """An encoder whose units are all dead: zeros, (3, 64, 64) -> (3, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, kernel_size=32, stride=32)

    def forward(self, x: Tensor) -> Tensor:
        return 0 * self.layer(x)


class Squares(nn.Module):
    """Stands in for an `Encoder`: 24 numbers for each of the image's 4x4 squares of 16x16 pixels."""

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.layer = nn.Conv2d(in_channels, 24, kernel_size=16, stride=16)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.layer(x))


class Constant(nn.Module):
    """A criterion that is always the same number, whatever the scores are."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return self.value + 0 * x.sum()


class AtRest(nn.Module):
    """Stands in for a `CMCScore` whose scores never change: the positive's is `lead`, the K others' are 0."""

    def __init__(self, K: int, lead: float) -> None:
        super().__init__()
        self.K, self.lead = K, lead

    def forward(self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        scores = torch.zeros(len(y), self.K + 1, 1, device=l.device)
        scores[:, 0] = self.lead
        return scores + 0 * l.sum(), scores + 0 * ab.sum()


def moved(parts: Mapping[str, nn.Module], before: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The names of the parts whose parameters are no longer what they were."""
    return tuple(name for name, part in parts.items() if not torch.allclose(state(part), before[name], rtol=0, atol=1e-7))


def which_moved(parts: Mapping[str, nn.Module], before: Mapping[str, Tensor]) -> Ran:
    """Which of two parts moved: `both`, `neither`, or the name of one."""
    names = moved(parts, before)
    key = "both" if len(names) == 2 else names[0] if names else "neither"
    far = {name: float((state(part) - before[name]).abs().max()) for name, part in parts.items()}
    return Ran(key, "; ".join(f"the largest move of a weight of the {name} was {size:.2g}" for name, size in far.items()))


def scorer(namespace: Namespace, numbers: Numbers, N: int, K: int, d: int = 16, T: float = 0.25, m: float = 0.5) -> Any:
    """The student's `CMCScore` with rows of length 1 in its banks."""
    contrast = namespace["CMCScore"](d, N, K, T=T, momentum=m).cpu()
    with torch.no_grad():
        for name in ("memory_l", "memory_ab"):
            getattr(contrast, name).copy_(unit(numbers.normal(name, N, d)))
    return contrast


def unit(x: Tensor) -> Tensor:
    """Rows of length 1."""
    return x / x.norm(dim=-1, keepdim=True)


def rows_for(numbers: Numbers, N: int, K: int, batch: int = 4) -> tuple[Tensor, Tensor]:
    """Different images' numbers y, and for each the rows idx to score against: y, then K of others."""
    y = numbers.permutation("y", N)[:batch]
    others = (y[:, None] + 1 + numbers.integers("idx", N - 1, batch, K)) % N
    return y, torch.cat([y[:, None], others], dim=1)
