"""Training loops as students may write them, each with a state that nobody foresaw: run in a session of its own."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ps8
import pytest
import torch
from ps8.data import STL10, BatchLoader
from ps8.data.batch_loader import Windows

RUN = {"data": "noise", "profile": "full", "seed": 7}
EPOCHS = 5

# {before} stands before the function, {setup} before its loop, {step} in the place of its step, {after} at an epoch's end.
TEMPLATE = """
import collections, copy, itertools, random
import numpy as np
import ps8, torch
from torch import nn

{before}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(12, 12)
        self.register_buffer("bank", torch.randn(6, 12))
        self.seen, self.notes = 0, []

    def forward(self, x):
        {forward}
        return self.linear(x)

def train(model, dataloader, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    {setup}
    with ps8.progress(epochs, "net", model=model) as bar:
        for epoch in bar:
            total = 0.0
            for images, _ in dataloader:
                x = images[:, :, :2, :2].flatten(1)
                noise = torch.randn(x.shape)
                loss = ((model(x) - noise) ** 2).mean()
                {step}
                total += loss.item()
            losses.append(total)
            {after}
            bar.report(loss=total)
    return model, losses
"""
STEP = "optimizer.zero_grad(); loss.backward(); optimizer.step()"
UNFORESEEN = {
    "nothing": {},
    "a count of steps": {"setup": "steps = 0", "step": f"steps += 1; loss = loss * (1 + steps); {STEP}"},
    "a global": {"before": "calls = 0", "setup": "global calls", "step": f"calls += 1; loss = loss * calls; {STEP}"},
    "a global in a helper": {
        "before": "memo = {}\ndef scale(x):\n    memo['n'] = memo.get('n', 0) + 1\n    return x * memo['n']",
        "step": f"loss = scale(loss); {STEP}",
    },
    "a function's attribute": {
        "before": "def scale(x):\n    scale.n += 1\n    return x * scale.n\nscale.n = 0",
        "step": f"loss = scale(loss); {STEP}",
    },
    "a default that changes": {
        "before": "def scale(x, seen=[]):\n    seen.append(1)\n    return x * len(seen)",
        "step": f"loss = scale(loss); {STEP}",
    },
    "a closure": {
        "setup": "n = 0\n    def scale(x):\n        nonlocal n\n        n += 1\n        return x * n",
        "step": f"loss = scale(loss); {STEP}",
    },
    "a class's attribute": {"before": "class Count:\n    n = 0", "step": f"Count.n += 1; loss = loss * Count.n; {STEP}"},
    "a model's number": {"forward": "self.seen += 1; x = x * self.seen"},
    "a model's list": {"forward": "self.notes.append(x.mean().item()); x = x + sum(self.notes)"},
    "a bank that is replaced": {"forward": "self.bank = 0.5 * self.bank + 0.5 * x[:6].detach(); x = x + self.bank.mean()"},
    "a bank that is written to": {"forward": "self.bank[0] += x[0].detach(); x = x + self.bank.mean()"},
    "gradients that add up": {"step": "loss.backward(); optimizer.step()"},
    "a schedule": {
        "setup": "schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.3)",
        "after": "schedule.step()",
    },
    "a rate that is set": {"after": "optimizer.param_groups[0]['lr'] *= 0.5"},
    "a moving average": {
        "setup": "average = copy.deepcopy(model)",
        "step": f"{STEP}\n                for a, p in zip(average.parameters(), model.parameters()):\n"
        "                    a.data.lerp_(p.data, 0.5)",
        "after": "model.load_state_dict(average.state_dict())",
    },
    "a step by hand": {
        "setup": "speed = [torch.zeros_like(p) for p in model.parameters()]",
        "step": "model.zero_grad(); loss.backward()\n                for v, p in zip(speed, model.parameters()):\n"
        "                    v.mul_(0.9).add_(p.grad); p.data.sub_(1e-2 * v)",
    },
    "a table by parameter": {
        "setup": "speed = {p: torch.zeros_like(p) for p in model.parameters()}",
        "step": "model.zero_grad(); loss.backward()\n                for p, v in speed.items():\n"
        "                    v.mul_(0.9).add_(p.grad); p.data.sub_(1e-2 * v)",
    },
    "a view of something": {
        "setup": "whole = torch.zeros(24); part = whole[:12]",
        "step": f"part += x.mean().item(); loss = loss + whole.sum(); {STEP}",
        "after": "part = whole[:12]",
    },
    "a view of the weights": {
        "setup": "row = model.linear.weight.data[0]",
        "step": f"{STEP}; row *= 0.9",
    },
    "random numbers of three kinds": {"step": f"loss = loss * (random.random() + np.random.rand() + torch.rand(())); {STEP}"},
    "a generator of one's own": {
        "setup": "own = torch.Generator().manual_seed(3); other = np.random.default_rng(4)",
        "step": f"loss = loss * (torch.rand((), generator=own) + other.random()); {STEP}",
    },
    "the last few losses": {
        "setup": "recent = collections.deque(maxlen=3)",
        "step": f"recent.append(loss.item()); loss = loss * sum(recent); {STEP}",
    },
    "what an epoch left over": {"after": "before = total", "step": f"loss = loss + (before if epoch else 0); {STEP}"},
    "a patience that runs out": {
        "setup": "best, patience = float('inf'), 0",
        "after": "patience = 0 if total < best else patience + 1; best = min(best, total)\n"
        "            if patience > 1: optimizer.param_groups[0]['lr'] = 0.0",
    },
    "an array": {"setup": "tally = np.zeros(3)", "step": f"tally[0] += loss.item(); loss = loss * tally[0]; {STEP}"},
}  # fmt: skip


def source(**parts: str) -> str:
    """The code of a loop."""
    return TEMPLATE.format(**{"before": "", "setup": "", "forward": "", "step": STEP, "after": "", **parts})


def run(code: str, epochs: int = EPOCHS, stop: int = 0, **space: object) -> tuple[list[float], list[float], float]:
    """Trains in a session of its own, and interrupts it at the batch `stop` if that is not 0.

    Returns:
        The losses of its epochs, the weights and what else the model holds, and the next random number.
    """
    module = types.ModuleType("notebook")
    sys.modules["notebook"] = module
    vars(module).update(space)
    exec(compile(code, "<cell>", "exec"), vars(module))
    ps8.seed_everything(7)
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 255, (24, 3, 96, 96), generator=generator, dtype=torch.uint8)
    loader = BatchLoader(STL10.from_arrays(images), 8, crop="random", flip=True, shuffle=True, device="cpu", seed=1)
    given = model = module.Net()
    with ps8.resume("net", RUN), interrupting(stop):
        model, losses = module.train(model, loader, epochs)
    assert model is given  # whoever holds the model sees what was trained
    held = [*torch.cat([p.flatten() for p in [*model.parameters(), model.bank]]).tolist(), model.seen, *model.notes]
    return list(losses), held, torch.rand(()).item()


@contextmanager
def interrupting(n: int) -> Iterator[None]:
    """Interrupts at the nth batch, from where no training can see it."""
    original, left = BatchLoader.batch, n

    def batch(loader: BatchLoader, windows: Windows) -> tuple[torch.Tensor, ...]:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return original(loader, windows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BatchLoader, "batch", batch)
        yield


def files(folder: Path = Path()) -> Iterator[Path]:
    """The files of trainings in a folder."""
    yield from sorted(folder.rglob("*.ckpt"))
