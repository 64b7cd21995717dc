"""1.5: what the training of the linear classifier is asked for, frozen and supervised."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Criterion, Outcome, unjudged
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers
from ps8.questions.train_classifier.probe import METHODS, TinyClassifier, TinyEncoder, images_of, labels_of
from torch import Tensor

from autograder.questions.shared.descent import step
from autograder.questions.shared.judged import asked
from autograder.questions.shared.loops import Loop, epochs, kept, loss, runs
from autograder.questions.shared.steps import moves_for_numbers


def _standard(features: Tensor, dim: int) -> Tensor:
    return (features - features.mean(dim, keepdim=True)) / (features.std(dim, keepdim=True) + 1e-5)


def _focal(logits: Tensor, labels: Tensor) -> Tensor:
    p = logits.softmax(1)[torch.arange(len(labels)), labels]
    return -((1 - p) ** 2 * p.log()).mean()


@functools.lru_cache(maxsize=64)
@torch.no_grad()
def classifier_losses(seed: int) -> dict[str, float]:
    """Losses that are often taken for the cross entropy, of the first batch."""
    numbers = Numbers(seed)
    images, labels = images_of(numbers)[:4], labels_of(numbers)[:4]
    cls, features = TinyClassifier(numbers), TinyEncoder(numbers).eval()(images).flatten(1)
    logits = cls(features)
    target = F.one_hot(labels, 10).float()
    losses = {
        "a softmax comes before the cross entropy": F.cross_entropy(logits.softmax(1), labels),
        "a sigmoid comes before the cross entropy": F.cross_entropy(logits.sigmoid(), labels),
        "the squared error of the logits": F.mse_loss(logits, target),
        "the squared error of the probabilities": F.mse_loss(logits.softmax(1), target),
        "the labels are smoothed, by 0.1": F.cross_entropy(logits, labels, label_smoothing=0.1),
        "the logits themselves, without a log-softmax": F.nll_loss(logits, labels),
        "a softmax over the batch comes before the cross entropy": F.cross_entropy(logits.softmax(0), labels),
        "the labels are one too large": F.cross_entropy(logits, (labels + 1) % 10),
        "the labels are one too small": F.cross_entropy(logits, (labels - 1) % 10),
        "the labels of other images": F.cross_entropy(logits, labels.roll(1)),
        "the features are made a length of 1 first": F.cross_entropy(cls(F.normalize(features, dim=1)), labels),
        "the features are standardised over the batch first": F.cross_entropy(cls(_standard(features, 0)), labels),
        "the features are standardised image by image first": F.cross_entropy(cls(_standard(features, 1)), labels),
        "a ReLU comes before the cross entropy": F.cross_entropy(logits.relu(), labels),
        "a log-softmax without a loss, of the right class with its sign": logits.log_softmax(1)[torch.arange(4), labels].mean(),
        "the focal loss, with the power 2": _focal(logits, labels),
        "a yes or no for each class, added up": F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / 4,
        "a yes or no for each class": F.binary_cross_entropy_with_logits(logits, target),
        "a margin between the classes": F.multi_margin_loss(logits, labels),
        "the probability, without its logarithm": -logits.softmax(1)[torch.arange(4), labels].mean(),
    }
    return {words: float(value) for words, value in losses.items()}


_REFERENCE = ("train_classifier", "classifier", "cfg.cls_lr")
FROZEN = Loop(
    "frozen.",
    (("classifier", "classifier_before", "classifier_slopes"),),
    "losses",
    (2, 4, 10, 40),
    ("counts_cls",),
    *_REFERENCE,
    "frozen: ",
    classifier_losses,
)
SUPERVISED = Loop(
    "supervised.",
    (("encoder", "encoder_before", "encoder_slopes"), ("classifier", "classifier_before", "classifier_slopes")),
    "losses",
    (2, 4, 10, 40),
    ("counts", "counts_cls"),
    *_REFERENCE,
    "supervised: ",
    classifier_losses,
)
_BOTH = (FROZEN, SUPERVISED)
_PAST_THE_LAST = ("the labels are one too large", "the labels are one too small")


def _once(check: Callable[[Loop], Callable[[Case], Outcome]]) -> Callable[[Case], Outcome]:
    """A check of both ways of 1.5; the same deviation in both is paid for once, by the graver of the two."""
    checks = [check(loop) for loop in _BOTH]

    def worst(case: Case) -> Outcome:
        return max((c(case) for c in checks), key=lambda outcome: (float(outcome.severity), outcome.judged))

    return worst


def _classifier_runs(case: Case) -> Outcome:
    """Both ways raise, or one of them does. Features that nobody flattened raise in a real classifier."""
    if case.flag("frozen.one.unflattened") or case.flag("supervised.one.unflattened"):
        return Outcome(
            Severity.CANNOT_RUN, "the features are not flattened to (batch_size, features): a linear layer refuses them"
        )
    raised = [loop.raised(case) or case.actual.errors.get(loop.key("many"), "") for loop in _BOTH]
    if all(raised):
        words = FROZEN.known_loss(case)
        return Outcome(Severity.CANNOT_RUN, f"{words}: {raised[0]}" if words in _PAST_THE_LAST else raised[0])
    if _frozen(case).severity:
        return MET  # what raises is not all that is off, and is paid for there
    return max((runs(loop, Severity.LEARNS_ELSE)(case) for loop in _BOTH), key=lambda outcome: float(outcome.severity))


def _fixed(case: Case) -> Outcome:
    """Features of any length: the text says so, and Part 2 has twice those of Part 1."""
    if not case.flag("length_fixed"):
        return MET
    error = case.actual.errors.get("features", "it raises")
    return Outcome(Severity.NOT_GENERAL, f"right for features of length 384, not for others: {error}")


def _stays(case: Case) -> Outcome:
    """The frozen encoder stays exactly as it is, the state that training mode moves included."""
    for run in ("one", "many"):
        before, after = (case.actual.arrays.get(f"frozen.{run}.{name}") for name in ("encoder_before", "encoder"))
        if before is None or after is None:
            continue
        if not np.array_equal(before, after):
            return Outcome(Severity.LEARNS_ELSE, "frozen: the encoder's parameters changed, expected them to stay as they are")
        if case.flag(f"frozen.{run}.seen"):
            return Outcome(
                Severity.NOT_GENERAL,
                "frozen: the encoder runs in training mode, in which a batch normalisation would go on moving",
            )
    return MET


def _both_epochs(case: Case) -> Outcome:
    """What is reported of the epochs; where the encoder moved or was left out, the later losses follow from that."""
    explained = _stays(case).severity or _supervised(case).severity
    return unjudged() if explained else _once(epochs)(case)


def _label_refused(case: Case) -> bool:
    """Whether labels are shifted past the last class, which raises: that is paid for there."""
    return FROZEN.known_loss(case) in _PAST_THE_LAST and all(loop.key("many") in case.actual.errors for loop in _BOTH)


def _frozen(case: Case) -> Outcome:
    """Frozen, the classifier learns; features that move with the encoder explain later steps, and are paid for there."""
    outcome = step(FROZEN)(case)
    if _label_refused(case):
        return unjudged(outcome.reason)
    moved = _stays(case).severity >= Severity.LEARNS_ELSE
    return unjudged(outcome.reason) if moved and all(m.right for m in FROZEN.moves(case, "one")) else outcome


def _supervised(case: Case) -> Outcome:
    """Supervised, encoder and classifier learn; what is off in the frozen loop, too, and as gravely, is paid for there."""
    both = step(SUPERVISED, nothing=Severity.LEARNS_ELSE)(case)
    if _label_refused(case):
        return unjudged(both.reason)
    frozen = _frozen(case)
    if frozen.severity < both.severity:
        return both
    if both.severity and frozen.severity and not (encoder := SUPERVISED.moves(case, "one")[0]).none:
        return unjudged(both.reason) if encoder.there else both
    if both.severity and frozen.severity and all(m.none for m in FROZEN.moves(case, "one")):
        return unjudged(both.reason)
    return both


def _methods(case: Case) -> Outcome:
    """The three choices. They are easily guessed, so they bear nothing out by themselves."""
    expected, actual = case.expected.arrays["methods"], case.actual.arrays.get("methods")
    if actual is None or actual.shape != expected.shape or actual.dtype.kind != "b":
        error = case.actual.errors.get("methods", "KeyError")
        missing = error.startswith("KeyError")  # of the dictionary, or of a method in it
        return Outcome(
            Severity.OTHER_NUMBERS, "`supervised` gives no True or False for the methods I, II and III" if missing else error
        )
    wrong = [name for name, a, b in zip(METHODS, actual, expected, strict=True) if a != b]
    if wrong:
        return Outcome(Severity.OTHER_NUMBERS, f"method {', '.join(wrong)}: should the labels reach the encoder?")
    return MET


QUESTION = asked(
    "train_classifier",
    (
        Criterion("runs", "it runs", 0, _classifier_runs),
        Criterion("loss", "the loss of a batch", 2, _once(loss)),
        Criterion("frozen", "frozen: the classifier learns", 2, _frozen),
        Criterion("stays", "frozen: the encoder stays as it is", 2, _stays),
        Criterion("supervised", "supervised: encoder and classifier learn", 2, _supervised),
        Criterion("epochs", "the sum of the batches' losses, for each epoch", 1, _both_epochs),
        Criterion("kept", "training mode, plain numbers, the images as they were", 0, kept(*_BOTH)),
        Criterion("features", "features of any length", 0, _fixed),
        Criterion("methods", "the choice for methods I, II and III", 1, _methods),
    ),
    lambda case: any(loop.borne_out(case) for loop in _BOTH),
    moves_for_numbers,
)
