"""Check of 1.4: the model's calls, the mean squared error, and a step for each batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ps8.checks.running import SEED, Causes, fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers, stand_in
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
    other_epochs,
    returned_values,
    weights_changed,
)
from ps8.questions.shared.trace import Step, Trace

from .probe import TinyAutoencoder, few_pixels


def check_train_ae(namespace: Namespace) -> str:
    """1.4: the mean squared error of image and reconstruction, and a step for each batch."""
    question = "train_ae"
    train, numbers = given(namespace, question, "train_ae"), Numbers(SEED)
    images, labels = few_pixels(numbers, "images", 10), numbers.integers("labels", 10, 10)
    model = TinyAutoencoder(numbers)
    trace = Trace(model=model)
    trace.watch("encoder", model.encoder)
    trace.watch("decoder", model.decoder)
    errors: Causes = {
        **ERRORS,
        r"does not require grad|grad_fn": lambda: no_graph(trace, "loss_without_model"),
        r"inplace operation": lambda: weights_changed(trace),
        r"size of tensor|shape": "loss_wrong_pair",
    }
    with (
        stand_in(namespace, visualize_recon=lambda *a, **k: None),
        trace.steps() as steps,
        student(question, "training to run, for two epochs of three batches", errors),
    ):
        returned = train(trace.modules["model"], trace.loader(images, labels, sizes=SIZES), epochs=EPOCHS)
    _, losses = returned_values(question, returned, 2, "the model and the losses")
    starts = np.cumsum([0, *SIZES])
    expected = []
    for k, step in enumerate(steps):
        x = images[starts[k % 3] : starts[k % 3 + 1]]
        expected.append((_reconstruction(step, x, k), x))
    means = epoch_sums([((a - b) ** 2).mean().item() for a, b in expected])
    reported = as_numbers(question, losses, EPOCHS, "a loss for each epoch")
    if not np.allclose(reported, means, rtol=2e-3, atol=1e-6):
        fail(
            question,
            _other_loss(reported, expected),
            f"losses of two epochs, each the sum of its batches' mean squared errors: {listed(means)}",
            f"{listed(reported)}",
        )
    watched = "model.0" if steps[0].calls("model") else "decoder.0"
    check_direction(question, steps, watched, [out - x for out, x in expected])
    check_steps(question, steps, list(trace.parameters))
    check_settings(question, namespace, steps, lr="ae_lr")
    run_probe(question, namespace)
    return "the loss is the mean squared error, one step a batch with that batch's gradient"


def _other_loss(reported: np.ndarray, pairs: list[tuple[Tensor, Tensor]]) -> str:
    """The cause of losses that are not the epochs' sums of mean squared errors, as far as they are others that are known.

    Args:
        reported: for each epoch a number.
        pairs: for each batch the reconstructions and the images.
    """
    losses: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "loss_summed": lambda a, b: ((a - b) ** 2).sum(),
        "absolute_error": lambda a, b: (a - b).abs().mean(),
        "root_of_error": lambda a, b: ((a - b) ** 2).mean().sqrt(),
        "binary_cross_entropy": torch.nn.functional.binary_cross_entropy,
        "first_image": lambda a, b: ((a - b)[0] ** 2).mean(),
        "divided_again": lambda a, b: ((a - b) ** 2).mean() / len(a),
        "loss_wrong_pair": lambda a, b: ((a - b.roll(1, 0)) ** 2).mean(),
    }
    turned = epoch_sums([((a - b.flip(0)) ** 2).mean().item() for a, b in pairs])
    if np.allclose(reported, turned, rtol=2e-3):
        return "loss_wrong_pair"
    for cause, loss in losses.items():
        if np.allclose(reported, epoch_sums([loss(a, b).item() for a, b in pairs]), rtol=2e-3):
            return cause
    right = [((a - b) ** 2).mean().item() for a, b in pairs]
    if other_epochs(reported, right):
        return "loss_reported"
    simple = (2, 3, 4, 64 * 64, 3 * 64 * 64, 3 * 64)
    times = [factor for number in simple for factor in (number, 1 / number)]
    return "loss_scale" if any(np.allclose(reported, n * epoch_sums(right), rtol=2e-3) for n in times) else "loss_value"


def _reconstruction(step: Step, x: Tensor, k: int) -> Tensor:
    """What the model made of a batch, called as a whole or part by part."""
    question = "train_ae"
    calls = step.calls("model")
    inputs, outs = calls, calls
    if not calls:
        inputs, outs = step.calls("encoder"), step.calls("decoder")
    if not inputs or not outs:
        fail(question, "model_not_called", "the model to be called on every batch", f"no call at batch {k}")
    actual: Tensor = inputs[-1].values[0][0]
    out: Tensor = outs[-1].values[1][0]
    if actual.shape == x.shape and torch.allclose(actual, x):
        return out
    again = len(calls) > 1 and actual.shape == x.shape and torch.allclose(actual, calls[-2].values[1][0])
    fail(
        question,
        "twice_through" if again else "wrong_input",
        "the model to be called on the batch's images",
        "it was called on its own output" if again else difference(actual, x),
    )
