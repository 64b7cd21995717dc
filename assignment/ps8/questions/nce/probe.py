"""Probe of the optional part: the NCE loss and its normaliser."""

from __future__ import annotations

from torch import Tensor

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    Namespace,
    Numbers,
    gradient_of,
)

N, K, B = 50, 7, 4  # rows of the bank, draws of noise, images of a batch


def decay_of(numbers: Numbers) -> float:
    """One that no default has."""
    return numbers.number("decay", 0.6, 0.8)


def scores_of(numbers: Numbers, call: str) -> Tensor:
    """The scores of the calls `first`, `second`, which has higher ones, and `one`, (images, K+1, 1)."""
    scores = numbers.normal(call, 1 if call == "one" else B, K + 1, 1).mul(2)
    return scores.add(2) if call == "second" else scores


def probe_nce(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`NCELoss` on two batches one after the other: values, gradients, and its estimate of Z after each."""
    evidence = Evidence()
    decay = decay_of(numbers)
    with evidence.part("first"):
        criterion = namespace["NCELoss"](N, K, decay=decay)
        for call in ("first", "second"):
            with evidence.part(call):
                scores = scores_of(numbers, call).requires_grad_()
                before = repr(criterion.Z)
                try:
                    loss = criterion(scores)
                    evidence.record(f"{call}.loss", loss)
                finally:
                    if f"{call}.loss" in evidence.arrays or repr(criterion.Z) != before:  # else it was not begun
                        evidence.record(f"{call}.Z", criterion.Z)
                loss.sum().backward()
                evidence.record(f"{call}.gradient", gradient_of(scores))
    with evidence.part("low"):  # an estimate of Z below 1
        criterion = namespace["NCELoss"](N, K, decay=decay)
        for call in ("low first", "low second"):
            loss = criterion(numbers.normal(call, B, K + 1, 1).sub(6))
        evidence.record("low.loss", loss)
        evidence.record("low.Z", criterion.Z)
    with evidence.part("one"):
        evidence.record("one", namespace["NCELoss"](N, K)(scores_of(numbers, "one")))
    with evidence.part("large"):
        scores = numbers.normal("large", 3, 4, 1).mul(20)
        scores[:, 0] -= 120  # further down than the sigmoid of a float32 reaches
        evidence.record("large", namespace["NCELoss"](N, 3)(scores))
    return evidence
