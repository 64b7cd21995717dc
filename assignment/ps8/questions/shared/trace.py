"""Watching a training loop: what ran forward, what gradients arrived, what the optimizer then did, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from ps8.probes.tools import Batches


@dataclass
class Event:
    """One thing that happened.

    Attributes:
        kind: "batch", "forward", "arrived" (a parameter's gradient came in), "output" (an output's did), or "step".
        name: of the watched module, or "module.parameter".
        values: tensors as they were then: input and output of a forward, the gradient, or for a step each
            parameter's gradient by name (None if it had none).
        optimizer: at a step, the optimizer.
        training: at a gradient, whether its module was in training mode.
        graph: at a forward, whether a graph was kept.
    """

    kind: str
    name: str = ""
    values: Any = None
    optimizer: Any = None
    training: bool = True
    graph: bool = True


@dataclass
class Step:
    """What happened between one batch and the next."""

    events: list[Event] = field(default_factory=list)

    def of(self, kind: str, name: str = "") -> list[Event]:
        return [e for e in self.events if e.kind == kind and name in ("", e.name)]

    def calls(self, name: str) -> list[Event]:
        """The forward passes of a module that kept a graph; all of them if none did, as when one only looks."""
        forwards = self.of("forward", name)
        return [event for event in forwards if event.graph] or forwards

    def first(self, kind: str) -> int:
        """Position of the first such event; beyond the end if there is none."""
        return next((i for i, e in enumerate(self.events) if e.kind == kind), len(self.events))


class Trace:
    """Hooks on modules, their parameters and every optimizer, and the loader that separates the steps.

    Args:
        modules: by name; what is watched.
    """

    def __init__(self, **modules: nn.Module) -> None:
        self.modules = modules
        self.events: list[Event] = []
        self.parameters = {f"{m}.{n}": p for m, module in modules.items() for n, p in module.named_parameters()}
        for name, module in modules.items():
            self.watch(name, module)
        for name, parameter in self.parameters.items():
            parameter.register_hook(self._arrived("arrived", name, modules[name.split(".")[0]]))

    def loader(self, *tensors: Tensor, sizes: list[int]) -> Batches:
        """Batches that note when each of them is taken."""
        trace = self

        class Watched(Batches):
            def __iter__(self) -> Iterator[Any]:
                for batch in super().__iter__():
                    trace.events.append(Event("batch"))
                    yield batch

        return Watched(*tensors, sizes=sizes)

    def watch(self, name: str, module: nn.Module) -> None:
        """Notes the forward passes of a module, or of a part of one, also if `forward` is called by its name."""
        forward = module.forward

        def watched(*args: Any, **kwargs: Any) -> Any:
            output = forward(*args, **kwargs)
            self._forward(name, module, (*args, *kwargs.values()), output)
            return output

        module.forward = watched

    def without_graph(self) -> bool:
        """Whether the last forward pass kept no graph."""
        forwards = [event for event in self.events if event.kind == "forward"]
        return bool(forwards) and not forwards[-1].graph

    def before(self) -> dict[str, Tensor]:
        """The parameters as they are now, on the CPU."""
        return {name: p.detach().cpu().clone() for name, p in self.parameters.items()}

    @contextmanager
    def steps(self) -> Iterator[list[Step]]:
        """While it is open, optimizers are watched; the list is filled at its end, a Step for each batch."""
        steps: list[Step] = []
        handle = register_optimizer_step_post_hook(self._step)  # behind a step, which may call backward itself
        try:
            yield steps
        finally:
            handle.remove()
        for event in self.events:
            if event.kind == "batch":
                steps.append(Step())
            elif steps:
                steps[-1].events.append(event)

    def _forward(self, name: str, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        outputs = output if isinstance(output, tuple) else (output,)
        inputs = [a.detach().cpu().clone() for a in args if isinstance(a, Tensor)]
        values = (inputs, [o.detach().cpu().clone() for o in outputs])
        self.events.append(Event("forward", name, values, graph=torch.is_grad_enabled()))
        for k, out in enumerate(outputs):
            if out.requires_grad:
                out.register_hook(self._arrived("output", f"{name}.{k}", module))

    def _arrived(self, kind: str, name: str, module: nn.Module) -> Callable[[Tensor], None]:
        def hook(gradient: Tensor) -> None:
            self.events.append(Event(kind, name, gradient.detach().cpu().clone(), training=module.training))

        return hook

    def _step(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        gradients = {
            name: None if p.grad is None else p.grad.detach().cpu().clone()
            for name, p in self.parameters.items()
            if id(p) in held
        }
        self.events.append(Event("step", values=gradients, optimizer=optimizer))
