"""Checks of 1.4, 1.5 and 2.3: a step of training, watched from outside.

The loops run on small stand-in models whose every forward pass, arriving gradient and optimizer step is noted. What is asked is
public: which loss of what, one step a batch, with the gradient of this batch and no other, on the right parameters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ps8.checks.running import SEED, Causes, fail, given, run_probe, student
from ps8.checks.trace import Step, Trace
from ps8.probes import Namespace
from ps8.probes.autoencoder import TinyAutoencoder
from ps8.probes.classifier import METHODS, TinyEncoder
from ps8.probes.cmc import TinyContrast, TinyViews, WeightedLoss
from ps8.probes.tools import Numbers, fill, stand_in

SIZES = [4, 4, 2]  # of the batches; the last is short, as in a real epoch
EPOCHS = 2

_ERRORS: Causes = {r"inplace operation": "step_before_backward", r"second time": "loss_accumulated"}

# What the table of section 1.5 says of the encoder, word for word.
ENCODER_THEN = {"I": "stays as it is", "II": "learns from the labels", "III": "stays as it is"}


def check_train_ae(namespace: Namespace) -> str:
    """1.4: the mean squared error of image and reconstruction, and a step for each batch."""
    question = "train_ae"
    train, numbers = given(namespace, question, "train_ae"), Numbers(SEED)
    images, labels = numbers.uniform("images", 10, 3, 8, 8), numbers.integers("labels", 10, 10)
    model = TinyAutoencoder(numbers)
    trace = Trace(model=model)
    trace.watch("encoder", model.encoder)
    trace.watch("decoder", model.decoder)
    errors: Causes = {
        **_ERRORS,
        r"does not require grad|grad_fn": lambda: _no_graph(trace, "loss_without_model"),
        r"size of tensor|shape": "loss_wrong_pair",
    }
    with (
        stand_in(namespace, visualize_recon=lambda *a, **k: None),
        trace.steps() as steps,
        student(question, "two epochs of three batches", errors),
    ):
        returned = train(trace.modules["model"], trace.loader(images, labels, sizes=SIZES), epochs=EPOCHS)
    _, losses = _returned(question, returned, 2, "the model and the losses")
    starts = np.cumsum([0, *SIZES])
    expected = []
    for k, step in enumerate(steps):
        x = images[starts[k % 3] : starts[k % 3 + 1]]
        expected.append((_reconstruction(step, x, k), x))
    means = _epochs([((a - b) ** 2).mean().item() for a, b in expected])
    sums = _epochs([((a - b) ** 2).sum().item() for a, b in expected])
    absolute = _epochs([(a - b).abs().mean().item() for a, b in expected])
    reported = _numbers(question, losses, EPOCHS, "a loss for each epoch")
    if not np.allclose(reported, means, rtol=2e-3, atol=1e-6):
        known = {"loss_summed": sums, "absolute_error": absolute}
        cause = next((c for c, v in known.items() if np.allclose(reported, v, rtol=2e-3)), "loss_wrong_pair")
        fail(
            question,
            cause,
            f"losses of two epochs, each the sum of its batches' mean squared errors: {_list(means)}",
            f"{_list(reported)}",
        )
    _check_steps(question, steps, list(trace.parameters))
    _check_settings(question, namespace, steps, lr="ae_lr")
    run_probe(question, namespace)
    return "the loss is the mean squared error, one step a batch with that batch's gradient"


def _reconstruction(step: Step, x: Tensor, k: int) -> Tensor:
    """What the model made of a batch, called as a whole or part by part."""
    question = "train_ae"
    calls = step.of("forward", "model")
    inputs, outs = calls, calls
    if not calls:
        inputs, outs = step.of("forward", "encoder"), step.of("forward", "decoder")
    if not inputs or not outs:
        fail(question, "model_not_called", "the model to be called on every batch", f"no call at batch {k}")
    got, out = inputs[-1].values[0][0], outs[-1].values[1][0]
    if got.shape == x.shape and torch.allclose(got, x):
        return out
    again = len(calls) > 1 and got.shape == x.shape and torch.allclose(got, calls[-2].values[1][0])
    fail(
        question,
        "twice_through" if again else "wrong_input",
        "the model to be called on the batch's images",
        "it was called on its own output" if again else _differs(got, x),
    )


def _no_graph(trace: Trace, otherwise: str) -> str:
    """The cause of a loss without a graph: the forward pass kept none, or something else."""
    return "no_graph" if trace.without_graph() else otherwise


def check_train_classifier(namespace: Namespace) -> str:
    """1.5: what is trained, frozen and supervised; the loss; the step; the three choices."""
    question = "train_classifier"
    train = given(namespace, question, "train_classifier")
    for supervised in (False, True):
        _check_mode(namespace, train, supervised)
    _check_sure(namespace, train)
    _check_methods(namespace)
    run_probe(question, namespace)
    return "a frozen encoder stays bit for bit, a supervised one learns, the loss is the cross entropy"


def _check_mode(namespace: Namespace, train: Any, supervised: bool) -> None:
    """One way of training: which parameters the optimizer gets, the loss, the steps, what moved."""
    question, numbers = "train_classifier", Numbers(SEED)
    images, labels = numbers.normal("images", 10, 3, 8, 8), numbers.integers("labels", 10, 10)
    encoder = TinyEncoder(numbers)
    cls = fill(nn.Linear(_features(encoder, images), 10), numbers)
    trace = Trace(encoder=encoder, cls=cls)
    before = trace.before()
    mode = f"supervised={supervised}"
    errors = {
        **_ERRORS,
        r"multiplied \(1x": "batch_flattened",
        r"cannot be multiplied|size mismatch": "not_flattened",
        r"name 'optimizer'": "no_optimizer",
        r"optimizer got an empty|empty parameter list": "optimizer_without_parameters",
        r"multi-target|out of bounds|0D or 1D target|batch_size|must match|shape|target": lambda: _bad_logits(trace),
        r"does not require grad|grad_fn": lambda: _frozen_graph(train, numbers, trace, supervised),
    }
    with trace.steps() as steps, student(question, f"two epochs of three batches, {mode}", errors, mode):
        returned = train(encoder, cls, trace.loader(images, labels, sizes=SIZES), EPOCHS, supervised=supervised)
    _, _, losses = _returned(question, returned, 3, "the encoder, the classifier and the losses")
    starts, each, summed = np.cumsum([0, *SIZES]), [], []
    for k, step in enumerate(steps):
        y = labels[starts[k % 3] : starts[k % 3 + 1]]
        calls = step.of("forward", "cls")
        if not calls:
            fail(question, "classifier_not_called", "the classifier to be called on every batch", "no call")
        logits = calls[-1].values[1][0].double()
        if logits.shape != (len(y), 10):
            fail(question, _bad_logits(trace), f"logits of shape ({len(y)}, 10)", f"{tuple(logits.shape)}")
        each.append((logits.logsumexp(1) - logits[torch.arange(len(y)), y]).mean().item())
        summed.append(each[-1] * len(y))
    _check_optimizer(namespace, steps, trace, supervised)
    reported = _numbers(question, losses, EPOCHS, "a loss for each epoch")
    if not np.allclose(reported, _epochs(each), rtol=2e-3, atol=1e-6):
        _check_sure(namespace, train)
        fail(
            question,
            "loss_summed" if np.allclose(reported, _epochs(summed), rtol=2e-3) else "loss_value",
            f"{mode}: losses of two epochs, each the sum of its batches' mean cross entropies: {_list(_epochs(each))}",
            _list(reported),
        )
    learning = [name for name in trace.parameters if supervised or name.startswith("cls")]
    _check_steps(question, steps, learning, mode)
    after = trace.before()
    moved = [n for n in after if n.startswith("encoder") and not torch.equal(before[n], after[n])]
    if moved and not supervised:
        fail(
            question,
            "supervised_reversed" if _reversed(train, numbers) else "frozen_encoder_trained",
            f"{mode}: the encoder stays as it is, bit for bit",
            f"its parameters changed ({', '.join(n.split('.', 1)[1] for n in moved)})",
        )


def _bad_logits(trace: Trace) -> str:
    """Why logits and labels do not fit: the features that the classifier got tell."""
    got = [e.values[0][0] for e in trace.events if e.kind == "forward" and e.name == "cls"]
    if got and got[-1].dim() != 2:
        return "batch_flattened" if got[-1].dim() == 1 else "not_flattened"
    return "loss_value"


def _frozen_graph(train: Any, numbers: Numbers, trace: Trace, supervised: bool) -> str:
    """Whether a loss without a graph is one only when the encoder is frozen."""
    if supervised or not trace.without_graph():
        return _no_graph(trace, "general.no_graph")
    try:
        _short_run(train, numbers, supervised=True)
    except Exception:
        return "no_graph"
    return "no_graph_when_frozen"


def _reversed(train: Any, numbers: Numbers) -> bool:
    """Whether an encoder that moves when frozen stays as it is when supervised."""
    with student("train_classifier", "an epoch of one batch", ahead="supervised=True"):
        return not _short_run(train, numbers, supervised=True)


def _short_run(train: Any, numbers: Numbers, supervised: bool) -> bool:
    """One batch; whether the encoder moved."""
    encoder, images = TinyEncoder(numbers), numbers.normal("images", 4, 3, 8, 8)
    cls = fill(nn.Linear(_features(encoder, images), 10), numbers)
    before = [p.detach().clone() for p in encoder.parameters()]
    train(encoder, cls, Trace().loader(images, numbers.integers("labels", 10, 4), sizes=[4]), 1, supervised=supervised)
    return any(not torch.equal(a, b.detach().cpu()) for a, b in zip(before, encoder.parameters(), strict=True))


def _features(encoder: nn.Module, images: Tensor) -> int:
    with torch.no_grad():
        return encoder(images[:1]).numel()


def _check_optimizer(namespace: Namespace, steps: list[Step], trace: Trace, supervised: bool) -> None:
    """Adam, its settings, and which parameters it holds."""
    question, mode = "train_classifier", f"supervised={supervised}"
    events = [event for step in steps for event in step.of("step")]
    if not events:
        return  # said by `_check_steps`
    held = set(events[0].values)
    _check_settings(question, namespace, steps, lr="cls_lr", weight_decay="cls_weight_decay")
    missing = [n for n in trace.parameters if n not in held and (supervised or n.startswith("cls"))]
    if missing:
        part = "encoder" if any(n.startswith("encoder") for n in missing) else "classifier"
        fail(
            question,
            "supervised_encoder_frozen" if part == "encoder" else "classifier_left_out",
            f"{mode}: the optimizer holds the {part}'s parameters",
            f"it holds {_owners(held)}",
        )


def _check_settings(question: str, namespace: Namespace, steps: list[Step], **settings: str) -> None:
    """Adam, with each setting as `cfg` has it."""
    events = [event for step in steps for event in step.of("step")]
    if not events:
        return
    optimizer, cfg = events[0].optimizer, namespace.get("cfg")
    kind = type(optimizer).__name__
    if kind != "Adam":
        fail(question, "optimizer_kind", "the optimizer to be Adam", kind)
    causes = {"lr": "learning_rate", "weight_decay": "weight_decay"}
    for name, setting in settings.items():
        came = optimizer.param_groups[0][name]
        wanted = getattr(cfg, setting, came)
        if not np.allclose(came, wanted, rtol=1e-6, atol=0):
            fail(question, causes.get(name, name), f"Adam with {name} = cfg.{setting} = {wanted}", f"{name} = {came}")


def _owners(names: Iterable[str]) -> str:
    owners = sorted({{"cls": "the classifier", "encoder": "the encoder"}[n.split(".")[0]] for n in names})
    return f"only {owners[0]}'s" if len(owners) == 1 else "both" if owners else "none of the two"


def _check_sure(namespace: Namespace, train: Any) -> None:
    """A classifier that is sure, and right: its loss is 0, unless the logits were squeezed by a softmax first."""
    question, numbers = "train_classifier", Numbers(SEED)
    images, labels = numbers.normal("images", 4, 3, 8, 8), torch.full((4,), 3)
    encoder = TinyEncoder(numbers)
    cls = nn.Linear(_features(encoder, images), 10)
    with torch.no_grad():
        cls.weight.zero_()
        cls.bias.copy_(50.0 * torch.eye(10)[3])
    loader = Trace().loader(images, labels, sizes=[4])
    with student(question, "an epoch of one batch"):
        *_, losses = train(encoder, cls, loader, 1, supervised=False)
    loss = _numbers(question, losses, 1, "a loss for each epoch")[0]
    if abs(loss) > 1e-3:
        squeezed = abs(loss - math.log(1 + 9 / math.e)) < 0.01
        fail(
            question,
            "softmax_first" if squeezed else "loss_value",
            "loss 0 for a logit of 50 at the right class and 0 at the others",
            f"loss {loss:.4f}" + (", which is ln(1 + 9/e): what logits of 1 and 0 would give" if squeezed else ""),
        )


def _check_methods(namespace: Namespace) -> None:
    """`supervised` against the table of the section."""
    question = "train_classifier"
    if "supervised" not in namespace:
        fail(
            question,
            "methods_missing",
            'a dictionary `supervised` with "I", "II" and "III"',
            "`supervised` is not defined",
        )
    choices = namespace["supervised"]
    if not isinstance(choices, dict) or any(not isinstance(choices.get(m), bool) for m in METHODS):
        fail(
            question,
            "methods_form",
            'a dictionary with the keys "I", "II" and "III", each True or False',
            f"{choices!r:.200}",
        )
    wrong = [method for method in METHODS if choices[method] is not ("learns" in ENCODER_THEN[method])]
    if not wrong:
        return
    pattern = "".join("ft"[choices[m]] for m in METHODS)
    known = {"fff": "none", "ttt": "all", "tft": "reversed", "ttf": "I", "ftt": "III"}
    fail(
        question,
        f"methods_{known[pattern]}" if pattern in known else "methods",
        "\n".join(f'method {m}: the table says of its encoder "{ENCODER_THEN[m]}"' for m in wrong),
        ", ".join(f'supervised["{m}"] is {choices[m]}' for m in wrong),
    )


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

    def forward(self, x: Tensor) -> Tensor:
        out = super().forward(x)
        self.calls.append((x.detach(), out.item()))
        return out


def check_train_cmc(namespace: Namespace) -> str:
    """2.3: what the contrast and each criterion are called with, the sum of the losses, and the steps."""
    question = "train_cmc"
    train, numbers = given(namespace, question, "train_cmc"), Numbers(SEED)
    images, labels = numbers.normal("lab", 10, 3, 4, 4), numbers.integers("labels", 10, 10)
    index = numbers.permutation("index", 10)
    contrast, losses = _Contrast(numbers, N=10, K=3), {"l": _Loss(0.5), "ab": _Loss(1.5)}
    model = TinyViews(numbers)
    trace = Trace(model=model)
    errors = {
        **_ERRORS,
        r"does not require grad|grad_fn": lambda: _no_graph(trace, "features_detached"),
        r"name 'out_l'|name 'out_ab'|variable 'out": "scores_name",
        r"missing 1 required positional argument: 'y'": "numbers_missing",
    }
    with trace.steps() as steps, student(question, "two epochs of three batches", errors):
        returned = train(
            model,
            contrast,
            losses["l"],
            losses["ab"],
            trace.loader(images, labels, index, sizes=SIZES),
            epochs=EPOCHS,
        )
    _, history = _returned(question, returned, 2, "the model and the history")
    _check_contrast_calls(contrast, steps, labels, index)
    reported = {key: _numbers(question, history[key], EPOCHS, f"history[{key!r}]") for key in _HISTORY}
    means = _check_criteria(contrast, losses, reported)
    for key in ("prob_l", "prob_ab"):
        if not np.allclose(reported[key], means[key], rtol=2e-3, atol=1e-5):
            swapped = np.allclose(reported[key], means["prob_ab" if key == "prob_l" else "prob_l"], rtol=2e-3)
            fail(
                question,
                "scores_swapped" if swapped else "scores_name",
                f"{key}: the mean probability from that view's scores, {_list(means[key])}",
                _list(reported[key]),
            )
    if not np.allclose(reported["loss"], means["loss"], rtol=2e-3, atol=1e-5):
        _fail_on_loss(reported["loss"], means["loss"], losses)
    _check_steps(question, steps, list(trace.parameters))
    _check_settings(question, namespace, steps, lr="cmc_lr", betas="cmc_betas")
    run_probe(question, namespace)
    return "scores by the images' numbers, the sum of both losses, one step a batch with that batch's gradient"


def _check_contrast_calls(contrast: _Contrast, steps: list[Step], labels: Tensor, index: Tensor) -> None:
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
        calls = step.of("forward", "model")
        if not calls:
            fail(question, "model_not_called", "the model to be called on every batch", "no call")
        feats = calls[-1].values[1]
        got = [call["l"].detach().cpu(), call["ab"].detach().cpu()]
        if torch.equal(got[0], feats[1]) and torch.equal(got[1], feats[0]):
            fail(
                question,
                "features_swapped",
                "contrast(features of L, features of ab, ...)",
                "the two in the other order",
            )
        if not all(torch.allclose(a, b) for a, b in zip(got, feats, strict=True)):
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


def _check_criteria(contrast: _Contrast, losses: dict[str, _Loss], reported: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each criterion on its own view's scores. Returns the means of each epoch that should be reported."""
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
        np.allclose(reported[f"prob_{a}"], _epochs(each[f"prob_{b}"]) / len(SIZES), rtol=2e-3)
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
    return {name: _epochs(values) / len(SIZES) for name, values in each.items()}


def _fail_on_loss(reported: np.ndarray, wanted: np.ndarray, losses: dict[str, _Loss]) -> None:
    alone = {view: _epochs([value for _, value in loss.calls]) / len(SIZES) for view, loss in losses.items()}
    cause = "loss_value"
    if any(np.allclose(reported, values, rtol=2e-3) for values in alone.values()):
        cause = "one_view"
    elif np.allclose(reported, wanted / 2, rtol=2e-3):
        cause = "mean_of_views"
    elif any(np.allclose(reported, sign * (alone["l"] - alone["ab"]), rtol=2e-3) for sign in (1, -1)):
        cause = "losses_subtracted"
    fail("train_cmc", cause, f"the sum of both criteria's losses, {_list(wanted)} in two epochs", _list(reported))


def _check_steps(question: str, steps: list[Step], learning: list[str], mode: str = "") -> None:
    """One step a batch, after this batch's backward, with this batch's gradient and no other."""
    mode = f"{mode}: " if mode else ""
    total: dict[str, Tensor] = {}
    optimizer = None
    for k, step in enumerate(steps):
        arrived: dict[str, Tensor] = {}
        for event in step.of("arrived"):
            arrived[event.name] = arrived.get(event.name, torch.zeros(())) + event.values
        asleep = {e.name for e in step.of("arrived") if not e.training} & set(learning)
        for name, gradient in arrived.items():
            total[name] = total.get(name, torch.zeros(())) + gradient
        taken = step.of("step")
        if not arrived:
            if not taken and k == 0 and _hand_made(steps):
                return
            fail(
                question,
                "no_backward",
                f"{mode}loss.backward() once a batch",
                f"no gradient was computed at batch {k}",
            )
        if not taken:
            fail(question, "no_step", f"{mode}optimizer.step() once a batch", f"no step at batch {k}")
        if step.first("step") < step.first("arrived"):
            fail(
                question,
                "step_before_backward",
                f"{mode}backward, then the step",
                "the step came first, with the gradients of the batch before",
            )
        if len(taken) > 1:
            fail(question, "two_steps", f"{mode}one step a batch", f"{len(taken)} at batch {k}")
        if optimizer is not None and taken[0].optimizer is not optimizer:
            fail(
                question,
                "optimizer_made_anew",
                f"{mode}one optimizer for the whole training",
                "a new one at every batch",
            )
        optimizer = taken[0].optimizer
        if asleep:
            fail(
                question,
                "evaluation_mode",
                f"{mode}the model in training mode at every step",
                f"at batch {k} it was in evaluation mode",
            )
        for name in learning:
            if name not in arrived:
                fail(
                    question,
                    "part_without_gradient",
                    f"{mode}a gradient for every parameter that learns",
                    f"none reached {name}",
                )
            _check_gradient(question, mode, k, name, taken[0].values.get(name), arrived[name], total[name])


def _check_gradient(question: str, mode: str, k: int, name: str, used: Tensor | None, arrived: Tensor, total: Tensor) -> None:
    size = arrived.abs().max()
    if used is None or (used.abs().max() <= 1e-6 * size and size > 0):
        fail(
            question,
            "zero_grad_after_backward",
            f"{mode}the step to use the gradient that backward just computed",
            f"at the step the gradient of {name} was {'gone (None)' if used is None else '0'}",
        )
    if torch.allclose(used, arrived, rtol=1e-3, atol=1e-4 * float(size)):
        return
    if k > 0 and torch.allclose(used, total, rtol=1e-3, atol=1e-4 * float(size)):
        fail(
            question,
            "gradients_never_cleared",
            f"{mode}at batch {k} the gradient of batch {k} alone",
            f"the sum of the gradients of batches 0 to {k}",
        )
    fail(
        question,
        "gradient_changed",
        f"{mode}the step to use the gradient of batch {k} as backward gave it",
        "another one",
    )


def _hand_made(steps: list[Step]) -> bool:
    """Whether gradients were taken without `backward`: then the probe alone must tell."""
    return any(step.of("output") for step in steps)


def _returned(question: str, returned: Any, count: int, what: str) -> tuple:
    if not isinstance(returned, tuple) or len(returned) != count:
        fail(question, "general.returned", f"the function returns {what}, as given", f"{type(returned).__name__}")
    return returned


def _numbers(question: str, values: Any, count: int, what: str) -> np.ndarray:
    if any(isinstance(v, Tensor) and v.requires_grad for v in values):
        fail(question, "graph_kept", f"{what}: plain numbers", "tensors that still hold on to every batch's graph")
    with student(question, f"{what}, as plain numbers"):
        array = np.array([float(v) for v in values])
    if len(array) != count:
        fail(question, "general.returned", f"{what}: {count} numbers", f"{len(array)}")
    return array


def _epochs(values: list[float]) -> np.ndarray:
    return np.array(values).reshape(EPOCHS, -1).sum(axis=1) if len(values) % EPOCHS == 0 else np.array(values)


def _list(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _differs(got: Tensor, wanted: Tensor) -> str:
    if got.shape != wanted.shape:
        return f"it was called on shape {tuple(got.shape)}"
    return "it was called on other numbers of that shape"
