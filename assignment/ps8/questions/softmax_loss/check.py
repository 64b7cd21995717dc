"""Check of the softmax loss of 2.2: closed forms, and what may not change them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ps8.checks.running import fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.questions.shared.losses import EDGE, loss_of


def check_softmax_loss(namespace: Namespace) -> str:
    """2.2: closed forms of the cross entropy, its mean, its gradient, and the shapes that a careless squeeze breaks."""
    question = "softmax_loss"
    cls = given(namespace, question, "SoftmaxLoss")
    with student(question, "SoftmaxLoss() to give a module"):
        criterion = cls()
    K, B = 6, 3

    def loss(scores: Tensor, ahead: str, errors: dict[str, str] | None = None) -> float:
        return loss_of(question, criterion, scores, ahead, errors).item()

    def close(actual: float, wanted: float) -> bool:
        return math.isclose(actual, wanted, rel_tol=1e-3, abs_tol=1e-4)

    def must(actual: float, wanted: float, cause: str, what: str) -> None:
        if not close(actual, wanted):
            fail(question, cause, f"{what}: a loss of {wanted:.4f}", f"{actual:.4f}")

    height = 0.7
    equal = torch.full((B, K + 1, 1), height)
    actual, log_rows = loss(equal, "equal scores"), math.log(K + 1)
    sure = {column: _one_high(B, K, column, 60.0) for column in range(K + 1)}
    at = {column: loss(scores, f"column {column} far above the others") for column, scores in sure.items()}
    diagonal = torch.zeros(B, K + 1, 1)
    diagonal[torch.arange(B), torch.arange(B)] = 60.0
    if close(actual, B * log_rows):
        fail(
            question,
            "sum_for_mean",
            f"equal scores: a loss of ln(K+1) = {log_rows:.4f}",
            f"{actual:.4f}, {B} times that in a batch of {B}",
        )
    if close(actual, -log_rows):
        must(actual, log_rows, "sign", "equal scores, ln(K+1)")
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
        if any(close(actual, value) for value in values):
            must(actual, log_rows, cause, f"equal scores of {height}, ln(K+1) with K = {K}")
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
    must(actual, log_rows, "value", f"equal scores, ln(K+1) with K = {K}")
    half = loss(_one_high(B, K, 1, 30.0), "column 1 higher than the others by 30")
    if at[1] > 0 and not close(at[1], 60) and close(at[0], 0) and close(at[1], 2 * half):
        must(at[1], 60.0, "temperature_again", "column 1 higher than the others by 60")
    if close(at[1], half) and at[1] < 60:
        must(at[1], 60.0, "log_cut_off", "column 1 higher than the others by 60")
    if at[0] > 1e-3 and close(at[0] + at[1] - 60, at[0] * (K - 1) / K):
        must(at[0], 0.0, "smoothed", "column 0 higher than the others by 60")
    must(at[0], 0.0, "value", "column 0 far above the others")
    must(at[1], 60.0, "value", "column 1 higher than the others by 60")
    must(loss(equal[:1], "a batch of one", EDGE), log_rows, "squeeze_breaks", "a batch of one")
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
    return "ln(K+1) for equal scores, 0 when sure, the mean over the batch"


def _one_high(batch: int, negatives: int, column: int, height: float) -> Tensor:
    scores = torch.zeros(batch, negatives + 1, 1)
    scores[:, column] = height
    return scores


def _softmax_gradient(question: str, criterion: nn.Module, B: int, K: int) -> None:
    """For equal scores: 1/(K+1), less 1 at column 0, over the batch."""
    scores = torch.zeros(B, K + 1, 1, requires_grad=True)
    loss = loss_of(question, criterion, scores, "equal scores")
    wanted = torch.full((K + 1,), 1 / (K + 1))
    wanted[0] -= 1
    if not loss.requires_grad:
        fail(question, "no_gradient", "a loss with a gradient", "a loss outside the graph")
    loss.backward()
    if scores.grad is None or not torch.allclose(scores.grad[..., 0], (wanted / B).expand(B, -1), atol=1e-5):
        actual = "none" if scores.grad is None else ", ".join(f"{x:.4f}" for x in scores.grad[0, :3, 0])
        fail(
            question,
            "gradient",
            f"equal scores: a gradient of {wanted[0] / B:.4f} at column 0 and {wanted[1] / B:.4f} elsewhere",
            actual,
        )
