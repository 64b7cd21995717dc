"""Probe of 2.2: the scores, the banks and what is drawn."""

from __future__ import annotations

import torch
from torch import nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    Namespace,
    Numbers,
)


def probe_cmc_score(namespace: Namespace, numbers: Numbers) -> Evidence:
    """Two calls of `CMCScore` with given banks and rows, one for a single image, and some that draw their own rows."""
    evidence = Evidence()
    with evidence.part("forward", left=True):
        contrast, T, momentum = _contrast(namespace, numbers, N=22, K=6, d=16, long=2)
        evidence.record("T", T)
        evidence.record("momentum", momentum)
        for call in ("first", "second"):
            _score_once(contrast, numbers, evidence, call)
    with evidence.part("single"):
        contrast, _, _ = _contrast(namespace, numbers, N=20, K=5, d=16)
        l, ab = numbers.normal("single l", 1, 16), numbers.normal("single ab", 1, 16)
        rows = torch.tensor([[3, 1, 4, 15, 9, 2]])
        for name, out in zip(("single.out_l", "single.out_ab"), contrast(l, ab, rows[:, 0], rows), strict=True):
            evidence.record(name, out)
    _probe_drawing(namespace, numbers, evidence)
    with evidence.part("dead"):  # features of zeros, as dead units give them
        contrast, _, _ = _contrast(namespace, numbers, N=20, K=5, d=16)
        zero = torch.zeros(1, 16)
        outs = contrast(zero, zero.clone(), rows[:, 0], rows)
        evidence.record("dead.scores", torch.cat([out.flatten().nan_to_num(nan=9e9) for out in outs]))
        evidence.record("dead.rows", torch.cat([contrast.memory_l[3], contrast.memory_ab[3]]).nan_to_num(nan=9e9))  # type: ignore
    with evidence.part("short"):  # far above eps: still to be made a length of 1
        for name, length in (("short.scores", 0.001), ("short.plain", 1.0)):
            contrast, _, _ = _contrast(namespace, numbers, N=20, K=5, d=16)
            features = [numbers.normal(f"short {view}", 1, 16) / 4 * length for view in ("l", "ab")]
            outs = contrast(*features, rows[:, 0], rows)
            evidence.record(name, torch.cat([out.flatten() for out in outs]))
    with evidence.part("twice"):  # one image twice in a batch, as drawing with replacement gives it
        contrast, _, _ = _contrast(namespace, numbers, N=20, K=5, d=16)
        l, ab = numbers.normal("twice l", 2, 16), numbers.normal("twice ab", 2, 16)
        contrast(l, ab, torch.tensor([3, 3]), rows.repeat(2, 1))
        evidence.record("twice.rows", torch.stack([contrast.memory_l[3], contrast.memory_ab[3]]))  # type: ignore
    return evidence


def _probe_drawing(namespace: Namespace, numbers: Numbers, evidence: Evidence) -> None:
    """Calls that draw their own rows: two alike, whose draws should differ, and one with many more draws than rows.

    So many that a row that is drawn twice as often as it should be is told from one that luck has drawn more often.
    """
    y = numbers.permutation("drawn y", 70)[:32]
    l, ab = numbers.normal("drawn l", 32, 16), numbers.normal("drawn ab", 32, 16)
    with evidence.part("drawn"):
        # More rows than draws, so that drawing without repetition works; draws enough to meet a row's own if it is among them.
        contrast, _, _ = _contrast(namespace, numbers, N=70, K=60, d=16)
        for name, out in zip(("drawn_l", "drawn_ab"), contrast(l, ab, y), strict=True):
            evidence.record(name, out)
        _fill_banks(contrast, numbers, N=70, d=16)  # the same scores, then, if the rows are the same
        for name, out in zip(("drawn_l_again", "drawn_ab_again"), contrast(l, ab, y), strict=True):
            evidence.record(name, out)
    with evidence.part("many"):
        contrast, _, _ = _contrast(namespace, numbers, N=20, K=400, d=16)
        for name, out in zip(("drawn_l_many", "drawn_ab_many"), contrast(l[:16], ab[:16], y[:16] % 20), strict=True):
            evidence.record(name, out)


def _contrast(namespace: Namespace, numbers: Numbers, N: int, K: int, d: int, long: int = 0) -> tuple[nn.Module, float, float]:
    """A student's `CMCScore` with unit rows in its banks, and a temperature and momentum that no default has.

    The last `long` rows are longer, as rows of noise may be: nothing scores against them, and they should stay so.
    """
    T, momentum = numbers.number("T", 0.15, 0.45), numbers.number("momentum", 0.2, 0.4)
    contrast = namespace["CMCScore"](d, N, K, T=T, momentum=momentum).cpu()
    _fill_banks(contrast, numbers, N, d, long)
    return contrast, T, momentum


def _fill_banks(contrast: nn.Module, numbers: Numbers, N: int, d: int, long: int = 0) -> None:
    for name in ("memory_l", "memory_ab"):
        rows = numbers.normal(name, N, d)
        with torch.no_grad():  # a bank may have been made a parameter
            rows = rows / rows.norm(dim=1, keepdim=True)
            rows[N - long :] *= 1.3
            getattr(contrast, name).copy_(rows)


def _score_once(contrast: nn.Module, numbers: Numbers, evidence: Evidence, call: str) -> None:
    """One call: scores, banks after it, gradients of the live features, and whether a bank is in the graph."""
    N, d = 20, 16
    y = numbers.permutation(f"y {call}", N)[:4]
    others = (y[:, None] + 1 + numbers.integers(f"idx {call}", N - 1, 4, 6)) % N  # never the image's own row
    others[:, 0] = y.roll(1)  # but always another's of the batch, which its own update must not lose
    l, ab = (numbers.normal(f"{view} {call}", 4, d).mul(3).requires_grad_() for view in ("l", "ab"))
    out = contrast(l, ab, y, torch.cat([y[:, None], others], dim=1))
    for name in ("memory_l", "memory_ab"):  # first: they may be right where nothing is returned
        bank = getattr(contrast, name)
        evidence.record(f"{call}.{name}", bank)
        evidence.record(f"{call}.{name}_grad", int(bank.requires_grad))
    out_l, out_ab = out
    evidence.record(f"{call}.out_l", out_l)
    evidence.record(f"{call}.out_ab", out_ab)
    with evidence.part(f"{call}.gradient"):
        weighted = [(o * numbers.normal(n, *o.shape)).sum() for n, o in [("wl", out_l), ("wab", out_ab)]]
        sum(weighted).backward()  # type: ignore[union-attr]
        for name, leaf in [("grad_l", l), ("grad_ab", ab)]:
            evidence.record(f"{call}.{name}", torch.zeros_like(leaf) if leaf.grad is None else leaf.grad)
