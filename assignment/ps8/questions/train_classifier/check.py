"""Check of 1.5: what is trained, frozen and supervised; the loss; the step; the three choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ps8.checks.running import SEED, fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers, fill
from ps8.questions.shared.steps import (
    EPOCHS,
    ERRORS,
    SIZES,
    as_numbers,
    check_direction,
    check_settings,
    check_steps,
    difference,
    epoch_sums,
    listed,
    no_graph,
    returned_values,
    weights_changed,
)
from ps8.questions.shared.trace import Step, Trace

from .probe import METHODS, TinyEncoder

# What the table of section 1.5 says of the encoder, word for word.
ENCODER_THEN = {"I": "stays as it is", "II": "learns from the labels", "III": "stays as it is"}


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
    images, labels = _images(numbers, 10), numbers.integers("labels", 10, 10)
    encoder = TinyEncoder(numbers).train(supervised)
    cls = fill(nn.Linear(_features(encoder, images), 10), numbers)
    trace = Trace(encoder=encoder, cls=cls)
    before, counted = trace.before(), encoder.seen.clone()
    mode = f"supervised={supervised}"
    errors = {
        **ERRORS,
        r"inplace operation": lambda: weights_changed(trace),
        r"multiplied \(1x": "batch_flattened",
        r"cannot be multiplied|size mismatch": "not_flattened",
        r"name 'optimizer'": "no_optimizer",
        r"not implemented for 'Long'": "arguments_exchanged",
        r"optimizer got an empty|empty parameter list": "optimizer_without_parameters",
        r"multi-target|out of bounds|0D or 1D target|batch_size|must match|shape|target": lambda: _bad_logits(trace),
        r"does not require grad|grad_fn": lambda: _frozen_graph(train, numbers, trace, supervised),
    }
    with (
        trace.steps() as steps,
        student(question, f"training to run with {mode}, for two epochs of three batches", errors, mode),
    ):
        returned = train(encoder, cls, trace.loader(images, labels, sizes=SIZES), EPOCHS, supervised=supervised)
    _, _, losses = returned_values(question, returned, 3, "the encoder, the classifier and the losses")
    starts, each, summed, downhill = np.cumsum([0, *SIZES]), [], [], []
    for k, step in enumerate(steps):
        batch = slice(starts[k % 3], starts[k % 3 + 1])
        y = labels[batch]
        for seen in step.of("forward", "encoder")[:1]:
            if seen.values[0][0].shape != images[batch].shape or not torch.allclose(seen.values[0][0], images[batch]):
                actual = difference(seen.values[0][0], images[batch])
                fail(question, "wrong_input", "the encoder to be called on the batch's images", actual)
        calls = step.calls("cls")
        if not calls:
            fail(question, "classifier_not_called", "the classifier to be called on every batch", "no call")
        logits = calls[-1].values[1][0].double()
        _check_features(step, mode)
        if logits.shape != (len(y), 10):
            fail(question, _bad_logits(trace), f"logits of shape ({len(y)}, 10)", f"{tuple(logits.shape)}")
        each.append((logits.logsumexp(1) - logits[torch.arange(len(y)), y]).mean().item())
        summed.append(each[-1] * len(y))
        downhill.append(logits.softmax(1).float() - torch.eye(10)[y])
    _check_optimizer(namespace, steps, trace, supervised)
    reported = as_numbers(question, losses, EPOCHS, "a loss for each epoch")
    if not np.allclose(reported, epoch_sums(each), rtol=2e-3, atol=1e-6):
        _check_sure(namespace, train)
        fail(
            question,
            "loss_summed" if np.allclose(reported, epoch_sums(summed), rtol=2e-3) else "loss_value",
            f"{mode}: losses of two epochs, each the sum of its batches' mean cross entropies: {listed(epoch_sums(each))}",
            listed(reported),
        )
    check_direction(question, steps, "cls.0", downhill, mode)
    learning = [name for name in trace.parameters if supervised or name.startswith("cls")]
    check_steps(question, steps, learning, mode)
    after = trace.before()
    moved = [n for n in after if n.startswith("encoder") and not torch.equal(before[n], after[n])]
    if encoder.seen > counted and not supervised:
        fail(question, "frozen_in_training_mode", f"{mode}: the encoder in evaluation mode", "it runs in training mode")
    if moved and not supervised:
        fail(
            question,
            "supervised_reversed" if _reversed(train, numbers) else "frozen_encoder_trained",
            f"{mode}: the encoder stays as it is, bit for bit",
            f"its parameters changed ({', '.join(n.split('.', 1)[1] for n in moved)})",
        )


def _check_features(step: Step, mode: str) -> None:
    """The classifier gets the features as the encoder gave them, flattened."""
    forwards, given = step.of("forward", "encoder"), step.calls("cls")[-1].values[0][0]
    if not forwards:
        return  # called part by part: the losses tell
    gave = [event.values[1][0].flatten(1) for event in forwards]
    if not any(out.shape == given.shape and torch.allclose(out, given, rtol=2e-2, atol=1e-2) for out in gave):
        expected = f"{mode}: the classifier to get the features as the encoder gave them, flattened"
        fail("train_classifier", "features_changed", expected, "other numbers")


def _bad_logits(trace: Trace) -> str:
    """Why logits and labels do not fit: the features that the classifier got tell."""
    actual = [e.values[0][0] for e in trace.events if e.kind == "forward" and e.name == "cls"]
    if actual and actual[-1].dim() != 2:
        return "batch_flattened" if actual[-1].dim() == 1 else "not_flattened"
    return "loss_value"


def _frozen_graph(train: Any, numbers: Numbers, trace: Trace, supervised: bool) -> str:
    """Whether a loss without a graph is one only when the encoder is frozen."""
    if supervised or not trace.without_graph():
        return no_graph(trace, "general.no_graph")
    try:
        _short_run(train, numbers, supervised=True)
    except Exception:
        return "no_graph"
    return "no_graph_when_frozen"


def _reversed(train: Any, numbers: Numbers) -> bool:
    """Whether an encoder that moves when frozen stays as it is when supervised."""
    with student("train_classifier", "training to run, for an epoch of one batch", ahead="supervised=True"):
        return not _short_run(train, numbers, supervised=True)


def _short_run(train: Any, numbers: Numbers, supervised: bool) -> bool:
    """One batch; whether the encoder moved."""
    encoder, images = TinyEncoder(numbers), _images(numbers, 4)
    cls = fill(nn.Linear(_features(encoder, images), 10), numbers)
    before = [p.detach().clone() for p in encoder.parameters()]
    train(encoder, cls, Trace().loader(images, numbers.integers("labels", 10, 4), sizes=[4]), 1, supervised=supervised)
    return any(not torch.equal(a, b.detach().cpu()) for a, b in zip(before, encoder.parameters(), strict=True))


def _images(numbers: Numbers, count: int) -> Tensor:
    return numbers.normal("images", count, 3, 8, 8).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)


def _features(encoder: nn.Module, images: Tensor) -> int:
    with torch.no_grad():
        features: Tensor = encoder(images[:1])
    return features.numel()


def _check_optimizer(namespace: Namespace, steps: list[Step], trace: Trace, supervised: bool) -> None:
    """Adam, its settings, and which parameters it holds."""
    question, mode = "train_classifier", f"supervised={supervised}"
    taken = next((step.of("step") for step in steps if step.of("step")), [])
    if not taken:
        return  # said by `check_steps`
    held = {name for event in taken for name in event.values}
    check_settings(question, namespace, steps, lr="cls_lr", weight_decay="cls_weight_decay")
    missing = [n for n in trace.parameters if n not in held and (supervised or n.startswith("cls"))]
    if missing:
        part = "encoder" if any(n.startswith("encoder") for n in missing) else "classifier"
        fail(
            question,
            "supervised_encoder_frozen" if part == "encoder" else "classifier_left_out",
            f"{mode}: the optimizer holds the {part}'s parameters",
            f"it holds {_owners(held)}",
        )


def _owners(names: Iterable[str]) -> str:
    owners = sorted({{"cls": "the classifier", "encoder": "the encoder"}[n.split(".")[0]] for n in names})
    return f"only {owners[0]}'s" if len(owners) == 1 else "both" if owners else "none of the two"


def _check_sure(namespace: Namespace, train: Any) -> None:
    """A classifier that is sure, and right: its loss is 0, unless the logits were squeezed by a softmax first."""
    question, numbers = "train_classifier", Numbers(SEED)
    images, labels = _images(numbers, 4), torch.full((4,), 3)
    encoder = TinyEncoder(numbers)
    cls = nn.Linear(_features(encoder, images), 10)
    with torch.no_grad():
        cls.weight.zero_()
        cls.bias.copy_(50.0 * torch.eye(10)[3])
    loader = Trace().loader(images, labels, sizes=[4])
    with student(question, "training to run, for an epoch of one batch"):
        *_, losses = train(encoder, cls, loader, 1, supervised=False)
    loss = as_numbers(question, losses, 1, "a loss for each epoch")[0]
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
