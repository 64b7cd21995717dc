"""Check of 2.3: what the contrast and each criterion are called with, the sum of the losses, and the steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ps8.checks.running import SEED, fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers
from ps8.questions.shared.steps import (
    EPOCHS,
    ERRORS,
    SIZES,
    as_numbers,
    check_settings,
    check_steps,
    difference,
    epoch_sums,
    listed,
    no_graph,
    other_epochs,
    returned_values,
    weights_changed,
)
from ps8.questions.shared.trace import Step, Trace

from .probe import TinyContrast, TinyViews, WeightedLoss, coarse_images

_HISTORY = ("loss", "prob_l", "prob_ab")


class _Contrast(TinyContrast):
    """Notes what it was called with."""

    def __init__(self, numbers: Numbers, N: int, K: int) -> None:
        super().__init__(numbers, N, K)
        self.calls: list[dict[str, Any]] = []

    def forward(self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        out = super().forward(l, ab, y, idx)
        self.calls.append({"l": l, "ab": ab, "y": y, "idx": idx, "out": out})
        return out


class _Loss(WeightedLoss):
    """Notes what it was called with and what it gave."""

    def __init__(self, weight: float) -> None:
        super().__init__(weight)
        self.calls: list[tuple[Tensor, float]] = []
        self.arrived: list[float] = []  # gradients of what is trained on by this loss: 1 for a sum

    def forward(self, x: Tensor) -> Tensor:
        out = super().forward(x)
        if out.requires_grad:
            out.register_hook(lambda gradient: self.arrived.append(gradient.item()))
        self.calls.append((x.detach(), out.item()))
        return out


def check_train_cmc(namespace: Namespace) -> str:
    """2.3: what the contrast and each criterion are called with, the sum of the losses, and the steps."""
    question = "train_cmc"
    train, numbers = given(namespace, question, "train_cmc"), Numbers(SEED)
    images, labels = coarse_images(numbers), numbers.integers("labels", 10, 10)
    index = numbers.permutation("index", 10)
    contrast, losses = _Contrast(numbers, N=10, K=3), {"l": _Loss(0.5), "ab": _Loss(1.5)}
    model = TinyViews(numbers)
    trace = Trace(model=model)
    errors = {
        **ERRORS,
        r"inplace operation": lambda: weights_changed(trace),
        r"does not require grad|grad_fn": lambda: no_graph(trace, "features_detached"),
        r"name 'out_l'|name 'out_ab'|variable 'out": "scores_name",
        r"missing 1 required positional argument: 'y'": "numbers_missing",
    }
    with trace.steps() as steps, student(question, "training to run, for two epochs of three batches", errors):
        returned = train(
            model,
            contrast,
            losses["l"],
            losses["ab"],
            trace.loader(images, labels, index, sizes=SIZES),
            epochs=EPOCHS,
        )
    _, history = returned_values(question, returned, 2, "the model and the history")
    _check_contrast_calls(contrast, steps, images, labels, index)
    if not isinstance(history, dict) or any(key not in history for key in _HISTORY):
        fail(question, "general.returned", f"the history: a dictionary with {', '.join(_HISTORY)}", f"{history!r:.100}")
    reported = {key: as_numbers(question, history[key], EPOCHS, f"history[{key!r}]") for key in _HISTORY}
    each = _check_criteria(contrast, losses, reported)
    means = {name: epoch_sums(values) / len(SIZES) for name, values in each.items()}
    _check_epochs(reported, means, each)
    for key in ("prob_l", "prob_ab"):
        if not np.allclose(reported[key], means[key], rtol=2e-3, atol=1e-5):
            swapped = np.allclose(reported[key], means["prob_ab" if key == "prob_l" else "prob_l"], rtol=2e-3)
            fail(
                question,
                "scores_swapped" if swapped else "scores_name",
                f"{key}: the mean probability from that view's scores, {listed(means[key])}",
                listed(reported[key]),
            )
    if not np.allclose(reported["loss"], means["loss"], rtol=2e-3, atol=1e-5):
        _fail_on_loss(reported["loss"], means["loss"], losses)
    if any(gradient < 0 for loss in losses.values() for gradient in loss.arrived):
        fail(question, "maximised", "gradients that go up both losses", "one that goes down a loss")
    check_steps(question, steps, list(trace.parameters))
    check_settings(question, namespace, steps, lr="cmc_lr", betas="cmc_betas")
    run_probe(question, namespace)
    return "scores by the images' numbers, the sum of both losses, one step a batch with that batch's gradient"


def _check_contrast_calls(contrast: _Contrast, steps: list[Step], images: Tensor, labels: Tensor, index: Tensor) -> None:
    question, starts = "train_cmc", np.cumsum([0, *SIZES])
    if len(contrast.calls) != len(steps):
        cause = "contrast_not_called" if len(contrast.calls) < len(steps) else "contrast_twice"
        fail(
            question,
            cause,
            "one call of `contrast` a batch",
            f"{len(contrast.calls)} calls in {len(steps)} batches",
        )
    for k, (call, step) in enumerate(zip(contrast.calls, steps, strict=True)):
        part = slice(starts[k % 3], starts[k % 3 + 1])
        y = call["y"].detach().cpu()
        if y.shape != index[part].shape or not torch.equal(y.long(), index[part]):
            cause = "numbers_wrong"
            if torch.equal(y.long(), labels[part]):
                cause = "labels_for_numbers"
            elif torch.equal(y.long(), torch.arange(len(index[part]))):
                cause = "positions_for_numbers"
            fail(
                question,
                cause,
                f"y: the images' numbers, {index[part].tolist()} in this batch",
                f"y is {y.tolist()}",
            )
        if call["idx"] is not None:
            fail(
                question,
                "rows_given",
                "three arguments: the contrast draws its own rows",
                "a fourth argument, `idx`",
            )
        calls = step.calls("model")
        if not calls:
            fail(question, "model_not_called", "the model to be called on every batch", "no call")
        seen = calls[-1].values[0][0]
        if seen.shape != images[part].shape or not torch.allclose(seen, images[part]):
            fail(question, "wrong_input", "the model to be called on the batch's images", difference(seen, images[part]))
        feats = calls[-1].values[1]
        actual = [call["l"].detach().cpu(), call["ab"].detach().cpu()]
        if torch.equal(actual[0], feats[1]) and torch.equal(actual[1], feats[0]):
            fail(
                question,
                "features_swapped",
                "contrast(features of L, features of ab, ...)",
                "the two in the other order",
            )
        if not all(torch.allclose(a, b) for a, b in zip(actual, feats, strict=True)):
            fail(
                question,
                "features_changed",
                "the features to go to the contrast as the model gave them",
                "something else arrived",
            )
        cut = [name for name in ("l", "ab") if not call[name].requires_grad]
        if cut:
            fail(
                question,
                "no_graph" if not calls[-1].graph else "features_detached" if len(cut) == 2 else "one_view_detached",
                "features that let the gradient through",
                f"{' and '.join(cut)} without a gradient",
            )


def _check_criteria(contrast: _Contrast, losses: dict[str, _Loss], reported: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Each criterion on its own view's scores. Returns of each batch the numbers whose means should be reported."""
    question = "train_cmc"
    count = {view: len(loss.calls) for view, loss in losses.items()}
    asked = f"criterion_l and criterion_ab once a batch: {len(contrast.calls)} calls each"
    if not count["l"] or not count["ab"]:
        used = "criterion_l" if count["l"] else "criterion_ab"
        both = max(count.values()) >= 2 * len(contrast.calls)
        cause = "one_criterion" if both else "one_view" if any(count.values()) else "criteria_not_called"
        fail(question, cause, asked, f"only {used} was called, {max(count.values())} times" if any(count.values()) else "none")
    each: dict[str, list[float]] = {name: [] for name in _HISTORY}
    for call in contrast.calls:
        for view, out in zip(("l", "ab"), call["out"], strict=True):
            each[f"prob_{view}"].append(out.detach().softmax(dim=1)[:, 0].mean().item())
    exchanged = all(
        np.allclose(reported[f"prob_{a}"], epoch_sums(each[f"prob_{b}"]) / len(SIZES), rtol=2e-3)
        for a, b in (("l", "ab"), ("ab", "l"))
    )
    for k, call in enumerate(contrast.calls):
        out = dict(zip(("l", "ab"), (o.detach() for o in call["out"]), strict=True))
        total = 0.0
        for view, other in (("l", "ab"), ("ab", "l")):
            x, value = losses[view].calls[min(k, len(losses[view].calls) - 1)]
            total += value
            if x.shape == out[view].shape and torch.allclose(x, out[view]):
                continue
            if x.shape == out[other].shape and torch.allclose(x, out[other]):
                fail(
                    question,
                    "scores_swapped" if exchanged else "criteria_swapped",
                    f"criterion_{view} on the scores of {view}",
                    f"criterion_{view} got the scores of {other}",
                )
            shares = x.shape == out[view].shape and float((x.sum(dim=1) - 1).abs().max()) < 1e-4
            fail(
                question,
                "softmax_before_criterion" if shares and bool((x > 0).all()) else "criterion_input",
                f"criterion_{view} on the scores as the contrast gave them, {tuple(out[view].shape)}",
                f"something else, {tuple(x.shape)}",
            )
        each["loss"].append(total)
    return each


def _check_epochs(reported: dict[str, np.ndarray], means: dict[str, np.ndarray], each: dict[str, list[float]]) -> None:
    """The means over an epoch's batches, where the batches' own numbers are right."""
    off = [name for name in _HISTORY if not np.allclose(reported[name], means[name], rtol=2e-3, atol=1e-5)]
    if off and all(other_epochs(reported[name], each[name]) for name in _HISTORY):
        expected = f"{off[0]} of two epochs, each the mean over its batches: {listed(means[off[0]])}"
        fail("train_cmc", "means_reported", expected, listed(reported[off[0]]))


def _fail_on_loss(reported: np.ndarray, wanted: np.ndarray, losses: dict[str, _Loss]) -> None:
    alone = {view: epoch_sums([value for _, value in loss.calls]) / len(SIZES) for view, loss in losses.items()}
    cause = "loss_value"
    if any(np.allclose(reported, values, rtol=2e-3) for values in alone.values()):
        cause = "one_view"
    elif np.allclose(reported, wanted / 2, rtol=2e-3):
        cause = "mean_of_views"
    elif any(np.allclose(reported, sign * (alone["l"] - alone["ab"]), rtol=2e-3) for sign in (1, -1)):
        cause = "losses_subtracted"
    fail("train_cmc", cause, f"the sum of both criteria's losses, {listed(wanted)} in two epochs", listed(reported))
