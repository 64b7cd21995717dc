"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.probes import Namespace
from ps8.probes.tools import Numbers


def lead(namespace: Namespace, numbers: Numbers, K: int, s: int, t: int) -> Ran:
    scores = torch.full((3, K + 1, 1), float(t))
    scores[:, 0] = float(s)
    return Ran(float(namespace["SoftmaxLoss"]()(scores)))


def slope(namespace: Namespace, numbers: Numbers, B: int, K: int, column: int) -> Ran:
    scores = torch.full((B, K + 1, 1), 0.6).requires_grad_()
    namespace["SoftmaxLoss"]()(scores).sum().backward()
    return Ran("none" if scores.grad is None else float(scores.grad[0, column, 0]))


def some_sure(namespace: Namespace, numbers: Numbers, B: int, sure: int, K: int) -> Ran:
    scores = torch.full((B, K + 1, 1), 0.4)
    scores[:sure, 0] += 100.0
    return Ran(float(namespace["SoftmaxLoss"]()(scores)))


CHANGES: dict[str, Callable[..., Ran]] = {
    "ahead": lead,
    "slope": slope,
    "some_sure": some_sure,
}
