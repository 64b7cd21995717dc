"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.probes import Namespace
from ps8.probes.tools import Numbers
from ps8.questions.cmc_score.practice import rows_for, scorer, unit
from torch import Tensor, nn

D = 16


def right_angle(namespace: Namespace, numbers: Numbers, m: float, T: float) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    contrast = scorer(namespace, numbers, 20, 6, T=T, m=m)
    z = unit(numbers.normal("z", 4, D))
    with torch.no_grad():
        for name in ("memory_l", "memory_ab"):
            old = getattr(contrast, name).detach().cpu()[y]
            getattr(contrast, name)[y] = unit(old - (old * z).sum(1, keepdim=True) * z)
    return _second_call(contrast, z, z.clone(), y, idx)


def angle(namespace: Namespace, numbers: Numbers, c: float, T: float) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    contrast = scorer(namespace, numbers, 20, 6, T=T, m=0.0)
    l, other = unit(numbers.normal("l", 4, D)), numbers.normal("other", 4, D)
    across = unit(other - (other * l).sum(1, keepdim=True) * l)
    return _second_call(contrast, 2 * l, 3 * (c * l + (1 - c * c) ** 0.5 * across), y, idx)


def _second_call(contrast: nn.Module, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor) -> Ran:
    contrast(l, ab, y, idx)
    positives = torch.cat([out[:, 0].detach().flatten() for out in contrast(l, ab, y, idx)])
    return Ran(float(positives.mean()) if float(positives.max() - positives.min()) < 1e-2 else "none")


def rows(namespace: Namespace, numbers: Numbers, N: int, B: int, K: int) -> Ran:
    y, idx = rows_for(numbers, N, K, batch=B)
    contrast = scorer(namespace, numbers, N, K)
    before = [contrast.memory_l.detach().clone(), contrast.memory_ab.detach().clone()]
    contrast(numbers.normal("l", B, D), numbers.normal("ab", B, D), y, idx)
    after = [contrast.memory_l.detach(), contrast.memory_ab.detach()]
    return Ran(float(sum(int((a - b).abs().amax(dim=1).gt(1e-5).sum()) for a, b in zip(after, before, strict=True))))


CHANGES: dict[str, Callable[..., Ran]] = {
    "right_angle": right_angle,
    "angle": angle,
    "rows": rows,
}
