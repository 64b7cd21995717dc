"""What a session has switched is as in a fresh one for a while, and then as it was."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import ps8
import pytest
import torch
from ps8.modes import MODES, fresh_modes, seeded
from torch import nn
from torch.nn.modules.module import register_module_forward_hook


@contextmanager
def hooked() -> Iterator[None]:
    handle = register_module_forward_hook(lambda module, inputs, out: out * 0)
    yield
    handle.remove()


@contextmanager
def switched(get: Callable, put: Callable, value: object) -> Iterator[None]:
    before = get()
    put(value)
    yield
    put(before)


ENTERED = {
    "torch.inference_mode()": lambda: torch.inference_mode(),
    "torch.set_grad_enabled(False)": lambda: torch.no_grad(),
    "torch.set_default_device('meta')": lambda: torch.device("meta"),
    "torch.autocast('cpu', enabled=True)": lambda: torch.autocast("cpu"),
    "a hook on every module or optimizer": hooked,
    "torch.set_default_dtype(torch.float64)": lambda: switched(torch.get_default_dtype, torch.set_default_dtype, torch.float64),
}


def sum_of_ones() -> torch.Tensor:
    out = nn.Identity()(torch.ones(3, requires_grad=True)).sum()
    out.backward()
    return out.detach()


if hasattr(torch._C._autograd, "_top_saved_tensors_default_hooks"):  # else PyTorch tells nobody of them
    hooks = torch.autograd.graph.saved_tensors_hooks
    ENTERED["torch.autograd.graph.saved_tensors_hooks()"] = lambda: hooks(lambda x: x, lambda x: x)


@pytest.mark.parametrize("left", ENTERED)
def test_as_in_a_fresh_session_and_then_as_before(left: str) -> None:
    with ExitStack() as stack:
        stack.enter_context(ENTERED[left]())
        with fresh_modes() as found:
            assert left in found
            value = sum_of_ones()
            assert (value.item(), value.dtype, value.device.type) == (3.0, torch.float32, "cpu")
        with fresh_modes() as again:
            assert again == found
    with fresh_modes() as none:
        assert none == []


def test_a_fresh_session_has_nothing_left_over() -> None:
    assert {mode.words: mode.get() for mode in MODES} == {mode.words: mode.fresh for mode in MODES}


def test_the_generators_go_on_where_they_were() -> None:
    states = random.getstate(), torch.get_rng_state()
    drawn = []
    for _ in range(2):
        with seeded(3):
            drawn.append((random.random(), float(np.random.rand()), torch.rand(2).tolist()))
    assert drawn[0] == drawn[1]
    assert random.getstate() == states[0] and torch.equal(torch.get_rng_state(), states[1])


@pytest.mark.parametrize(
    "left", ["torch.set_grad_enabled(False)", "torch.set_default_dtype(torch.float64)", "torch.inference_mode()"]
)
def test_a_check_is_made_as_in_a_fresh_session(left: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As the grader makes it; and what was left over is said, since training meets it."""

    class SoftmaxLoss(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.cross_entropy(x[:, :, 0], torch.zeros(len(x), dtype=torch.long))

    with ENTERED[left]():
        ps8.check("softmax_loss", {"SoftmaxLoss": SoftmaxLoss})
    said = capsys.readouterr().out
    assert "all checks passed" in said and left in " ".join(said.split())
