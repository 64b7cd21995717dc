"""1.4: what the training of the autoencoder is asked for."""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Criterion, Outcome, unjudged
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers
from ps8.questions.train_ae.probe import TinyAutoencoder, training_images

from autograder.questions.shared.descent import step
from autograder.questions.shared.judged import asked
from autograder.questions.shared.loops import WHOLE, Loop, epochs, kept, loss, runs
from autograder.questions.shared.steps import moves_for_numbers


@functools.lru_cache(maxsize=64)
@torch.no_grad()
def ae_losses(seed: int) -> dict[str, float]:
    """Losses that are often taken for the squared error, of the first batch."""
    numbers = Numbers(seed)
    images, model = training_images(numbers)[:4], TinyAutoencoder(numbers)
    out = model(images)
    losses = {
        "the absolute error": F.l1_loss(out, images),
        "the smooth absolute error": F.smooth_l1_loss(out, images),
        "the root of the squared error": F.mse_loss(out, images).sqrt(),
        "the binary cross entropy": F.binary_cross_entropy(out, images),
        "the squared error after a second pass": F.mse_loss(model(out), images),
        "the squared error of the first image alone": F.mse_loss(out[:1], images[:1]),
        "the squared error of two other tensors, image beside image": F.mse_loss(out, images.roll(1, 0)),
        "the squared error against the images turned round": F.mse_loss(out, images.flip(0)),
        "the squared error of the mean colours": F.mse_loss(out.mean((2, 3)), images.mean((2, 3))),
        "the largest squared error": ((out - images) ** 2).max(),
        "the mean length of the difference of an image": (out - images).flatten(1).norm(dim=1).mean(),
        "the length of the difference of the batch": (out - images).norm(),
        "the error without a square, with its sign": (out - images).mean(),
        "the Kullback-Leibler divergence": F.kl_div(out.log(), images, reduction="batchmean"),
    }
    return {words: float(value) for words, value in losses.items()}


_PIXELS = 3 * 64 * 64
_FACTORS = (2, 4, _PIXELS, 4 * _PIXELS, 64 * 64, 3, 3 * 64)
AE = Loop("", WHOLE, "losses", _FACTORS, ("counts",), "train_ae", "autoencoder", "cfg.ae_lr", known=ae_losses)


def _step(case: Case) -> Outcome:
    """The steps; a batch that is left out as it is not full is paid for there."""
    outcome = step(AE)(case)
    first = AE.moves(case, "one")
    return unjudged(outcome.reason) if case.flag("full_only") and all(m.right for m in first) else outcome


def _any_batch(case: Case) -> Outcome:
    """Batches of any size, such as the last one of an epoch."""
    if not case.flag("full_only"):
        return MET
    later = [m.right for m in AE.moves(case, "many")]
    severity = Severity.NOT_GENERAL if all(later) else Severity.OTHER_NUMBERS
    return Outcome(
        severity, "right for batches of cfg.batch_size images, others are left out or raise: the last of an epoch is smaller"
    )


QUESTION = asked(
    "train_ae",
    (
        Criterion("runs", "it runs", 0, runs(AE)),
        Criterion("loss", "the loss of a batch", 3, loss(AE)),
        Criterion("step", "every step changes every parameter as it should", 6, _step),
        Criterion("epochs", "the sum of the batches' losses, for each epoch", 1, epochs(AE)),
        Criterion("any_batch", "batches of any size", 0, _any_batch),
        Criterion("kept", "training mode, plain numbers, the images as they were", 0, kept(AE)),
    ),
    AE.borne_out,
    moves_for_numbers,
)
