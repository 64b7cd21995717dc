"""What the probes of 1.1 and 1.2 share: a stack of convolutions with given weights, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    CONVOLUTIONS,
    TRANSPOSED_CONVOLUTIONS,
    LayerRecord,
    Numbers,
    fill,
    hidden_modules,
    left_alone,
    weights,
)


def probe_layers(
    module: nn.Module, x: Tensor, functions: tuple[Callable[..., Any], ...], numbers: Numbers, evidence: Evidence
) -> None:
    """Shapes and number of the parameters, what each convolution got and gave, and the output."""
    evidence.record(
        "constant", int(any(p.dim() > 1 and p.numel() > 1 and bool((p == p.flatten()[0]).all()) for p in _made(module)))
    )
    with evidence.part("forward"):
        record, plain = LayerRecord(*functions), LayerRecord(*(CONVOLUTIONS if functions is TRANSPOSED_CONVOLUTIONS else ()))
        try:
            module = ready(module, x, numbers)
            with left_alone(evidence, "input_changed", x), plain, record:
                out = module(x)
        finally:
            _write_layers(record, numbers, evidence)
            if plain.calls:  # a decoder that enlarges by other means
                for name, value in zip(("in", "weight", "out"), plain.calls[0], strict=True):
                    evidence.record(f"plain1.{name}", np.array(value) if name == "weight" else value)
        evidence.record("out", out)
        with evidence.part("one"):
            evidence.record("out_one", module(x[:1]))
        with evidence.part("gradient"):
            evidence.record("gradient", _gradient(module, x, numbers))
            evidence.record("reached", sum(p.numel() for p in module.parameters() if p.grad is not None and bool(p.grad.any())))
        with evidence.part("training"):  # last: a layer that counts batches would be another one afterwards
            evidence.record("mode_matters", int(not torch.allclose(module.train()(x), out, rtol=1e-2, atol=1e-2)))
    shapes = [tuple(p.shape) for p in module.parameters()]
    evidence.record("parameters", sum(p.numel() for p in module.parameters()))
    evidence.record("frozen", sum(p.numel() for p in module.parameters() if not p.requires_grad))
    evidence.record(
        "parameter_shapes",
        np.array(sorted((s + (0,) * 4)[:4] for s in shapes), dtype=np.int64).reshape(-1, 4),
    )


def _made(module: nn.Module) -> list[Tensor]:
    """The parameters that are there before the first call."""
    return [p for p in module.parameters() if not isinstance(p, nn.parameter.UninitializedParameter)]


def _write_layers(record: LayerRecord, numbers: Numbers, evidence: Evidence) -> None:
    """Each layer that ran; its weights only if they are not those that it was given."""
    for k, ((given, shape, actual), (weight, bias)) in enumerate(zip(record.calls, record.kernels, strict=True), start=1):
        evidence.record(f"layer{k}.weight", np.array(shape))
        evidence.record(f"layer{k}.in", given)
        evidence.record(f"layer{k}.out", actual)
        if weight.numel() <= 2**16 and not torch.allclose(weight.float(), weights(shape, numbers), rtol=1e-2, atol=1e-3):
            evidence.record(f"layer{k}.kernel", weight)
            evidence.record(f"layer{k}.bias", torch.zeros(0) if bias is None else bias)


def _gradient(module: nn.Module, x: Tensor, numbers: Numbers) -> Tensor:
    """Gradient of a weighted sum of the output by the input: what comes back through every layer."""
    leaf = x.clone().requires_grad_()
    module.zero_grad()
    out = module(leaf.clone())  # a copy: an answer may well work in place
    (out * numbers.normal("out", *out.shape)).sum().backward()
    return torch.zeros_like(x) if leaf.grad is None else leaf.grad


def ready(module: nn.Module, x: Tensor, numbers: Numbers) -> nn.Module:
    """The module on the CPU, in eval mode, with lazy layers made and given weights, also those that it does not know of."""
    module = module.cpu().eval()
    for hidden in hidden_modules(module):
        fill(hidden.cpu().eval(), numbers)
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in module.parameters()):
        module(x)
    return fill(module, numbers)
