"""Probe of 2.2: the softmax loss."""

from __future__ import annotations

from torch import Tensor

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    Namespace,
    Numbers,
    gradient_of,
    left_alone,
    setting,
)


def probe_softmax_loss(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`SoftmaxLoss` on ordinary scores, a batch of one, and scores that overflow a plain exponential.

    The sizes follow from the seed: an answer that is right at one of them only is not right.
    """
    evidence = Evidence()
    shapes = shapes_of(numbers)
    for name, shape in shapes.items():
        with evidence.part(name):
            evidence.record(name, namespace["SoftmaxLoss"]()(scores_of(numbers, name, *shape).requires_grad_()))
    with evidence.part("again"):  # right at its first call should mean right at its last
        scores = scores_of(numbers, "batch", *shapes["batch"]).requires_grad_()
        with left_alone(evidence, "input_changed", scores):
            loss = namespace["SoftmaxLoss"]()(scores)
        evidence.record("again", loss)
        loss.sum().backward()
        evidence.record("gradient", gradient_of(scores))
    if "batch" in evidence.errors:  # does it want the very sizes of the notebook?
        with evidence.part("own"):
            own = setting(namespace, "batch_size", 256), 1 + setting(namespace, "K", 512)
            scores = scores_of(numbers, "own", *own).requires_grad_()
            evidence.record("own", namespace["SoftmaxLoss"]()(scores))
            namespace["SoftmaxLoss"]()(scores).sum().backward()
            evidence.record("own.gradient", gradient_of(scores))
    return evidence


def shapes_of(numbers: Numbers) -> dict[str, tuple[int, int]]:
    """Part of the probe -> images and scores of each."""
    B, width = 4 + int(numbers.integers("B", 5)), 9 + int(numbers.integers("K+1", 8))
    return {"batch": (B, width), "one": (1, width - 1), "large": (3, width + 1)}


def scores_of(numbers: Numbers, name: str, batch_size: int, width: int) -> Tensor:
    """The scores of a part of the probe, (batch_size, width, 1)."""
    return numbers.normal(name, batch_size, width, 1).mul(400 if name == "large" else 2)
