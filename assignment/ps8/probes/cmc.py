"""Probes of Part 2: the two encoders, the scores with their banks, the losses, a step of `train_cmc`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import Batches, Namespace, Numbers, Watch, fill, numbers_of, stand_in, state


def probe_encoder_cmc(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`EncoderCMC` over a stand-in `Encoder`: the features of both views and the gradients that reach it."""
    evidence = Evidence()

    class Encoder(nn.Module):
        """Stands in for the student's `Encoder`: one layer, (c, 64, 64) -> (24, 4, 4)."""

        def __init__(self, in_channels: int = 3) -> None:
            super().__init__()
            self.layer = nn.Conv2d(in_channels, 24, kernel_size=16, stride=16)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.layer(x))  # positive, as a ReLU's: one more ReLU behind it changes nothing

    with evidence.part("forward"), stand_in(namespace, Encoder=Encoder):
        model = fill(namespace["EncoderCMC"]().cpu(), numbers)
        images = numbers.normal("lab", 3, 3, 64, 64)
        feat_l, feat_ab = model(images)
        evidence.record("feat_l", feat_l)
        evidence.record("feat_ab", feat_ab)
        with evidence.part("gradient"):
            weighted = [(f * numbers.normal(n, *f.shape)).sum() for n, f in [("l", feat_l), ("ab", feat_ab)]]
            sum(weighted).backward()  # type: ignore[union-attr]
            # By the number of channels: an answer may define its encoders in either order.
            encoders = sorted((m for m in model.modules() if isinstance(m, Encoder)), key=lambda m: m.layer.in_channels)
            grads = [torch.zeros_like(p) if p.grad is None else p.grad for m in encoders for p in m.parameters()]
            evidence.record("gradient", torch.cat([g.flatten() for g in grads]))
        with evidence.part("one"):
            for name, value in zip(("feat_l_one", "feat_ab_one"), model(images[:1]), strict=True):
                evidence.record(name, value)
    return evidence


def probe_cmc_score(namespace: Namespace, numbers: Numbers) -> Evidence:
    """Two calls of `CMCScore` with given banks and rows, one for a single image, then one that draws its own rows."""
    evidence = Evidence()
    with evidence.part("forward"):
        contrast, T, momentum = _contrast(namespace, numbers, N=20, K=6, d=16)
        evidence.record("T", T)
        evidence.record("momentum", momentum)
        for call in ("first", "second"):
            _score_once(contrast, numbers, evidence, call)
    with evidence.part("single"):
        contrast, _, _ = _contrast(namespace, numbers, N=20, K=0, d=16)
        l, ab = numbers.normal("single l", 1, 16), numbers.normal("single ab", 1, 16)
        row = torch.tensor([3])
        for name, out in zip(("single.out_l", "single.out_ab"), contrast(l, ab, row, row[:, None]), strict=True):
            evidence.record(name, out)
    with evidence.part("drawn"):
        # More rows than draws, so that drawing without repetition works; draws enough to meet a row's own if it is among them.
        contrast, _, _ = _contrast(namespace, numbers, N=70, K=60, d=16)
        l, ab = numbers.normal("drawn l", 32, 16), numbers.normal("drawn ab", 32, 16)
        drawn = contrast(l, ab, numbers.permutation("drawn y", 70)[:32])
        for name, out in zip(("drawn_l", "drawn_ab"), drawn, strict=True):
            evidence.record(name, out)
    return evidence


def _contrast(namespace: Namespace, numbers: Numbers, N: int, K: int, d: int) -> tuple[nn.Module, float, float]:
    """A student's `CMCScore` with unit rows in its banks, and a temperature and momentum that no default has."""
    T, momentum = numbers.number("T", 0.15, 0.45), numbers.number("momentum", 0.2, 0.4)
    contrast = namespace["CMCScore"](d, N, K, T=T, momentum=momentum).cpu()
    for name in ("memory_l", "memory_ab"):
        rows = numbers.normal(name, N, d)
        with torch.no_grad():  # a bank may have been made a parameter
            getattr(contrast, name).copy_(rows / rows.norm(dim=1, keepdim=True))
    return contrast, T, momentum


def _score_once(contrast: nn.Module, numbers: Numbers, evidence: Evidence, call: str) -> None:
    """One call: scores, banks after it, gradients of the live features, and whether a bank is in the graph."""
    N, d = contrast.memory_l.shape  # type: ignore
    y = numbers.permutation(f"y {call}", N)[:4]
    others = (y[:, None] + 1 + numbers.integers(f"idx {call}", N - 1, 4, 6)) % N  # never the image's own row
    others[:, 0] = y.roll(1)  # but always another's of the batch, which its own update must not lose
    l, ab = (numbers.normal(f"{view} {call}", 4, d).mul(3).requires_grad_() for view in ("l", "ab"))
    out_l, out_ab = contrast(l, ab, y, torch.cat([y[:, None], others], dim=1))
    evidence.record(f"{call}.out_l", out_l)
    evidence.record(f"{call}.out_ab", out_ab)
    for name in ("memory_l", "memory_ab"):
        bank = getattr(contrast, name)
        evidence.record(f"{call}.{name}", bank)
        evidence.record(f"{call}.{name}_grad", int(bank.requires_grad))
    with evidence.part(f"{call}.gradient"):
        weighted = [(o * numbers.normal(n, *o.shape)).sum() for n, o in [("wl", out_l), ("wab", out_ab)]]
        sum(weighted).backward()  # type: ignore[union-attr]
        for name, leaf in [("grad_l", l), ("grad_ab", ab)]:
            evidence.record(f"{call}.{name}", torch.zeros_like(leaf) if leaf.grad is None else leaf.grad)


def probe_softmax_loss(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`SoftmaxLoss` on ordinary scores, a batch of one, no negatives, and scores that overflow a plain exponential.

    The sizes follow from the seed: an answer that is right at one of them only is not right.
    """
    evidence = Evidence()
    B, width = 4 + int(numbers.integers("B", 5)), 9 + int(numbers.integers("K+1", 8))
    shapes = {"batch": (B, width), "one": (1, width - 1), "alone": (B, 1), "large": (3, width + 1)}
    for name, shape in shapes.items():
        with evidence.part(name):
            evidence.record(name, namespace["SoftmaxLoss"]()(_scores(numbers, name, *shape)))
    with evidence.part("again"):  # right at its first call should mean right at its last
        scores = _scores(numbers, "batch", *shapes["batch"])
        loss = namespace["SoftmaxLoss"]()(scores)
        evidence.record("again", loss)
        loss.sum().backward()
        evidence.record("gradient", torch.zeros_like(scores) if scores.grad is None else scores.grad)
    return evidence


def _scores(numbers: Numbers, name: str, batch_size: int, width: int) -> Tensor:
    return numbers.normal(name, batch_size, width, 1).mul(400 if name == "large" else 2).requires_grad_()


class TinyViews(nn.Module):
    """Stands in for `EncoderCMC` in 2.3: a linear map for each view, (3, 4, 4) -> twice (5,)."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.l, self.ab = nn.Linear(16, 5), nn.Linear(32, 5)
        fill(self, numbers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        l, ab = x.split([1, 2], dim=1)
        return self.l(l.flatten(1)), self.ab(ab.flatten(1))


class TinyContrast(nn.Module):
    """Stands in for `CMCScore` in 2.3: vectors that differ for the two views and for each image's number.

    As with real banks, a call changes those of its images, and `idx` may name other rows to score against.
    """

    for_l: Tensor
    for_ab: Tensor

    def __init__(self, numbers: Numbers, N: int, K: int) -> None:
        super().__init__()
        self.register_buffer("for_l", numbers.normal("for l", N, K + 1, 5))
        self.register_buffer("for_ab", numbers.normal("for ab", N, K + 1, 5))

    def forward(self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        rows = [bank[y] if idx is None else bank[idx][:, 0] for bank in (self.for_l, self.for_ab)]
        with torch.no_grad():
            self.for_l[y] *= 0.8
            self.for_ab[y] *= 0.8
        return rows[0] @ l[:, :, None], rows[1] @ ab[:, :, None]


class WeightedLoss(nn.Module):
    """Stands in for a criterion in 2.3: a smooth function of the scores, another one for each weight."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.weight * x).mean() + self.weight * (x**2).mean()


def probe_train_cmc(namespace: Namespace, numbers: Numbers) -> Evidence:
    """The stand-in model after one batch and after two epochs of three, and what was reported on the way."""
    evidence = Evidence()
    images, labels = numbers.normal("lab", 10, 3, 4, 4), numbers.integers("labels", 10, 10)
    index = numbers.permutation("index", 10)
    for name, sizes, epochs in [("one", [4], 1), ("many", [4, 4, 2], 2)]:
        model, contrast = TinyViews(numbers), TinyContrast(numbers, N=10, K=3)
        with Watch(model) as watch, evidence.part(name):
            evidence.record(f"{name}.before", state(model))
            loader = Batches(images, labels, index, sizes=sizes)
            trained, history = namespace["train_cmc"](
                model, contrast, WeightedLoss(0.5), WeightedLoss(1.5), loader, epochs=epochs
            )
            evidence.record(f"{name}.after", state(trained))
            for key in ("loss", "prob_l", "prob_ab"):
                values, graph = numbers_of(history[key])
                evidence.record(f"{name}.{key}", values)
                if key == "loss":
                    evidence.record(f"{name}.graph", graph)
        evidence.record(f"{name}.counts", watch.counts())
    return evidence


def probe_nce(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`NCELoss` on two batches one after the other: values, gradients, and its estimate of Z after each."""
    evidence = Evidence()
    decay = numbers.number("decay", 0.6, 0.8)
    with evidence.part("first"):
        criterion = namespace["NCELoss"](50, 7, decay=decay)
        for call in ("first", "second"):
            with evidence.part(call):
                scores = numbers.normal(call, 4, 8, 1).mul(2).requires_grad_()
                loss = criterion(scores)
                evidence.record(f"{call}.loss", loss)
                evidence.record(f"{call}.Z", criterion.Z)
                loss.sum().backward()
                evidence.record(f"{call}.gradient", torch.zeros_like(scores) if scores.grad is None else scores.grad)
    with evidence.part("one"):
        evidence.record("one", namespace["NCELoss"](50, 7)(numbers.normal("one", 1, 8, 1).mul(2)))
    with evidence.part("large"):
        scores = numbers.normal("large", 3, 4, 1).mul(20)
        scores[:, 0] -= 120  # further down than the sigmoid of a float32 reaches
        evidence.record("large", namespace["NCELoss"](50, 3)(scores))
    return evidence
