"""Check of the optional part: closed forms of the NCE loss, and its normaliser Z over batches."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from ps8.checks.running import fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.questions.shared.losses import EDGE, SHAPES, loss_of


def check_nce(namespace: Namespace) -> str:
    """The optional part: equal scores, whose loss is known whatever they are, and Z after one batch and two."""
    question = "nce"
    cls = given(namespace, question, "NCELoss")
    N, K, B, decay = 50, 4, 3, 0.75
    errors = SHAPES | {r"no attribute 'Z'|as buffer 'Z'": "normaliser_missing", r"second time": "normaliser_in_graph"}

    def fresh(share: float = decay) -> nn.Module:
        with student(question, "NCELoss(N, K, decay=...) to give a module"):
            made: nn.Module = cls(N, K, decay=share)
        return made

    def loss(criterion: nn.Module, scores: Tensor, ahead: str) -> float:
        return loss_of(question, criterion, scores, ahead, EDGE if ahead == "a batch of one" else errors).item()

    def must(actual: float, wanted: float, cause: str, what: str) -> None:
        if not math.isclose(actual, wanted, rel_tol=2e-3, abs_tol=1e-4):
            fail(question, cause, f"{what}: a loss of {wanted:.4f}", f"{actual:.4f}")

    criterion = fresh()
    first = torch.full((B, K + 1, 1), 0.5)
    actual = _first_loss(question, criterion, first, errors)
    Z = _normaliser(question, criterion)
    base, yes = math.log(K + 1) + K * math.log(1 + 1 / K), math.log(K + 1)
    # What else an equal batch can give points to one slip each.
    slips = {
        "sum_for_mean": B * base,
        "columns_averaged": base / (K + 1),
        "positive_only": yes,
        "noise_only": base - yes,
        "noise_averaged": yes + (base - yes) / K,
        "signs_swapped": math.log(1 + 1 / K) + K * math.log(K + 1),
        "sign": -base,
    }
    if math.isclose(Z, N * math.exp(0.5), rel_tol=1e-3):
        for cause, value in slips.items():
            if math.isclose(actual, value, rel_tol=2e-3):
                must(actual, base, cause, f"equal scores, ln(K+1) + K ln(1 + 1/K) with K = {K}")
    _check_first_normaliser(question, Z, N, K)
    must(actual, base, _odds_cause(actual, N, K, base), f"equal scores, ln(K+1) + K ln(1 + 1/K) with K = {K}")
    _second_batch(question, criterion, loss, must, N=N, K=K, B=B, decay=decay)
    one = loss(fresh(), first[:1], "a batch of one")
    must(one, base, "squeeze_breaks", "a batch of one with equal scores")
    criterion = fresh()
    loss(criterion, first - 6, "a first batch of low scores")
    _second_batch(question, criterion, loss, must, N=N, K=K, B=B, decay=decay, lower=6.0)  # an estimate below 1
    _first_unequal(question, fresh(), loss, N=N, K=K)
    _columns(question, fresh(1.0), loss, must, K=K)
    held = fresh(1.0)
    loss(held, torch.zeros(B, K + 1, 1), "equal scores")
    low = torch.zeros(B, K + 1, 1)
    low[:, 0] = -200.0
    wanted = 200 + math.log(K) + K * math.log(1 + 1 / K)
    must(loss(held, low, "a positive of score -200"), wanted, "overflow", "a positive of score -200")
    _nce_gradient(question, fresh(), N, B, K, decay)
    run_probe(question, namespace)
    return "closed forms of equal scores, Z averaged over batches and held out of the gradient"


def _first_loss(question: str, criterion: nn.Module, scores: Tensor, errors: dict[str, str]) -> float:
    """The loss of the first batch; it is infinite if Z is still 0 when its logarithm is taken."""
    with student(question, f"one number for scores of shape {tuple(scores.shape)}", errors, "the first batch"):
        loss = criterion(scores)
    if isinstance(loss, Tensor) and loss.dim() == 0 and not torch.isfinite(loss):
        never = _normaliser(question, criterion) == 0
        cause = "normaliser_never_set" if never else "normaliser_after_loss"
        fail(question, cause, "a finite loss for the first batch", f"{loss.item()}")
    return loss_of(question, _Again(loss), scores, "equal scores").item()


class _Again(nn.Module):
    """Gives a value that was computed before."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Any:
        return self.value


def _first_unequal(question: str, criterion: nn.Module, loss, *, N: int, K: int) -> None:  # type: ignore[no-untyped-def]
    """A first batch whose positive scores higher than the noise: Z is N times the mean of exp over all K+1 columns."""
    scores = torch.zeros(1, K + 1, 1)
    scores[:, 0] = math.log(3)
    loss(criterion, scores, "column 0 higher than the others")
    Z, wanted = _normaliser(question, criterion), N * (3 + K) / (K + 1)
    if math.isclose(Z, wanted, rel_tol=1e-3):
        return
    cause = "normaliser"
    if math.isclose(Z, N, rel_tol=1e-3):
        cause = "normaliser_from_noise"
    elif math.isclose(Z, N * 3 ** (1 / (K + 1)), rel_tol=1e-3):
        cause = "normaliser_of_mean"
    what = f"Z after scores of ln 3 at column 0 and 0 elsewhere: N times the mean of exp, {wanted:.3f}"
    fail(question, cause, what, f"Z = {Z:.3f}")


def _normaliser(question: str, criterion: nn.Module) -> float:
    Z = getattr(criterion, "Z", None)
    if not isinstance(Z, Tensor) or Z.numel() != 1:
        fail(question, "normaliser_missing", "the buffer Z, kept in place", f"Z is a {type(Z).__name__}")
    if Z.requires_grad:
        fail(question, "normaliser_in_graph", "Z outside the graph", "Z requires a gradient")
    return Z.item()


def _check_first_normaliser(question: str, Z: float, N: int, K: int) -> None:
    wanted = N * math.exp(0.5)
    if math.isclose(Z, wanted, rel_tol=1e-3):
        return
    if Z == 0:
        cause = "normaliser_never_set"
    elif math.isclose(Z, math.exp(0.5), rel_tol=1e-3):
        cause = "normaliser_without_N"
    elif math.isclose(Z, wanted * 0.25, rel_tol=1e-3):
        cause = "normaliser_first_averaged"
    elif math.isclose(Z, wanted * (K + 1), rel_tol=1e-3):
        cause = "normaliser_summed"
    else:
        cause = "normaliser"
    fail(
        question,
        cause,
        f"Z after a first batch of equal scores 0.5: N e^0.5 = {wanted:.4f}",
        f"Z = {Z:.4f}",
    )


def _odds_cause(actual: float, N: int, K: int, base: float) -> str:
    """Which term of the log-odds is off, as far as equal scores tell: their odds are then not 1 : K."""

    def of(odds: float) -> float:
        return math.log(1 + 1 / odds) + K * math.log(1 + odds)

    for cause, odds in {
        "odds_without_noise": 1 / N,
        "odds_noise_upside_down": K / N**2,
        "odds_without_K": 1.0,
        "odds_without_normaliser": math.exp(0.5) * N / K,
    }.items():
        if math.isclose(actual, of(odds), rel_tol=2e-3):
            return cause
    return "value"


def _second_batch(  # type: ignore[no-untyped-def]
    question: str, criterion: nn.Module, loss, must, *, N: int, K: int, B: int, decay: float, lower: float = 0.0
) -> None:
    """A second batch of equal scores, higher than the first: Z and the loss follow from both."""
    actual = loss(criterion, torch.full((B, K + 1, 1), 1.5 - lower), "a second batch")
    Z = _normaliser(question, criterion)
    first, second = N * math.exp(0.5 - lower), N * math.exp(1.5 - lower)
    wanted = decay * first + (1 - decay) * second
    if not math.isclose(Z, wanted, rel_tol=1e-3):
        cause = "normaliser_average"
        for name, value in {
            "normaliser_each_batch": second,
            "normaliser_never_updated": first,
            "decay_wrong_side": (1 - decay) * first + decay * second,
        }.items():
            if math.isclose(Z, value, rel_tol=1e-3):
                cause = name
        fail(
            question,
            cause,
            f"Z after batches of estimates {first:.4g} and {second:.4g}, decay {decay}: {wanted:.4g}",
            f"{Z:.4g}",
        )
    odds, stale = (math.exp(1.5 - lower) / z * N / K for z in (wanted, first))
    value, old = (math.log(1 + 1 / o) + K * math.log(1 + o) for o in (odds, stale))
    cause = "normaliser_after_loss" if math.isclose(actual, old, rel_tol=2e-3) else "value"
    must(actual, value, cause, "the loss of the second batch, with the new Z")


def _columns(question: str, criterion: nn.Module, loss, must, *, K: int) -> None:  # type: ignore[no-untyped-def]
    """With Z set by an equal batch and then held (decay 1), a high score at column 0 costs little, elsewhere much."""
    loss(criterion, torch.zeros(1, K + 1, 1), "equal scores")
    value = {}
    for column in (0, 1, K):
        scores = torch.zeros(1, K + 1, 1)
        scores[:, column] = 3.0
        value[column] = loss(criterion, scores, f"column {column} higher than the others")
    odds = 1 / K
    high = odds * math.exp(3)
    wanted = math.log(1 + 1 / high) + K * math.log(1 + odds)
    cause = "positive_column" if min(value, key=value.__getitem__) != 0 else "value"
    must(value[0], wanted, cause, "the loss with column 0 higher by 3")


def _nce_gradient(question: str, criterion: nn.Module, N: int, B: int, K: int, decay: float) -> None:
    """In a second equal batch, h - 1 at column 0 and h elsewhere, over the batch: with Z held fixed as it now is."""
    loss_of(question, criterion, torch.zeros(B, K + 1, 1), "equal scores")
    scores = torch.ones(B, K + 1, 1, requires_grad=True)
    value = loss_of(question, criterion, scores, "a second batch of equal scores")
    if not value.requires_grad:
        fail(question, "no_gradient", "a loss with a gradient", "a loss outside the graph")
    with student(question, "loss.backward() to run", {r"second time": "normaliser_in_graph"}):
        value.backward()
    odds = math.e / (decay + (1 - decay) * math.e) / K
    h = odds / (1 + odds)
    wanted = torch.full((K + 1,), h)
    wanted[0] -= 1
    if scores.grad is not None and torch.allclose(scores.grad[..., 0], (wanted / B).expand(B, -1), atol=1e-4):
        return
    actual = "none" if scores.grad is None else ", ".join(f"{x:.4f}" for x in scores.grad[0, :3, 0])
    # Z in the graph takes the same amount from every column.
    off = None if scores.grad is None else scores.grad[..., 0] - wanted / B
    through = off is not None and torch.allclose(off, off[:1, :1].expand_as(off), atol=1e-4)
    fail(
        question,
        "normaliser_in_graph" if through else "gradient",
        f"equal scores: a gradient of {wanted[0] / B:.4f} at column 0 and {wanted[1] / B:.4f} elsewhere",
        actual,
    )
