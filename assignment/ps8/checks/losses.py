"""Checks of the losses, 2.2 and the optional part: closed forms, and what may not change them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from ps8.checks.running import fail, given, run_probe, student
from ps8.probes import Namespace

_SHAPES = {
    r"Expected target size": "squeeze_missing",
    r"multi-target|0D or 1D target|Expected.*target|input batch_size|expected input batch": "target_shape",
    r"out of bounds|Target \d+ is out|out of range": "target_value",
    r"Dimension out of range|dimension specified|index \d+ is out of bounds for dimension": "squeeze_breaks",
}


_EDGE = {r".": "squeeze_breaks"}  # whatever is raised for a batch of one or a row of one, when others work


def _loss(question: str, criterion: nn.Module, scores: Tensor, ahead: str, errors: dict[str, str] | None = None) -> Any:
    """A loss, and that it is one finite number."""
    with student(question, f"one number for scores of shape {tuple(scores.shape)}", errors or _SHAPES, ahead):
        loss = criterion(scores)
    if loss is None:
        fail(question, "general.returns_nothing", "one number", "forward gives None")
    if not isinstance(loss, Tensor):
        fail(question, "not_a_tensor", "a tensor of one number, with its gradient", type(loss).__name__)
    if loss.dim() != 0:
        cause = "not_reduced" if loss.numel() > 1 else "not_scalar"
        fail(question, cause, "one number, shape ()", f"{ahead}: shape {tuple(loss.shape)}")
    if not torch.isfinite(loss):
        large = float(scores.abs().max()) > 50
        fail(
            question,
            "overflow" if large else "not_finite",
            f"{ahead}: a finite loss",
            f"{loss.item()}",
        )
    return loss


def check_softmax_loss(namespace: Namespace) -> str:
    """2.2: closed forms of the cross entropy, its mean, its gradient, and the shapes that a careless squeeze breaks."""
    question = "softmax_loss"
    cls = given(namespace, question, "SoftmaxLoss")
    with student(question, "SoftmaxLoss() to give a module"):
        criterion = cls()
    K, B = 6, 3

    def loss(scores: Tensor, ahead: str, errors: dict[str, str] | None = None) -> float:
        return _loss(question, criterion, scores, ahead, errors).item()

    def close(came: float, wanted: float) -> bool:
        return math.isclose(came, wanted, rel_tol=1e-3, abs_tol=1e-4)

    def must(came: float, wanted: float, cause: str, what: str) -> None:
        if not close(came, wanted):
            fail(question, cause, f"{what}: a loss of {wanted:.4f}", f"{came:.4f}")

    height = 0.7
    equal = torch.full((B, K + 1, 1), height)
    came, log_rows = loss(equal, "equal scores"), math.log(K + 1)
    sure = {column: _one_high(B, K, column, 60.0) for column in range(K + 1)}
    at = {column: loss(scores, f"column {column} far above the others") for column, scores in sure.items()}
    diagonal = torch.zeros(B, K + 1, 1)
    diagonal[torch.arange(B), torch.arange(B)] = 60.0
    if close(came, B * log_rows):
        fail(
            question,
            "sum_for_mean",
            f"equal scores: a loss of ln(K+1) = {log_rows:.4f}",
            f"{came:.4f}, {B} times that in a batch of {B}",
        )
    if close(came, -log_rows):
        must(came, log_rows, "sign", "equal scores, ln(K+1)")
    soft = [math.log1p(math.exp(s)) for s in (-height, height)]
    alone = soft[0] + K * soft[1]  # a yes or no for each column
    for cause, values in {
        "no_logarithm": (1 / (K + 1), 1 - 1 / (K + 1), -1 / (K + 1)),
        "columns_averaged": (log_rows / (K + 1),),
        "softmax_over_batch": (math.log(B),),
        "noise_only": (math.log(K),),
        "positive_only": (-height, height),
        "each_column_alone": (alone, alone / (K + 1)),
    }.items():
        if any(close(came, value) for value in values):
            must(came, log_rows, cause, f"equal scores of {height}, ln(K+1) with K = {K}")
    squeezed = math.log(1 + K / math.e)
    if close(at[0], squeezed):
        fail(
            question,
            "softmax_first",
            "column 0 far above the others: a loss of 0",
            f"{at[0]:.4f}, which is ln(1 + K/e): what scores of 1 and 0 would give",
        )
    if close(loss(diagonal, "row i sure of column i"), 0) and not close(at[0], 0):
        fail(question, "label_per_row", "the right answer at column 0 in every row", "row i is asked for column i")
    for column, value in at.items():
        if column and close(value, 0) and not close(at[0], 0):
            cause = "positive_last" if column == K else "label_one" if column == 1 else "positive_column"
            fail(
                question,
                cause,
                "a loss of 0 when column 0 is far above the others",
                f"the loss is 0 when column {column} is",
            )
    must(came, log_rows, "value", f"equal scores, ln(K+1) with K = {K}")
    if at[1] > 0 and not close(at[1], 60) and close(at[1], at[2]):
        must(at[1], 60.0, "temperature_again", "column 1 higher than the others by 60")
    must(at[0], 0.0, "value", "column 0 far above the others")
    must(at[1], 60.0, "value", "column 1 higher than the others by 60")
    must(loss(equal[:1], "a batch of one", _EDGE), log_rows, "squeeze_breaks", "a batch of one")
    must(loss(equal[:, :1], "K = 0", _EDGE), 0.0, "squeeze_breaks", "no negatives, K = 0")
    two = torch.tensor([[[0.0], [math.log(3)]]])
    must(loss(two, "scores 0 and ln 3"), math.log(4), "value", "scores 0 and ln 3, so a probability of 1/4")
    shifted = loss(two + 5, "the same, 5 higher")
    must(shifted, math.log(4), "absolute", "the same number added to all scores")
    mixed = torch.cat([torch.zeros(1, 2, 1), two])
    must(loss(mixed, "a batch of two"), (math.log(2) + math.log(4)) / 2, "mean", "the mean over two images")
    huge = torch.tensor([[[1e4], [0.0]], [[0.0], [1e4]]])
    must(loss(huge, "scores of 10,000"), 5e3, "overflow", "scores of 10,000")
    _softmax_gradient(question, criterion, B, K)
    run_probe(question, namespace)
    return f"ln(K+1) for equal scores, 0 when sure, the mean over the batch, {K + 1} columns or one"


def _one_high(batch: int, negatives: int, column: int, height: float) -> Tensor:
    scores = torch.zeros(batch, negatives + 1, 1)
    scores[:, column] = height
    return scores


def _softmax_gradient(question: str, criterion: nn.Module, B: int, K: int) -> None:
    """For equal scores: 1/(K+1), less 1 at column 0, over the batch."""
    scores = torch.zeros(B, K + 1, 1, requires_grad=True)
    loss = _loss(question, criterion, scores, "equal scores")
    wanted = torch.full((K + 1,), 1 / (K + 1))
    wanted[0] -= 1
    if not loss.requires_grad:
        fail(question, "no_gradient", "a loss with a gradient", "a loss outside the graph")
    loss.backward()
    if scores.grad is None or not torch.allclose(scores.grad[..., 0], (wanted / B).expand(B, -1), atol=1e-5):
        came = "none" if scores.grad is None else ", ".join(f"{x:.4f}" for x in scores.grad[0, :3, 0])
        fail(
            question,
            "gradient",
            f"equal scores: a gradient of {wanted[0] / B:.4f} at column 0 and {wanted[1] / B:.4f} elsewhere",
            came,
        )


def check_nce(namespace: Namespace) -> str:
    """The optional part: equal scores, whose loss is known whatever they are, and Z after one batch and two."""
    question = "nce"
    cls = given(namespace, question, "NCELoss")
    N, K, B, decay = 50, 4, 3, 0.75
    errors = _SHAPES | {r"no attribute 'Z'": "normaliser_missing", r"second time": "normaliser_in_graph"}

    def fresh(share: float = decay) -> nn.Module:
        with student(question, "NCELoss(N, K, decay=...) to give a module"):
            return cls(N, K, decay=share)

    def loss(criterion: nn.Module, scores: Tensor, ahead: str) -> float:
        return _loss(question, criterion, scores, ahead, _EDGE if ahead == "a batch of one" else errors).item()

    def must(came: float, wanted: float, cause: str, what: str) -> None:
        if not math.isclose(came, wanted, rel_tol=2e-3, abs_tol=1e-4):
            fail(question, cause, f"{what}: {wanted:.4f}", f"{came:.4f}")

    criterion = fresh()
    first = torch.full((B, K + 1, 1), 0.5)
    came = _first_loss(question, criterion, first, errors)
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
            if math.isclose(came, value, rel_tol=2e-3):
                must(came, base, cause, "equal scores, ln(K+1) + K ln(1 + 1/K)")
    _check_first_normaliser(question, Z, N, K)
    must(came, base, _odds_cause(came, N, K, base), "equal scores, ln(K+1) + K ln(1 + 1/K)")
    _second_batch(question, criterion, loss, must, N=N, K=K, B=B, decay=decay)
    one = loss(fresh(), first[:1], "a batch of one")
    must(one, base, "squeeze_breaks", "a batch of one with equal scores")
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
    return _loss(question, _Again(loss), scores, "equal scores").item()


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


def _odds_cause(came: float, N: int, K: int, base: float) -> str:
    """Which term of the log-odds is off, as far as equal scores tell: their odds are then not 1 : K."""

    def of(odds: float) -> float:
        return math.log(1 + 1 / odds) + K * math.log(1 + odds)

    for cause, odds in {
        "odds_without_noise": 1 / N,
        "odds_noise_upside_down": K / N**2,
        "odds_without_K": 1.0,
        "odds_without_normaliser": math.exp(0.5) * N / K,
    }.items():
        if math.isclose(came, of(odds), rel_tol=2e-3):
            return cause
    return "value"


def _second_batch(question: str, criterion: nn.Module, loss, must, *, N: int, K: int, B: int, decay: float) -> None:  # type: ignore[no-untyped-def]
    """A second batch of equal scores, higher than the first: Z and the loss follow from both."""
    came = loss(criterion, torch.full((B, K + 1, 1), 1.5), "a second batch")
    Z = _normaliser(question, criterion)
    first, second = N * math.exp(0.5), N * math.exp(1.5)
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
            f"Z after batches of estimates {first:.2f} and {second:.2f}, decay {decay}: {wanted:.2f}",
            f"{Z:.2f}",
        )
    odds = math.exp(1.5) / wanted * N / K
    stale = math.exp(1.5) / first * N / K
    value, old = (math.log(1 + 1 / o) + K * math.log(1 + o) for o in (odds, stale))
    cause = "normaliser_after_loss" if math.isclose(came, old, rel_tol=2e-3) else "value"
    must(came, value, cause, "the loss of the second batch, with the new Z")


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
    _loss(question, criterion, torch.zeros(B, K + 1, 1), "equal scores")
    scores = torch.ones(B, K + 1, 1, requires_grad=True)
    value = _loss(question, criterion, scores, "a second batch of equal scores")
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
    came = "none" if scores.grad is None else ", ".join(f"{x:.4f}" for x in scores.grad[0, :3, 0])
    # Z in the graph takes the same amount from every column.
    off = None if scores.grad is None else scores.grad[..., 0] - wanted / B
    through = off is not None and torch.allclose(off, off[:1, :1].expand_as(off), atol=1e-4)
    fail(
        question,
        "normaliser_in_graph" if through else "gradient",
        f"equal scores: a gradient of {wanted[0] / B:.4f} at column 0 and {wanted[1] / B:.4f} elsewhere",
        came,
    )
