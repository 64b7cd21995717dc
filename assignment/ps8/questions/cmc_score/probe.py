"""Probe of 2.2: the scores, the banks and what is drawn."""

from __future__ import annotations

import torch
from torch import nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import Namespace, Numbers, gradient_of

from . import inputs
from .inputs import DIM, LONG, ROWS, SINGLE, VIEWS, K


def probe_cmc_score(namespace: Namespace, numbers: Numbers) -> Evidence:
    """Two calls of `CMCScore` with given banks and rows, one for a single image, and some that draw their own rows."""
    evidence = Evidence()
    with evidence.part("forward", left=True):
        contrast, T, momentum = _contrast(namespace, numbers, N=ROWS + LONG, K=K, long=LONG)
        evidence.record("T", T)
        evidence.record("momentum", momentum)
        for call in ("first", "second"):
            _score_once(contrast, numbers, evidence, call)
    rows = SINGLE
    with evidence.part("single"):
        contrast, _, _ = _contrast(namespace, numbers, N=ROWS, K=SINGLE.shape[1] - 1)
        l, ab = numbers.normal("single l", 1, DIM), numbers.normal("single ab", 1, DIM)
        for name, out in zip(("single.out_l", "single.out_ab"), contrast(l, ab, rows[:, 0], rows), strict=True):
            evidence.record(name, out)
    _probe_drawing(namespace, numbers, evidence)
    with evidence.part("dead"):  # features of zeros, as dead units give them
        contrast, _, _ = _contrast(namespace, numbers, N=ROWS, K=SINGLE.shape[1] - 1)
        zero = torch.zeros(1, DIM)
        outs = contrast(zero, zero.clone(), rows[:, 0], rows)
        evidence.record("dead.scores", torch.cat([out.flatten().nan_to_num(nan=9e9) for out in outs]))
        evidence.record("dead.rows", torch.cat([contrast.memory_l[3], contrast.memory_ab[3]]).nan_to_num(nan=9e9))  # type: ignore
    with evidence.part("short"):  # far above eps: still to be made a length of 1
        for name, length in (("short.scores", 0.001), ("short.plain", 1.0)):
            contrast, _, _ = _contrast(namespace, numbers, N=ROWS, K=SINGLE.shape[1] - 1)
            features = [numbers.normal(f"short {view}", 1, DIM) / 4 * length for view in ("l", "ab")]
            outs = contrast(*features, rows[:, 0], rows)
            evidence.record(name, torch.cat([out.flatten() for out in outs]))
    with evidence.part("twice"):  # one image twice in a batch, as another loader may give it
        contrast, _, _ = _contrast(namespace, numbers, N=ROWS, K=SINGLE.shape[1] - 1)
        l, ab = numbers.normal("twice l", 2, DIM), numbers.normal("twice ab", 2, DIM)
        contrast(l, ab, torch.tensor([3, 3]), rows.repeat(2, 1))
        evidence.record("twice.rows", torch.stack([contrast.memory_l[3], contrast.memory_ab[3]]))  # type: ignore
    return evidence


def _probe_drawing(namespace: Namespace, numbers: Numbers, evidence: Evidence) -> None:
    """Calls that draw their own rows: two alike, whose draws should differ, and one with many more draws than rows.

    So many that a row that is drawn twice as often as it should be is told from one that luck has drawn more often.
    """
    y = inputs.drawn_images(numbers)
    l, ab = (inputs.drawn_live(numbers, view) for view in VIEWS)
    with evidence.part("drawn"):
        # More rows than draws, so that drawing without repetition works; draws enough to meet a row's own if it is among them.
        contrast, _, _ = _contrast(namespace, numbers, N=inputs.DRAWN_ROWS, K=inputs.DRAWN_K)
        for name, out in zip(("drawn_l", "drawn_ab"), contrast(l, ab, y), strict=True):
            evidence.record(name, out)
        _fill_banks(contrast, numbers, N=inputs.DRAWN_ROWS)  # the same scores, then, if the rows are the same
        for name, out in zip(("drawn_l_again", "drawn_ab_again"), contrast(l, ab, y), strict=True):
            evidence.record(name, out)
    with evidence.part("many"):
        contrast, _, _ = _contrast(namespace, numbers, N=inputs.MANY_ROWS, K=inputs.MANY)
        some = slice(inputs.MANY_IMAGES)
        outs = contrast(l[some], ab[some], y[some] % inputs.MANY_ROWS)
        for name, out in zip(("drawn_l_many", "drawn_ab_many"), outs, strict=True):
            evidence.record(name, out)


def _contrast(namespace: Namespace, numbers: Numbers, N: int, K: int, long: int = 0) -> tuple[nn.Module, float, float]:
    """A student's `CMCScore` with unit rows in its banks, and a temperature and momentum that no default has.

    The last `long` rows are longer: nothing scores against them, and they should stay so.
    """
    T, momentum = inputs.temperature(numbers), inputs.momentum(numbers)
    contrast = namespace["CMCScore"](DIM, N, K, T=T, momentum=momentum).cpu()
    _fill_banks(contrast, numbers, N, long)
    return contrast, T, momentum


def _fill_banks(contrast: nn.Module, numbers: Numbers, N: int, long: int = 0) -> None:
    for view in VIEWS:
        with torch.no_grad():  # a bank may have been made a parameter
            getattr(contrast, f"memory_{view}").copy_(inputs.bank(numbers, view, N, long))


def _score_once(contrast: nn.Module, numbers: Numbers, evidence: Evidence, call: str) -> None:
    """One call: scores, banks after it, gradients of the live features, and whether a bank is in the graph."""
    y, idx = inputs.given_rows(numbers, call)
    l, ab = (inputs.live(numbers, view, call).requires_grad_() for view in VIEWS)
    out = contrast(l, ab, y, idx)
    for name in ("memory_l", "memory_ab"):  # first: they may be right where nothing is returned
        bank = getattr(contrast, name)
        evidence.record(f"{call}.{name}", bank)
        evidence.record(f"{call}.{name}_grad", int(bank.requires_grad))
    out_l, out_ab = out
    evidence.record(f"{call}.out_l", out_l)
    evidence.record(f"{call}.out_ab", out_ab)
    with evidence.part(f"{call}.gradient"):
        weighted = [(o * inputs.weight(numbers, view, *o.shape)).sum() for view, o in zip(VIEWS, (out_l, out_ab), strict=True)]
        sum(weighted).backward()
        for name, leaf in [("grad_l", l), ("grad_ab", ab)]:
            evidence.record(f"{call}.{name}", gradient_of(leaf))
