"""1.4, 1.5 and 2.3: one step of training, judged by what it did to every parameter of a stand-in model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from ps8.probes import Evidence

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Criterion, Outcome, Question, same

Check = Callable[[Case], Outcome]
IN_EVAL = 3  # place in the counts of `ps8.probes.tools.Watch`
MOVE_ATOL = 2e-5  # Adam moves a parameter by 3e-4 to 1e-3 a step, whatever the gradient; right answers agree to 1e-7


def _moved(before: str, after: str, what: str, atol: float = MOVE_ATOL) -> Check:
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


def _beside(check: Check, *others: Check) -> Check:
    """The check of a first step, which counts only beside the right loss or the right steps that follow.

    Adam's first step shows only the signs of a gradient, which another loss may share by luck.
    """

    def with_others(case: Case) -> Outcome:
        outcome = check(case)
        if outcome.share < 1 or any(other(case).share == 1 for other in others):
            return outcome
        return Outcome(0.0, "the step goes the right way, but counts only beside a right loss, or right steps after it")

    return with_others


def _first_failure(*checks: Check) -> Check:
    """All of them must hold; the first that does not gives the reason."""
    return lambda case: next((outcome for check in checks if (outcome := check(case)).share < 1), MET)


def _in_order(check: Check, run: str, share: float) -> Check:
    """The check, with only this share earned where the numbers are right and yet something is not.

    What tells so is counted in the student's kernel: it may cost, and earns nothing.
    """

    def with_order(case: Case) -> Outcome:
        outcome = check(case)
        if outcome.share == 1 and _flag(case, f"{run}.graph"):
            return Outcome(share, "the sum of the losses holds on to every batch's graph: add up plain numbers")
        if outcome.share == 1 and (_count(case, run, "counts", IN_EVAL) or _count(case, run, "counts_cls", IN_EVAL)):
            return Outcome(share, "the model was in evaluation mode while it was trained")
        return outcome

    return with_order


def _flag(case: Case, key: str) -> bool:
    return bool(np.any(case.got.arrays.get(key, np.array(0))))


def _count(case: Case, run: str, name: str, place: int) -> float:
    counts = case.got.arrays.get(f"{run}.{name}", np.zeros(0)).ravel()
    return float(counts[place]) if len(counts) > place else 0.0


def _stays(mode: str) -> Check:
    """A check that the frozen encoder stays bit for bit as it was, while the loop does something right."""

    def check(case: Case) -> Outcome:
        for run in ("one", "many"):
            before, after = (case.got.arrays.get(f"{mode}.{run}.{name}") for name in ("encoder_before", "encoder"))
            if before is None or after is None:
                return Outcome(0.0, difference(case, f"{mode}.{run}.encoder", "the encoder") or "the encoder: not there")
            if not np.array_equal(before, after):
                return Outcome(0.0, "the frozen encoder's parameters changed, expected them to stay as they are")
        return MET if _works(case) else Outcome(0.0, "the encoder stays as it is, but that counts only when something learns")

    return check


def _methods(case: Case) -> Outcome:
    """The three choices. They are easily guessed, so they count only beside a loop that did something right."""
    expected, got = case.expected.arrays["methods"], case.got.arrays.get("methods")
    if got is None or got.shape != expected.shape or got.dtype.kind != "b":
        error = case.got.errors.get("methods", "KeyError")
        missing = error.startswith("KeyError")  # of the dictionary, or of a method in it
        return Outcome(0.0, "`supervised` gives no True or False for the methods I, II and III" if missing else error)
    wrong = [name for name, a, b in zip(("I", "II", "III"), got, expected, strict=True) if a != b]
    if wrong:
        return Outcome(0.0, f"method {', '.join(wrong)}: should the labels reach the encoder?")
    if not _works(case):
        return Outcome(0.0, "the choices are right, but count only when the loop gives a right loss or takes a right step")
    return MET


def _works(case: Case) -> bool:
    """Whether the loop of 1.5 gives a right loss or takes right steps: what is right by doing nothing counts only then."""
    modes = ("frozen", "supervised")
    losses = any(not difference(case, f"{mode}.one.losses", "the loss") for mode in modes)
    return losses or any(not difference(case, f"{mode}.many.classifier", "the steps", rtol=0, atol=MOVE_ATOL) for mode in modes)


def _moves(evidence: Evidence, seed: int) -> Evidence:
    """The evidence with the moves of the parameters in place of the parameters, which hardly differ from the first ones.

    How often what ran tells wrong answers apart that leave the same numbers; where numbers changed, they say it better.
    """
    arrays = dict(evidence.arrays)
    for after, before in _after_and_before(arrays):
        arrays[after] = arrays[after] - arrays[before]
    for key in [key for key in arrays if key.endswith(("counts", "counts_cls"))]:
        run, counts = key.rsplit(".", 1)[0], arrays.pop(key).ravel()
        if len(counts) < 6:
            continue
        arrays[f"{key}.in_eval"] = np.array(float(counts[IN_EVAL] > 0))
        outcome = [name for name in ("after", "classifier", "encoder") if f"{run}.{name}" in arrays]
        if not any(np.any(arrays[f"{run}.{name}"]) for name in outcome):
            arrays[key] = (counts > 0).astype(np.float64)
    return replace(evidence, arrays=arrays)


def _after_and_before(arrays: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    names = {"after": "before", "encoder": "encoder_before", "classifier": "classifier_before"}
    pairs = [(key, f"{key.rsplit('.', 1)[0]}.{names.get(key.rsplit('.', 1)[-1], '')}") for key in arrays]
    return [(a, b) for a, b in pairs if b in arrays and arrays[a].shape == arrays[b].shape]


_LATER = _moved("many.before", "many.after", "after six steps")


def _step(loss: str) -> Check:
    """A check of the first step of 1.4 or 2.3; `loss` is the evidence of its loss."""
    return _beside(_moved("one.before", "one.after", "after a step"), same(loss, what="the loss"), _LATER)


TRAIN_AE = Question(
    "train_ae",
    "1.4 Training the autoencoder",
    "train-ae",
    (
        Criterion(
            "loss",
            "the loss of a batch",
            3,
            _in_order(same("one.losses", what="the loss of the first batch", atol=1e-5), "one", 2 / 3),
        ),
        Criterion("step", "one step changes every parameter as it should", 4, _step("one.losses")),
        Criterion("epochs", "and so do the steps after it", 3, _LATER),
    ),
    _moves,
)


def _learned(mode: str, part: str, what: str) -> Check:
    """A check of the first step of 1.5, frozen or supervised."""
    one, many = (_moved(f"{mode}.{run}.{part}_before", f"{mode}.{run}.{part}", what) for run in ("one", "many"))
    return _beside(one, same(f"{mode}.one.losses", what="the loss"), many)


TRAIN_CLASSIFIER = Question(
    "train_classifier",
    "1.5 Linear classifier",
    "train-classifier",
    (
        Criterion(
            "loss",
            "the loss of a batch",
            1,
            same("frozen.one.losses", what="the loss of the first batch"),
        ),
        Criterion(
            "frozen", "frozen: the classifier learns", 2, _learned("frozen", "classifier", "the classifier after a step")
        ),
        Criterion("stays", "frozen: the encoder stays as it is", 2, _stays("frozen")),
        Criterion(
            "supervised",
            "supervised: encoder and classifier learn",
            2,
            _in_order(
                _first_failure(
                    *(_learned("supervised", part, f"the {part} after a supervised step") for part in ("encoder", "classifier"))
                ),
                "supervised.one",
                0.5,
            ),
        ),
        Criterion(
            "epochs",
            "the steps after the first",
            2,
            _first_failure(
                *(
                    _moved(
                        f"{mode}.many.classifier_before", f"{mode}.many.classifier", f"the classifier after six {mode} steps"
                    )
                    for mode in ("frozen", "supervised")
                )
            ),
        ),
        Criterion("methods", "the choice for methods I, II and III", 1, _methods),
    ),
    _moves,
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
            "loss",
            "the loss is the sum of both views', each by its own criterion",
            2,
            _in_order(same("one.loss", what="the loss"), "one", 0.5),
        ),
        Criterion("step", "one step changes every parameter as it should", 3, _step("one.loss")),
        Criterion("epochs", "and so do the steps after it", 3, _LATER),
    ),
    _moves,
)
