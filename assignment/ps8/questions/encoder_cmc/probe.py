"""Probe of 2.1: the features of the two views."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    Namespace,
    Numbers,
    fill,
    left_alone,
    stand_in,
    weights,
)


def _stand_in_encoder(numbers: Numbers, calls: list[tuple[nn.Module, Tensor]]) -> type[nn.Module]:
    class Encoder(nn.Module):
        """Stands in for the student's `Encoder`: one layer, (c, 64, 64) -> (24, 4, 4), with given weights from the start.

        It takes what a convolution would refuse (no channel dimension, another number of channels), and what it got is noted,
        so that the rest of an answer can be judged.
        """

        def __init__(self, in_channels: int = 3) -> None:
            super().__init__()
            self.layer = nn.Conv2d(in_channels, 24, kernel_size=16, stride=16)
            fill(self, numbers)

        def forward(self, x: Tensor) -> Tensor:
            calls.append((self, x.detach().clone()))
            if x.dim() == 3 and self.layer.in_channels == 1:
                x = x[:, None]
            out = self.layer(x) if x.shape[1] == self.layer.in_channels else self._other(x)
            return torch.sigmoid(out)  # positive, as a ReLU's: one more ReLU behind it changes nothing

        def _other(self, x: Tensor) -> Tensor:
            weight = weights((24, x.shape[1], 16, 16), numbers)
            return nn.functional.conv2d(x, weight, self.layer.bias, stride=16)

    return Encoder


def lab_images(numbers: Numbers) -> Tensor:
    """What the model gets."""
    return numbers.normal("lab", 3, 3, 64, 64)


def probe_encoder_cmc(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`EncoderCMC` over a stand-in `Encoder`: the features of both views and the gradients that reach it."""
    evidence = Evidence()
    calls: list[tuple[nn.Module, Tensor]] = []
    Encoder = _stand_in_encoder(numbers, calls)
    with evidence.part("forward"), stand_in(namespace, Encoder=Encoder):
        model = namespace["EncoderCMC"]().cpu()
        images = lab_images(numbers)
        try:
            with left_alone(evidence, "input_changed", images):
                out = model(images)
        finally:
            _write_calls(model, calls, evidence)
        feat_l, feat_ab = _two(out, evidence)
        evidence.record("feat_l", feat_l)
        evidence.record("feat_ab", feat_ab)
        with evidence.part("gradient"):
            weighted = [(f * numbers.normal(n, *f.shape)).sum() for n, f in [("l", feat_l), ("ab", feat_ab)]]
            sum(weighted).backward()  # type: ignore[union-attr]
            # By the number of channels: an answer may define its encoders in either order.
            encoders = sorted((m for m in model.modules() if isinstance(m, Encoder)), key=_made_for)
            grads = [torch.zeros_like(p) if p.grad is None else p.grad for m in encoders for p in m.parameters()]
            evidence.record("gradient", torch.cat([g.flatten() for g in grads]))
        with evidence.part("one"):
            for name, value in zip(("feat_l_one", "feat_ab_one"), _two(model(images[:1]), Evidence()), strict=True):
                evidence.record(name, value)
    return evidence


def _made_for(encoder: nn.Module) -> int:
    """How many channels a stand-in encoder was made for."""
    return int(encoder.layer.in_channels)  # type: ignore[union-attr, arg-type]


def _two(out: object, evidence: Evidence) -> tuple[Tensor, Tensor]:
    """The two features; of one tensor that holds both side by side, its halves, which is noted."""
    if isinstance(out, Tensor) and out.dim() == 2 and out.shape[1] == 768:
        evidence.record("joined", 1)
        return out[:, :384], out[:, 384:]
    values: Any = out
    of_l, of_ab = values
    return of_l, of_ab


def _write_calls(model: nn.Module, calls: list[tuple[nn.Module, Tensor]], evidence: Evidence) -> None:
    """What each encoder got: for how many channels it was made, whether it belongs to the model, and its input."""
    known = {id(module) for module in model.modules()}
    evidence.record("strangers", int(any(id(module) not in known for module, _ in calls)))
    evidence.record("refused", int(any(x.dim() != 4 or x.shape[1] != _made_for(m) for m, x in calls)))
    of: dict[int, list[Tensor]] = {}
    for module, x in calls[:16]:
        of.setdefault(id(module), []).append(x)
    for module, _ in calls[:16]:
        if id(module) in of:
            parts = of.pop(id(module))
            whole = torch.cat(parts) if len(parts) > 1 and parts[0].dim() == 4 and parts[0].shape[0] == 1 else parts[0]
            name = f"got{len([k for k in evidence.arrays if k.startswith('got')])}"
            evidence.record(f"{name}.made_for", _made_for(module))
            evidence.record(name, whole)
