"""Probes of Part 2 but its training: the two encoders, the scores with their banks, the losses."""

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
    setting,
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


def probe_encoder_cmc(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`EncoderCMC` over a stand-in `Encoder`: the features of both views and the gradients that reach it."""
    evidence = Evidence()
    calls: list[tuple[nn.Module, Tensor]] = []
    Encoder = _stand_in_encoder(numbers, calls)
    with evidence.part("forward"), stand_in(namespace, Encoder=Encoder):
        model = namespace["EncoderCMC"]().cpu()
        images = numbers.normal("lab", 3, 3, 64, 64)
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


def probe_softmax_loss(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`SoftmaxLoss` on ordinary scores, a batch of one, and scores that overflow a plain exponential.

    The sizes follow from the seed: an answer that is right at one of them only is not right.
    """
    evidence = Evidence()
    B, width = 4 + int(numbers.integers("B", 5)), 9 + int(numbers.integers("K+1", 8))
    shapes = {"batch": (B, width), "one": (1, width - 1), "large": (3, width + 1)}
    for name, shape in shapes.items():
        with evidence.part(name):
            evidence.record(name, namespace["SoftmaxLoss"]()(_scores(numbers, name, *shape)))
    with evidence.part("again"):  # right at its first call should mean right at its last
        scores = _scores(numbers, "batch", *shapes["batch"])
        with left_alone(evidence, "input_changed", scores):
            loss = namespace["SoftmaxLoss"]()(scores)
        evidence.record("again", loss)
        loss.sum().backward()
        evidence.record("gradient", _gradient(scores))
    if "batch" in evidence.errors:  # does it want the very sizes of the notebook?
        with evidence.part("own"):
            scores = _scores(numbers, "own", setting(namespace, "batch_size", 256), 1 + setting(namespace, "K", 512))
            evidence.record("own", namespace["SoftmaxLoss"]()(scores))
            namespace["SoftmaxLoss"]()(scores).sum().backward()
            evidence.record("own.gradient", _gradient(scores))
    return evidence


def _gradient(scores: Tensor) -> Tensor:
    """What a backward left; zeros where it left nothing."""
    return torch.zeros_like(scores) if scores.grad is None else scores.grad


def _scores(numbers: Numbers, name: str, batch_size: int, width: int) -> Tensor:
    return numbers.normal(name, batch_size, width, 1).mul(400 if name == "large" else 2).requires_grad_()


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
                evidence.record(f"{call}.gradient", _gradient(scores))
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
