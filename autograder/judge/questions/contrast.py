"""2.2 and the optional part: scores against the banks, the banks' update, and the losses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
from ps8.probes import Evidence
from ps8.probes.tools import Numbers

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Criterion, Outcome, Question, same

VIEWS = ("l", "ab")
OTHER = {"l": "ab", "ab": "l"}


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-7)


class Inputs:
    """What the probe gave to the first call of `CMCScore`, worked out again from the seed."""

    def __init__(self, case: Case) -> None:
        numbers = Numbers(case.seed)
        rows, dim = case.expected.arrays["first.memory_l"].shape
        self.banks = {view: _unit(numbers.normal(f"memory_{view}", rows, dim).numpy()) for view in VIEWS}
        self.live = {view: 3 * numbers.normal(f"{view} first", 4, dim).numpy() for view in VIEWS}
        self.y = numbers.permutation("y first", rows)[:4].numpy()
        others = (self.y[:, None] + 1 + numbers.integers("idx first", rows - 1, 4, 6).numpy()) % rows
        self.idx = np.concatenate([self.y[:, None], others], axis=1)
        self.T = float(case.expected.arrays["T"])
        self.momentum = float(case.expected.arrays["momentum"])

    def scores(self, view: str, bank: np.ndarray, unit: bool) -> np.ndarray:
        """Products of a view's live features with rows of a bank, (4, 7, 1), before any temperature."""
        live = _unit(self.live[view]) if unit else self.live[view]
        return np.einsum("bd,bkd->bk", live, bank[self.idx])[..., None]

    def updated(self, view: str, *, unit: bool = True, swapped: bool = False, normalised: bool = True) -> np.ndarray:
        """The new rows `y` of a view's bank, right or with known slips."""
        keep = 1 - self.momentum if swapped else self.momentum
        live = _unit(self.live[view]) if unit else self.live[view]
        row = keep * self.banks[view][self.y] + (1 - keep) * live
        return _unit(row) if normalised else row


class Scores:
    """How a view's scores came about, found among the ways that the numbers could bear out.

    Attributes:
        other_bank, before, unit, scale: whether the bank was the other view's, as it was before the update, the live features of
            length 1, and the factor on the cosines. All None if the scores are none of these.
    """

    def __init__(self, case: Case, view: str) -> None:
        self.other_bank = self.before = self.unit = None
        self.scale: float | None = None
        got, inputs = case.got.arrays.get(f"first.out_{view}"), Inputs(case)
        if got is None or got.size != 4 * 7 or not np.isfinite(got).all():
            return
        for other, before, unit in product((True, False), (True, False), (True, False)):
            name = OTHER[view] if other else view
            bank = inputs.banks[name].copy()
            if not before:
                bank[inputs.y] = inputs.updated(name)
            plain = inputs.scores(view, bank, unit).reshape(got.shape)
            scale = float((got * plain).sum() / (plain * plain).sum())
            if scale > 0 and close(got, scale * plain, rtol=2e-3, atol=2e-3 * scale):
                self.other_bank, self.before, self.unit, self.scale = other, before, unit, scale
                return


def _bank(view: str) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        found = Scores(case, view)
        if found.other_bank:
            return MET
        if found.other_bank is False:
            return Outcome(0.0, f"{view} was scored against memory_{view}, expected the other view's bank memory_{OTHER[view]}")
        return Outcome(0.0, difference(case, f"first.out_{view}", f"scores of {view}") or "the scores follow no known way")

    return check


def _every_view(met: Callable[[Scores, Case], str]) -> Callable[[Case], Outcome]:
    """A check that both views' scores, whatever their bank, meet a condition; `met` gives the reason if not."""

    def check(case: Case) -> Outcome:
        for view in VIEWS:
            found = Scores(case, view)
            reason = (
                difference(case, f"first.out_{view}", f"scores of {view}") or "the scores follow no known way"
                if found.scale is None
                else met(found, case)
            )
            if reason:
                return Outcome(0.0, reason)
        return MET

    return check


def _temperature(found: Scores, case: Case) -> str:
    T = float(case.expected.arrays["T"])
    if found.scale is not None and abs(found.scale * T - 1) < 1e-2:
        return ""
    return f"with T = {T:g} the cosines should be multiplied by 1 / T = {1 / T:.3g}, they are multiplied by {found.scale:.3g}"


def _order(case: Case) -> Outcome:
    outcome = _every_view(lambda found, case: "" if found.before else "the bank was updated before it was scored against")(case)
    return outcome


def _shape(case: Case) -> Outcome:
    for view in VIEWS:
        key = f"first.out_{view}"
        if key not in case.got.arrays or case.got.arrays[key].shape != case.expected.arrays[key].shape:
            return Outcome(0.0, difference(case, key, f"scores of {view}"))
    if any(Scores(case, view).scale is not None for view in VIEWS):
        return MET
    return Outcome(0.0, "the shapes are right, but the scores follow no known way")


def _gradient(case: Case) -> Outcome:
    """The live features get their gradient and the banks stay outside the graph; a factor on all scores passes."""
    for view in VIEWS:
        if case.got.arrays.get(f"first.memory_{view}_grad", np.array(0)).any():
            return Outcome(0.0, f"memory_{view} is part of the graph, expected no gradient into the banks")
        got, found = case.got.arrays.get(f"first.grad_{view}"), Scores(case, view)
        if got is None or found.scale is None or got.shape != case.expected.arrays[f"first.grad_{view}"].shape:
            return Outcome(
                0.0, difference(case, f"first.grad_{view}", f"gradient of {view}") or "the scores follow no known way"
            )
        if not np.isfinite(got).all() or not close(got, _gradient_of(case, view, found), rtol=1e-2, atol=1e-2):
            return Outcome(0.0, f"the gradient of {view} is not that of its scores: is it cut off somewhere?")
    return MET


def _gradient_of(case: Case, view: str, found: Scores) -> np.ndarray:
    """The gradient of the probe's weighted sum of scores by the live features, for scores found to be so."""
    inputs = Inputs(case)
    name = OTHER[view] if found.other_bank else view
    bank = inputs.banks[name].copy()
    if not found.before:
        bank[inputs.y] = inputs.updated(name)
    weight = Numbers(case.seed).normal(f"w{view}", 4, 7, 1).numpy()
    flat = found.scale * np.einsum("bk,bkd->bd", weight[..., 0], bank[inputs.idx])
    if not found.unit:
        return flat
    length = np.linalg.norm(inputs.live[view], axis=1, keepdims=True)
    unit = inputs.live[view] / length
    return (flat - unit * (flat * unit).sum(axis=1, keepdims=True)) / length


def _update_way(case: Case, view: str) -> dict[str, bool] | None:
    """How the rows y of a bank came about, or None if the numbers bear out none of the known ways."""
    bank, inputs = case.got.arrays.get(f"first.memory_{view}"), Inputs(case)
    if bank is None or bank.shape != inputs.banks[view].shape:
        return None
    for unit, swapped, normalised in product((True, False), (False, True), (True, False)):
        if close(bank[inputs.y], inputs.updated(view, unit=unit, swapped=swapped, normalised=normalised)):
            return {"unit": unit, "swapped": swapped, "normalised": normalised}
    return None


def _update(part: str, reason: str) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        for view in VIEWS:
            way = _update_way(case, view)
            if way is None:
                return Outcome(0.0, difference(case, f"first.memory_{view}", f"memory_{view} after a call") or reason)
            if way[part] is not (part != "swapped"):
                return Outcome(0.0, f"memory_{view}: {reason}")
        return MET

    return check


def _untouched(case: Case) -> Outcome:
    """Only the rows y change, and those to something that follows from the live features."""
    for view in VIEWS:
        bank, inputs = case.got.arrays.get(f"first.memory_{view}"), Inputs(case)
        if bank is None or bank.shape != inputs.banks[view].shape:
            return Outcome(0.0, difference(case, f"first.memory_{view}", f"memory_{view} after a call"))
        changed = np.flatnonzero(np.abs(bank - inputs.banks[view]).max(axis=1) > 1e-5)
        if set(changed) != set(inputs.y.tolist()):
            return Outcome(
                0.0, f"memory_{view}: expected the {len(inputs.y)} rows y to change and no other, {len(changed)} rows changed"
            )
        if not np.isfinite(bank).all():
            return Outcome(0.0, f"memory_{view}: expected finite numbers")
    if any(_update_way(case, view) is not None for view in VIEWS):
        return MET
    return Outcome(0.0, "the right rows changed, but not to anything that follows from old row and live feature")


def _drawn_rows(case: Case) -> dict[str, np.ndarray] | None:
    """For each view the rows that its own draw used, (4, 61), told from the scores; -1 where no row fits. None if not there."""
    numbers, rows = Numbers(case.seed), {}
    count, dim = case.expected.arrays["first.memory_l"].shape
    for view in VIEWS:
        out = case.got.arrays.get(f"drawn_{view}")
        if out is None or out.shape != case.expected.arrays[f"drawn_{view}"].shape or not np.isfinite(out).all():
            return None
        live = _unit(numbers.normal(f"drawn {view}", 4, dim).numpy())
        table = live @ _unit(numbers.normal(f"memory_{OTHER[view]}", count, dim).numpy()).T / float(case.expected.arrays["T"])
        table *= _factor(case)
        distance = np.abs(out[:, :, 0][:, :, None] - table[:, None, :])  # (4, 61, rows)
        nearest = distance.argmin(axis=2)
        rows[view] = np.where(distance.min(axis=2) < 2e-3 * max(1.0, np.abs(table).max()), nearest, -1)
    return rows


def _factor(case: Case) -> float:
    """By what the student's scores are off a common factor, 1 if they are right: the draw is judged apart from it."""
    scale = Scores(case, "l").scale
    return scale * float(case.expected.arrays["T"]) if scale else 1.0


def _drawn(case: Case) -> Outcome:
    rows = _drawn_rows(case)
    if rows is None:
        return Outcome(0.0, case.got.errors.get("drawn") or difference(case, "drawn_l", "scores without idx") or "not finite")
    numbers = Numbers(case.seed)
    y = numbers.permutation("drawn y", len(case.expected.arrays["first.memory_l"]))[:4].numpy()
    for view in VIEWS:
        if (rows[view] < 0).any():
            return Outcome(0.0, f"without idx, scores of {view} belong to no row of the other view's bank")
        if (rows[view][:, 0] != y).any():
            return Outcome(0.0, "without idx, column 0 is not the image's own row y")
        if len(np.unique(rows[view][:, 1:])) < len(case.expected.arrays["first.memory_l"]) // 2:
            return Outcome(0.0, "without idx, the negatives come from a few rows only, expected all rows to be drawn alike")
    if any((rows[view][:, 1:] == y[:, None]).any() for view in VIEWS):
        return Outcome(0.5, "without idx, the negatives hold the image's own row, which is the positive")
    return MET


def _canonical_scores(evidence: Evidence, seed: int) -> Evidence:
    """The evidence with what was drawn at random replaced by what is true of it."""
    arrays = {k: v for k, v in evidence.arrays.items() if not k.startswith("drawn")}
    for view in VIEWS:
        out = evidence.arrays.get(f"drawn_{view}")
        if out is not None:
            arrays[f"drawn_{view}_shape"] = np.array(out.shape)
            if out.ndim == 3 and out.shape[1] > 1:
                arrays[f"drawn_{view}_first"] = out[:, 0]
                same_as_first = (np.abs(out[:, 1:] - out[:, :1]) < 1e-5).any()
                arrays[f"drawn_{view}_repeats"] = np.array(int(same_as_first))
    return replace(evidence, arrays=arrays)


CMC_SCORE = Question(
    "cmc_score",
    "2.2 Scores and memory banks",
    "cmc-score",
    (
        Criterion("bank_l", "L is scored against the bank of ab", 2, _bank("l")),
        Criterion("bank_ab", "ab is scored against the bank of L", 2, _bank("ab")),
        Criterion("temperature", "the cosines are divided by the temperature", 3, _every_view(_temperature)),
        Criterion(
            "unit",
            "the live features have length 1",
            2,
            _every_view(lambda found, case: "" if found.unit else "the live features were not normalised to length 1"),
        ),
        Criterion("order", "scores first, then the update", 2, _order),
        Criterion("shape", "scores of shape (batch_size, K+1, 1)", 1, _shape),
        Criterion("gradient", "gradient into the live features, none into the banks", 1, _gradient),
        Criterion("rows", "the update touches the rows y and no other", 1, _untouched),
        Criterion(
            "momentum", "the update keeps `momentum` of the old row", 2, _update("swapped", "the momentum is on the wrong side")
        ),
        Criterion("normalised", "the updated rows have length 1", 2, _update("normalised", "the new rows were not normalised")),
        Criterion("drawn", "without idx: y at column 0, the negatives from the other rows", 2, _drawn),
    ),
    _canonical_scores,
)

SOFTMAX_LOSS = Question(
    "softmax_loss",
    "2.2 Softmax loss",
    "softmax-loss",
    (
        Criterion("value", "the cross entropy with the positive at column 0, as a scalar", 5, same("batch", what="the loss")),
        Criterion("gradient", "its gradient", 2, same("gradient", what="the gradient", atol=1e-6)),
        Criterion("one", "a batch of one", 1, same("one", what="the loss of one image")),
        Criterion("alone", "no negatives at all (K = 0)", 1, same("alone", what="the loss with K = 0")),
        Criterion("large", "large scores do not overflow", 1, same("large", what="the loss of large scores")),
    ),
)

NCE = Question(
    "nce",
    "Optional: the NCE loss",
    "nce",
    (
        Criterion("value", "the loss of the first batch", 4, same("first.loss", what="the loss of the first batch")),
        Criterion("normaliser", "Z after the first batch", 1, same("first.Z", what="Z after the first batch")),
        Criterion(
            "average", "Z and the loss after the second batch", 2, same("second.Z", "second.loss", what="the second batch")
        ),
        Criterion("gradient", "the gradient, with Z held fixed", 2, same("first.gradient", what="the gradient", atol=1e-6)),
        Criterion("large", "large scores stay finite", 1, same("large", what="the loss of large scores")),
    ),
)
