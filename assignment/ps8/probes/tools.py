"""What the probes share: numbers from a seed, weights by shape, stand-ins, and a record of the layers that ran."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.overrides import TorchFunctionMode

Namespace = dict[str, Any]


class Numbers:
    """Arrays that follow from a seed and a name alone, so that judge and probe draw the same ones."""

    def __init__(self, seed: int) -> None:
        self._root = hashlib.blake2b(f"{seed} ".encode(), digest_size=16)  # says nothing of the seed to who finds it in a frame

    def generator(self, name: str) -> np.random.Generator:
        state = self._root.copy()
        state.update(name.encode())
        return np.random.Generator(np.random.PCG64(int.from_bytes(state.digest(), "little")))

    def normal(self, name: str, *shape: int) -> Tensor:
        return torch.from_numpy(self.generator(name).standard_normal(shape).astype(np.float32))

    def uniform(self, name: str, *shape: int) -> Tensor:
        return torch.from_numpy(self.generator(name).random(shape, dtype=np.float32))

    def integers(self, name: str, high: int, *shape: int) -> Tensor:
        return torch.from_numpy(self.generator(name).integers(high, size=shape))

    def permutation(self, name: str, n: int) -> Tensor:
        return torch.from_numpy(self.generator(name).permutation(n))

    def number(self, name: str, low: float, high: float) -> float:
        return round(float(low + (high - low) * self.generator(name).random()), 4)


@torch.no_grad()
def fill(module: nn.Module, numbers: Numbers) -> nn.Module:
    """Gives every parameter the values that follow from its shape, whatever its name or its place in the order.

    Two parameters of one shape get the same values: answers that define their layers in another order agree.
    """
    for parameter in module.parameters():
        parameter.copy_(weights(tuple(parameter.shape), numbers))
    return module


def weights(shape: tuple[int, ...], numbers: Numbers) -> Tensor:
    """Values for a parameter: biases around +-0.1, weights of a size that keeps activations near one."""
    values = numbers.normal(f"weight {shape}", *shape)
    if len(shape) < 2:
        return 0.1 * values
    return values * math.sqrt(2 / math.prod(shape[1:]))


def hidden_modules(module: nn.Module) -> list[nn.Module]:
    """Modules kept where nn.Module does not find them: in plain lists, tuples and dicts. They run, and never learn."""
    kept = [value for owner in module.modules() for value in vars(owner).values() if isinstance(value, (list, tuple, dict))]
    members = [m for value in kept for m in (value.values() if isinstance(value, dict) else value)]
    known = set(module.modules())
    return [m for m in members if isinstance(m, nn.Module) and m not in known]


@contextmanager
def stand_in(namespace: Namespace, **replacements: Any) -> Iterator[None]:
    """For a while, other objects under the names of earlier answers: a question is judged on its own."""
    missing = object()
    before = {name: namespace.get(name, missing) for name in replacements}
    namespace.update(replacements)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                namespace.pop(name, None)
            else:
                namespace[name] = value


def setting(namespace: Namespace, name: str, most: int) -> int:
    """A whole number of the notebook's settings, as an answer may have it typed in; at most so large, and 0 if it is none."""
    value = getattr(namespace.get("cfg"), name, 0)
    return min(value, most) if type(value) is int and value > 0 else 0


class LayerRecord(TorchFunctionMode):
    """Notes input, weight shape and output of every call of the given functions, however the layer was written.

    Attributes:
        calls: input, shape of the weight and output of each call.
        kernels: the weight and the bias (or None) of each call.
    """

    def __init__(self, *functions: Callable[..., Any]) -> None:
        super().__init__()
        self.functions = functions
        self.calls: list[tuple[Tensor, tuple[int, ...], Tensor]] = []
        self.kernels: list[tuple[Tensor, Tensor | None]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in self.functions and len(self.calls) < 16 and len(args) > 1:
            bias = args[2] if len(args) > 2 else (kwargs or {}).get("bias")
            self.calls.append((args[0].detach().clone(), tuple(args[1].shape), result.detach().clone()))
            self.kernels.append((args[1].detach(), None if bias is None else bias.detach()))
        return result


CONVOLUTIONS = (F.conv2d, torch.conv2d)
TRANSPOSED_CONVOLUTIONS = (F.conv_transpose2d, torch.conv_transpose2d)


class Batches(list[Any]):
    """A list of batches that also looks like a DataLoader: it has `.dataset` and `.batch_size`."""

    def __init__(self, *tensors: Tensor, sizes: list[int]) -> None:
        ends = np.cumsum(sizes)
        super().__init__(tuple(t[end - size : end] for t in tensors) for size, end in zip(sizes, ends, strict=True))
        self.dataset = list(zip(*tensors, strict=True))
        self.batch_size = sizes[0]


def parameter_vector(*modules: nn.Module) -> Tensor:
    """Every parameter of the modules in one vector."""
    return torch.cat([p.detach().flatten().cpu() for m in modules for p in m.parameters()])


def gradient_of(x: Tensor) -> Tensor:
    """What a backward left; zeros where it left nothing."""
    return torch.zeros_like(x) if x.grad is None else x.grad


class Watch:
    """Counts what a training loop does with a module. It tells one wrong answer from another, and earns nothing.

    Attributes:
        forwards, graded: forward passes, and those of them that kept a graph.
        arrived, in_eval: gradients that arrived at the first parameter, and those that did while in eval mode.
        steps: of any optimizer, while the watch is open.
        gradients: for each parameter those that arrived, in order.
        strange: forward passes on other numbers than those of the images.
    """

    def __init__(self, module: nn.Module, images: Tensor | None = None) -> None:
        self.module, self.images, self.strange = module, images, 0
        self.forwards = self.graded = self.arrived = self.in_eval = self.steps = 0
        self.gradients: list[list[Tensor]] = [[] for _ in module.parameters()]
        module.register_forward_pre_hook(self._forward)
        next(module.parameters()).register_hook(self._gradient)
        for kept, parameter in zip(self.gradients, module.parameters(), strict=True):
            parameter.register_hook(lambda gradient, kept=kept: kept.append(gradient.detach()) if len(kept) < 16 else None)

    def __enter__(self) -> Watch:
        self._handle = register_optimizer_step_pre_hook(self._step)
        return self

    def __exit__(self, *error: object) -> None:
        self._handle.remove()

    def _forward(self, module: nn.Module, args: Any) -> None:
        self.forwards += 1
        self.graded += torch.is_grad_enabled()
        if self.images is not None and args and isinstance(args[0], Tensor):
            self.strange += not _among(args[0].detach(), self.images)

    def _gradient(self, gradient: Tensor) -> None:
        self.arrived += 1
        self.in_eval += not self.module.training

    def _step(self, *args: Any) -> None:
        self.steps += 1

    def counts(self) -> np.ndarray:
        """forwards, graded, arrived, in_eval, steps, and whether a gradient other than zero is left in the end."""
        left = any(p.grad is not None and bool(p.grad.any()) for p in self.module.parameters())
        return np.array([self.forwards, self.graded, self.arrived, self.in_eval, self.steps, left])

    def slopes(self) -> Tensor:
        """For each entry of the parameters, in the order of `state`, how large its gradient was at least, over the largest.

        0 where none arrived. Where it is small, rounding decides which way Adam goes.
        """
        least = [torch.zeros(p.numel()) for p in self.module.parameters()]
        for k, kept in enumerate(self.gradients):
            if kept:
                least[k] = torch.stack([g.abs().flatten().float().cpu() for g in kept]).amin(dim=0)
        most = max((float(g.abs().max()) for kept in self.gradients for g in kept), default=0.0)
        return torch.cat(least) / max(most, 1e-30)


def _among(x: Tensor, images: Tensor) -> bool:
    """Whether every image of a batch is one of these, but for rounding, in whatever order."""
    if x.shape[1:] != images.shape[1:]:
        return False
    distance = torch.cdist(x.flatten(1).float().cpu(), images.flatten(1), p=float("inf"))
    return bool((distance.amin(dim=1) <= 2e-2 * images.abs().max()).all())


@contextmanager
def left_alone(evidence: Any, name: str, *tensors: Tensor) -> Iterator[None]:
    """Notes under `name` whether any of these tensors was changed in place meanwhile."""
    before = [t.detach().clone() for t in tensors]
    try:
        yield
    finally:
        changed = any(not torch.equal(t.detach(), b) for t, b in zip(tensors, before, strict=True))
        evidence.record(name, int(changed))


def pair(returned: Any, size: int, evidence: Any, name: str, *modules: nn.Module) -> Any:
    """What a training function returned; where that is not so many things, notes how it left the modules it was given.

    Raises:
        TypeError: then, and says what was returned.
    """
    if isinstance(returned, (tuple, list)) and len(returned) == size:
        return returned
    evidence.record(name, parameter_vector(*modules))
    what = f"{len(returned)} things" if isinstance(returned, (tuple, list)) else type(returned).__name__
    raise TypeError(f"it should return {size} things, as its docstring says, it returns {what}")


def numbers_of(values: Any) -> tuple[np.ndarray, int]:
    """A list of losses as plain numbers, and whether any of them still holds on to the graph it was computed with."""
    graph = any(isinstance(value, Tensor) and value.requires_grad for value in values)
    return np.array([float(value) for value in values]), int(graph)
