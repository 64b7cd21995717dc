"""A step of training, as 1.4, 1.5 and 2.3 share it, watched from outside.

The loops run on small stand-in models whose every forward pass, arriving gradient and optimizer step is noted. What is asked is
public: one step a batch, with the gradient of this batch and no other, on the right parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ps8.checks.running import Causes, fail, student
from ps8.probes import Namespace

from .trace import Step, Trace

SIZES = [4, 4, 2]  # of the batches; the last is short, as in a real epoch


EPOCHS = 2


ERRORS: Causes = {r"second time": "loss_accumulated"}


def weights_changed(trace: Trace) -> str:
    """Why weights changed before a backward that needs them: by this batch's own step, or as the loss goes on."""
    last = [k for k, event in enumerate(trace.events) if event.kind == "batch"]
    this = trace.events[last[-1] :] if last else []
    return "step_before_backward" if any(event.kind == "step" for event in this) else "loss_accumulated"


def no_graph(trace: Trace, otherwise: str) -> str:
    """The cause of a loss without a graph: the forward pass kept none, or something else."""
    return "no_graph" if trace.without_graph() else otherwise


def check_settings(question: str, namespace: Namespace, steps: list[Step], **settings: str) -> None:
    """Adam, with each setting as `cfg` has it."""
    events = [event for step in steps for event in step.of("step")]
    if not events:
        return
    groups = [group for group in events[0].optimizer.param_groups if group.get("lr")]  # a rate of 0 keeps a part as it is
    if not groups:
        return
    unlike = [name for name in ("lr", "weight_decay") if any(group.get(name) != groups[0].get(name) for group in groups)]
    if unlike and any(group["params"] for group in groups[1:]):
        values = ", ".join(str(group.get(unlike[0])) for group in groups)
        cause = {"lr": "learning_rate"}.get(unlike[0], unlike[0])
        fail(question, cause if "weight_decay" in settings else "learning_rate", f"one {unlike[0]} for all parameters", values)
    optimizer, cfg = events[0].optimizer, namespace.get("cfg")
    kind = type(optimizer).__name__
    if kind != "Adam":
        fail(question, "optimizer_kind", "the optimizer to be Adam", kind)
    if optimizer.param_groups[0].get("maximize"):
        fail(question, "maximised", "Adam as it is, which makes the loss small", "maximize=True")
    decay = optimizer.param_groups[0].get("weight_decay", 0)
    if "weight_decay" not in settings and decay:
        fail(question, "decay_added", "Adam without a weight decay", f"weight_decay = {decay}")
    causes = {"lr": "learning_rate", "weight_decay": "weight_decay"}
    for name, setting in settings.items():
        actual = optimizer.param_groups[0][name]
        wanted = getattr(cfg, setting, actual)
        if not np.allclose(actual, wanted, rtol=1e-6, atol=0):
            fail(question, causes.get(name, name), f"Adam with {name} = cfg.{setting} = {wanted}", f"{name} = {actual}")


def check_steps(question: str, steps: list[Step], learning: list[str], mode: str = "") -> None:
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
            cause = "every_other_batch" if any(s.of("step") for s in steps) else "no_step"
            fail(question, cause, f"{mode}optimizer.step() once a batch", f"no step at batch {k}")
        if step.first("step") < step.first("arrived"):
            fail(
                question,
                "step_before_backward",
                f"{mode}backward, then the step",
                "the step came first, with the gradients of the batch before",
            )
        used = {name: gradient for event in taken for name, gradient in event.values.items()}
        if len(used) < sum(len(event.values) for event in taken):
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
            _check_gradient(question, mode, k, name, used.get(name), arrived[name], total[name], steps)


def _check_gradient(
    question: str, mode: str, k: int, name: str, used: Tensor | None, arrived: Tensor, total: Tensor, steps: list[Step]
) -> None:
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
            "cleared_once_an_epoch" if _fresh_in_each_epoch(steps, name) else "gradients_never_cleared",
            f"{mode}at batch {k} the gradient of batch {k} alone",
            f"the sum of the gradients of batches 0 to {k}",
        )
    fail(
        question,
        "gradient_changed",
        f"{mode}the step to use the gradient of batch {k} as backward gave it",
        "another one",
    )


def _fresh_in_each_epoch(steps: list[Step], name: str) -> bool:
    """Whether the first step of the second epoch used the gradient of its own batch alone."""
    step = steps[len(SIZES)]
    arrived = sum(event.values for event in step.of("arrived", name))
    used = next((event.values[name] for event in step.of("step") if event.values.get(name) is not None), None)
    return used is not None and isinstance(arrived, Tensor) and torch.allclose(used, arrived, rtol=1e-3, atol=1e-6)


def check_direction(question: str, steps: list[Step], output: str, wanted: list[Tensor], mode: str = "") -> None:
    """The gradient that arrives at an output goes up the loss, so that a step goes down.

    Args:
        question: its grade id.
        steps: what was watched.
        output: the watched output, such as "cls.0".
        wanted: for each step, the gradient of its loss by that output, up to a factor > 0.
        mode: to be put before the message.
    """
    for k, (step, gradient) in enumerate(zip(steps, wanted, strict=True)):
        actual = [event.values for event in step.of("output", output)]
        if actual and float((sum(actual) * gradient).sum()) < 0:
            ahead = f"{mode}: " if mode else ""
            fail(question, "maximised", f"{ahead}a gradient that goes up the loss", f"at batch {k} it goes down the loss")


def _hand_made(steps: list[Step]) -> bool:
    """Whether gradients were taken without `backward`: then the probe alone must tell."""
    return any(step.of("output") for step in steps)


def returned_values(question: str, returned: Any, count: int, what: str) -> tuple[Any, ...]:
    if not isinstance(returned, tuple) or len(returned) != count:
        fail(question, "general.returned", f"the function returns {what}, as given", f"{type(returned).__name__}")
    return returned


def as_numbers(question: str, values: Any, count: int, what: str) -> np.ndarray:
    if not isinstance(values, (list, tuple, np.ndarray, Tensor)):
        fail(question, "general.returned", f"{what}: {count} numbers", f"{values!r:.100}")
    if any(isinstance(v, Tensor) and v.requires_grad for v in values):
        fail(question, "graph_kept", f"{what}: plain numbers", "tensors that still hold on to every batch's graph")
    with student(question, f"{what}, as plain numbers"):
        array = np.array([float(v) for v in values])
    if len(array) != count:
        fail(question, "general.returned", f"{what}: {count} numbers", f"{len(array)}")
    return array


def epoch_sums(values: list[float]) -> np.ndarray:
    return np.array(values).reshape(EPOCHS, -1).sum(axis=1) if len(values) % EPOCHS == 0 else np.array(values)


def other_epochs(reported: np.ndarray, each: list[float]) -> bool:
    """Whether of each epoch the mean over its batches is reported, their sum divided otherwise, or the last batch alone."""
    batches = np.array(each).reshape(EPOCHS, -1)
    known = (batches.mean(axis=1), batches[:, -1], batches[:, 0], batches.sum(axis=1) / sum(SIZES), batches.sum(axis=1))
    weighted = batches @ np.array(SIZES)
    return any(np.allclose(reported, numbers, rtol=2e-3) for numbers in (*known, weighted, weighted / sum(SIZES)))


def listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def difference(actual: Tensor, wanted: Tensor) -> str:
    if actual.shape != wanted.shape:
        return f"it was called on shape {tuple(actual.shape)}"
    return "it was called on other numbers of that shape"
