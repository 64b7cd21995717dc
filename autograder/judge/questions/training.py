"""1.4, 1.5 and 2.3: one step of training, judged by what it did to every parameter of a stand-in model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Criterion, Outcome, Question, same

MOVE_ATOL = 4e-5  # Adam moves a parameter by 3e-4 to 1e-3 a step, whatever the gradient: ten times this


def _moved(before: str, after: str, what: str, atol: float = MOVE_ATOL) -> Callable[[Case], Outcome]:
    """A check of parameters after training; says so if they did not move at all."""

    def check(case: Case) -> Outcome:
        reason = difference(case, after, what, rtol=0, atol=atol)
        if not reason:
            return MET
        start, end = case.got.arrays.get(before), case.got.arrays.get(after)
        if start is not None and end is not None and start.shape == end.shape and close(end, start, 0, 1e-9):
            return Outcome(0.0, f"{what}: nothing changed, no step was taken")
        return Outcome(0.0, reason)

    return check


def _stays(mode: str) -> Callable[[Case], Outcome]:
    """A check that the frozen encoder stays bit for bit as it was, while the classifier learns the right thing."""

    def check(case: Case) -> Outcome:
        for run in ("one", "many"):
            before, after = (case.got.arrays.get(f"{mode}.{run}.{name}") for name in ("encoder_before", "encoder"))
            if before is None or after is None:
                return Outcome(0.0, difference(case, f"{mode}.{run}.encoder", "the encoder"))
            if not np.array_equal(before, after):
                return Outcome(0.0, "the frozen encoder's parameters changed, expected them to stay as they are")
        return same(f"{mode}.one.losses", what="the loss of the first batch")(case)

    return check


def _methods(case: Case) -> Outcome:
    expected, got = case.expected.arrays["methods"], case.got.arrays.get("methods")
    if got is None or got.shape != expected.shape or got.dtype.kind != "b":
        return Outcome(0.0, case.got.errors.get("methods", "`supervised` gives no True or False for the three methods"))
    wrong = [name for name, a, b in zip(("I", "II", "III"), got, expected, strict=True) if a != b]
    reason = f"method {', '.join(wrong)}: should the labels reach the encoder?" if wrong else ""
    return Outcome(1.0 if not wrong else 0.0, reason)


TRAIN_AE = Question(
    "train_ae",
    "1.4 Training the autoencoder",
    "train-ae",
    (
        Criterion("loss", "the loss of a batch", 3, same("one.losses", what="the loss of the first batch", atol=1e-5)),
        Criterion(
            "step", "one step changes every parameter as it should", 4, _moved("one.before", "one.after", "after a step")
        ),
        Criterion("epochs", "and so do the steps after it", 3, _moved("many.before", "many.after", "after six steps", 2e-4)),
    ),
)

TRAIN_CLASSIFIER = Question(
    "train_classifier",
    "1.5 Linear classifier",
    "train-classifier",
    (
        Criterion("loss", "the loss of a batch", 1, same("frozen.one.losses", what="the loss of the first batch")),
        Criterion(
            "frozen",
            "frozen: the classifier learns",
            2,
            _moved("frozen.one.encoder_before", "frozen.one.classifier", "the classifier after a step"),
        ),
        Criterion("stays", "frozen: the encoder stays as it is", 1, _stays("frozen")),
        Criterion(
            "supervised",
            "supervised: encoder and classifier learn",
            2,
            lambda case: next(
                (
                    outcome
                    for part in ("encoder", "classifier")
                    if (
                        outcome := _moved(
                            "supervised.one.encoder_before", f"supervised.one.{part}", f"the {part} after a supervised step"
                        )(case)
                    ).share
                    < 1
                ),
                MET,
            ),
        ),
        Criterion(
            "epochs",
            "the steps after the first",
            2,
            lambda case: next(
                (
                    outcome
                    for mode in ("frozen", "supervised")
                    if (
                        outcome := _moved(
                            f"{mode}.many.encoder_before",
                            f"{mode}.many.classifier",
                            f"the classifier after six {mode} steps",
                            2e-4,
                        )(case)
                    ).share
                    < 1
                ),
                MET,
            ),
        ),
        Criterion("methods", "the choice for methods I, II and III", 2, _methods),
    ),
)

TRAIN_CMC = Question(
    "train_cmc",
    "2.3 Training CMC",
    "train-cmc",
    (
        Criterion(
            "scores",
            "each view is scored with the images' numbers",
            2,
            same("one.prob_l", "one.prob_ab", what="the probability of the positive"),
        ),
        Criterion(
            "loss", "the loss is the sum of both views', each by its own criterion", 2, same("one.loss", what="the loss")
        ),
        Criterion(
            "step", "one step changes every parameter as it should", 3, _moved("one.before", "one.after", "after a step", 2e-5)
        ),
        Criterion("epochs", "and so do the steps after it", 3, _moved("many.before", "many.after", "after six steps", 1e-4)),
    ),
)
