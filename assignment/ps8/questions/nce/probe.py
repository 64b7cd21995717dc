"""Probe of the optional part: the NCE loss and its normaliser."""

from __future__ import annotations

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    Namespace,
    Numbers,
    gradient_of,
)


def probe_nce(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`NCELoss` on two batches one after the other: values, gradients, and its estimate of Z after each."""
    evidence = Evidence()
    decay = numbers.number("decay", 0.6, 0.8)
    with evidence.part("first"):
        criterion = namespace["NCELoss"](50, 7, decay=decay)
        for call in ("first", "second"):
            with evidence.part(call):
                scores = numbers.normal(call, 4, 8, 1).mul(2).add(0 if call == "first" else 2).requires_grad_()
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
        criterion = namespace["NCELoss"](50, 7, decay=decay)
        for call in ("low first", "low second"):
            loss = criterion(numbers.normal(call, 4, 8, 1).sub(6))
        evidence.record("low.loss", loss)
        evidence.record("low.Z", criterion.Z)
    with evidence.part("one"):
        evidence.record("one", namespace["NCELoss"](50, 7)(numbers.normal("one", 1, 8, 1).mul(2)))
    with evidence.part("large"):
        scores = numbers.normal("large", 3, 4, 1).mul(20)
        scores[:, 0] -= 120  # further down than the sigmoid of a float32 reaches
        evidence.record("large", namespace["NCELoss"](50, 3)(scores))
    return evidence
