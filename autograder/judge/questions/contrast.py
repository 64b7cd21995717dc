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
ROWS, DIM = 20, 16  # of the banks in the probe's calls with given rows
ALL = slice(None)
CROPS = (ALL, slice(1, None), slice(None, -1))  # of the columns that idx names: all of them is what is asked for
NO_KNOWN_UPDATE = "the new rows follow from old row and live feature in no known way"
DRAWN_ROWS, DRAWN = 70, 32  # rows and images of the probe's call that draws its own rows


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-7)


class Inputs:
    """What the probe gave to the first call of `CMCScore`, worked out again from the seed."""

    def __init__(self, seed: int) -> None:
        numbers = Numbers(seed)
        self.banks = {view: _unit(numbers.normal(f"memory_{view}", ROWS, DIM).numpy()) for view in VIEWS}
        self.live = {view: 3 * numbers.normal(f"{view} first", 4, DIM).numpy() for view in VIEWS}
        self.y = numbers.permutation("y first", ROWS)[:4].numpy()
        others = (self.y[:, None] + 1 + numbers.integers("idx first", ROWS - 1, 4, 6).numpy()) % ROWS
        others[:, 0] = np.roll(self.y, 1)
        self.idx = np.concatenate([self.y[:, None], others], axis=1)
        self.momentum = numbers.number("momentum", 0.2, 0.4)

    def scores(self, view: str, bank: np.ndarray, unit: bool, columns: slice = ALL) -> np.ndarray:
        """Products of a view's live features with rows of a bank, (4, 7, 1) or fewer columns, before any temperature."""
        live = _unit(self.live[view]) if unit else self.live[view]
        return np.einsum("bd,bkd->bk", live, bank[self.idx[:, columns]])[..., None]

    def updated(self, view: str, *, unit: bool = True, swapped: bool = False, normalised: bool = True) -> np.ndarray:
        """The new rows `y` of a view's bank, right or with known slips."""
        keep = 1 - self.momentum if swapped else self.momentum
        live = _unit(self.live[view]) if unit else self.live[view]
        row = keep * self.banks[view][self.y] + (1 - keep) * live
        return _unit(row) if normalised else row


class Scores:
    """How a view's scores came about, found among the ways that the numbers could bear out.

    Attributes:
        other_bank, before, unit, scale: whether the bank was the other view's, as it was before the update, whether the
            live features are of length 1, and the factor on the cosines. All None if the scores are none of these.
        columns: which of the columns that idx names are there.
    """

    def __init__(self, case: Case, view: str) -> None:
        self.other_bank = self.before = self.unit = None
        self.scale: float | None = None
        self.columns = ALL
        got, inputs = case.got.arrays.get(f"first.out_{view}"), Inputs(case.seed)
        if got is None or not np.isfinite(got).all():
            return
        for columns, other, before, unit in product(CROPS, (True, False), (True, False), (True, False)):
            name = OTHER[view] if other else view
            bank = inputs.banks[name].copy()
            if not before:
                bank[inputs.y] = inputs.updated(name)
            plain = inputs.scores(view, bank, unit, columns)
            if plain.size != got.size:
                continue
            plain = plain.reshape(got.shape)
            scale = float((got * plain).sum() / (plain * plain).sum())
            if abs(scale) > 1e-3 and close(
                got, scale * plain, rtol=2e-3, atol=2e-3 * abs(scale)
            ):  # nothing but zeros is no score
                self.other_bank, self.before, self.unit, self.scale = other, before, unit, scale
                self.columns = columns
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
        single = case.got.arrays.get(f"single.out_{view}")
        if single is None or single.shape != (1, 1, 1):
            return Outcome(0.0, difference(case, f"single.out_{view}", f"scores of {view}, for one image and K = 0"))
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
    inputs = Inputs(case.seed)
    name = OTHER[view] if found.other_bank else view
    bank = inputs.banks[name].copy()
    if not found.before:
        bank[inputs.y] = inputs.updated(name)
    rows = bank[inputs.idx[:, found.columns]]
    weight = Numbers(case.seed).normal(f"w{view}", *case.got.arrays[f"first.out_{view}"].shape).numpy()
    flat = found.scale * np.einsum("bk,bkd->bd", weight.reshape(rows.shape[:2]), rows)
    if not found.unit:
        return flat
    length = np.linalg.norm(inputs.live[view], axis=1, keepdims=True)
    unit = inputs.live[view] / length
    return (flat - unit * (flat * unit).sum(axis=1, keepdims=True)) / length


def _update_way(case: Case, view: str) -> dict[str, bool] | None:
    """How the rows y of a bank came about, or None if the numbers bear out none of the known ways."""
    bank, inputs = case.got.arrays.get(f"first.memory_{view}"), Inputs(case.seed)
    if bank is None or bank.shape != inputs.banks[view].shape:
        return None
    for unit, swapped, normalised in product((True, False), (False, True), (True, False)):
        if close(bank[inputs.y], inputs.updated(view, unit=unit, swapped=swapped, normalised=normalised)):
            return {"unit": unit, "swapped": swapped, "normalised": normalised}
    return None


def _rows_right(case: Case) -> Outcome:
    """The new rows have length 1."""
    for view in VIEWS:
        way = _update_way(case, view)
        if way is None:
            return Outcome(0.0, difference(case, f"first.memory_{view}", f"memory_{view} after a call") or NO_KNOWN_UPDATE)
        if not way["normalised"]:
            return Outcome(0.0, f"memory_{view}: the new rows were not normalised")
    return MET


def _momentum(case: Case) -> Outcome:
    """The new rows keep `momentum` of the old ones, at the first call and at the next."""
    for view in VIEWS:
        way = _update_way(case, view)
        if way is None:
            return Outcome(0.0, difference(case, f"first.memory_{view}", f"memory_{view} after a call") or NO_KNOWN_UPDATE)
        if way["swapped"]:
            return Outcome(0.0, f"memory_{view}: the momentum is on the wrong side")
        if not way["unit"] and Scores(case, view).unit is not False:  # not normalised at all is paid for there
            return Outcome(0.5, f"memory_{view}: the row takes up the live feature before it was normalised")
    names = [f"{name}_{view}" for name in ("out", "memory") for view in VIEWS]
    if all(not difference(case, f"first.{name}", name) for name in names):
        reasons = (difference(case, f"second.{name}", f"{name} at the second call") for name in names)
        return next((Outcome(0.0, reason) for reason in reasons if reason), MET)
    return MET


def _untouched(case: Case) -> Outcome:
    """Only the rows y change, and those to something that follows from the live features."""
    for view in VIEWS:
        bank, inputs = case.got.arrays.get(f"first.memory_{view}"), Inputs(case.seed)
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
    for view in VIEWS:
        out, expected = case.got.arrays.get(f"drawn_{view}"), case.expected.arrays[f"drawn_{view}"]
        if out is None or out.shape != expected.shape or not np.isfinite(out).all():
            return None
        live = _unit(numbers.normal(f"drawn {view}", len(expected), DIM).numpy())
        table = live @ _unit(numbers.normal(f"memory_{OTHER[view]}", DRAWN_ROWS, DIM).numpy()).T
        table *= _factor(case) / float(case.expected.arrays["T"])
        distance = np.abs(out[:, :, 0][:, :, None] - table[:, None, :])  # (32, 61, rows)
        nearest = distance.argmin(axis=2)
        rows[view] = np.where(distance.min(axis=2) < 1e-3 * max(1.0, np.abs(table).max()), nearest, -1)
    return rows


def _factor(case: Case) -> float:
    """By what the student's scores are off a common factor, 1 if they are right: the draw is judged apart from it."""
    scale = Scores(case, "l").scale
    return scale * float(case.expected.arrays["T"]) if scale else 1.0


def _drawn(case: Case) -> Outcome:
    rows = _drawn_rows(case)
    if rows is None:
        return Outcome(0.0, case.got.errors.get("drawn") or difference(case, "drawn_l", "scores without idx") or "not finite")
    y = _drawn_y(case.seed)
    for view in VIEWS:
        if (rows[view] < 0).any():
            return Outcome(0.0, f"without idx, scores of {view} belong to no row of the other view's bank")
        if (rows[view][:, 0] != y).any():
            return Outcome(0.0, "without idx, column 0 is not the image's own row y")
        if len(np.unique(rows[view][:, 1:])) < DRAWN_ROWS * 3 // 4:
            return Outcome(0.0, "without idx, the negatives come from a few rows only, expected all rows to be drawn alike")
    # Now and then two rows have nearly one score, and one is taken for the other: more than a few images must have it.
    if any((rows[view][:, 1:] == y[:, None]).any(axis=1).sum() > 3 for view in VIEWS):
        return Outcome(0.5, "without idx, the negatives hold the image's own row, which is the positive")
    return MET


def _drawn_y(seed: int) -> np.ndarray:
    return Numbers(seed).permutation("drawn y", DRAWN_ROWS)[:DRAWN].numpy()


def _canonical_scores(evidence: Evidence, seed: int) -> Evidence:
    """The evidence with what was drawn at random replaced by what is true of it."""
    arrays = {k: v for k, v in evidence.arrays.items() if not k.startswith("drawn")}
    for view in VIEWS:
        out = evidence.arrays.get(f"drawn_{view}")
        if out is not None:
            arrays |= {f"drawn_{view}_{name}": np.array(value) for name, value in _facts(out).items()}
    if _rows_of_its_own(evidence, seed):
        arrays = {k: v for k, v in arrays.items() if ".out_" not in k and ".grad_" not in k}
        arrays["own_rows"] = np.array(1)
    return replace(evidence, arrays=arrays)


def _facts(out: np.ndarray) -> dict[str, object]:
    """What is true of scores whatever was drawn: shape, column 0, how many rows fit it elsewhere, whether few were drawn."""
    if out.ndim != 3 or out.shape[1] < 2 or out.shape[2] != 1 or not np.isfinite(out).all():
        return {"shape": out.shape}
    scores = out[:, :, 0].astype(np.float64)
    scale = max(float(np.abs(scores).max()), 1e-30)
    shares = np.allclose(scores.sum(axis=1), 1, atol=1e-3)  # of a softmax, in which every column depends on the draw
    distinct = [len(np.unique(np.round(row / scale, 5))) for row in scores]
    return {
        "shape": out.shape,
        "first": -1 if shares else out[:, 0],
        "repeats": int((np.abs(scores[:, 1:] - scores[:, :1]) < 1e-5 * scale).any(axis=1).sum() > 3),
        "few": int(np.median(distinct) < 33),  # 40 of 61 are expected, 26 if only the batch's 32 rows are drawn from
    }


def _rows_of_its_own(evidence: Evidence, seed: int) -> bool:
    """Whether the scores of the first call belong to rows of the right bank, y's at column 0, but not to the rows `idx`."""
    inputs, T = Inputs(seed), evidence.arrays.get("T")
    for view in VIEWS:
        out = evidence.arrays.get(f"first.out_{view}")
        if out is None or T is None or out.shape != (*inputs.idx.shape, 1) or not np.isfinite(out).all():
            return False
        table = _unit(inputs.live[view]) @ inputs.banks[OTHER[view]].T / float(T)
        distance = np.abs(out - table[:, None, :])
        rows = distance.argmin(axis=2)
        if distance.min(axis=2).max() > 1e-4 or (rows[:, 0] != inputs.y).any() or (rows == inputs.idx).all():
            return False
    return True


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
        Criterion("gradient", "gradient into the live features, none into the banks", 2, _gradient),
        Criterion("rows", "the update touches the rows y and no other", 1, _untouched),
        Criterion("momentum", "the update keeps `momentum` of the old row", 2, _momentum),
        Criterion("normalised", "the updated rows have length 1", 1, _rows_right),
        Criterion("drawn", "without idx: y at column 0, the negatives from the other rows", 2, _drawn),
    ),
    _canonical_scores,
)


def _beside(check: Callable[[Case], Outcome], *others: str) -> Callable[[Case], Outcome]:
    """The check of a value that may be 0, as a guess is: it counts only beside another right value."""

    def with_others(case: Case) -> Outcome:
        outcome = check(case)
        if outcome.share < 1 or any(not difference(case, key, key, atol=1e-6) for key in others):
            return outcome
        return Outcome(0.0, "right, but counts only beside another right value")

    return with_others


_LOSS = same("batch", "again", what="the loss")  # at the first call and at the last

SOFTMAX_LOSS = Question(
    "softmax_loss",
    "2.2 Softmax loss",
    "softmax-loss",
    (
        Criterion("value", "the cross entropy with the positive at column 0, as a scalar", 5, _LOSS),
        Criterion("gradient", "its gradient", 2, same("gradient", what="the gradient", atol=1e-6)),
        Criterion("one", "a batch of one", 1, same("one", what="the loss of one image")),
        Criterion(
            "alone", "no negatives at all (K = 0)", 1, _beside(same("alone", what="the loss with K = 0"), "again", "one")
        ),
        Criterion(
            "large", "large scores do not overflow", 1, _beside(same("large", what="the loss of large scores"), "again", "one")
        ),
    ),
)

NCE = Question(
    "nce",
    "Optional: the NCE loss",
    "nce",
    (
        Criterion("value", "the loss of the first batch", 3, same("first.loss", what="the loss of the first batch")),
        Criterion("one", "a batch of one", 1, same("one", what="the loss of one image")),
        Criterion("normaliser", "Z after the first batch", 1, same("first.Z", what="Z after the first batch")),
        Criterion(
            "average", "Z and the loss after the second batch", 2, same("second.Z", "second.loss", what="the second batch")
        ),
        Criterion("gradient", "the gradient, with Z held fixed", 2, same("first.gradient", what="the gradient", atol=1e-6)),
        Criterion("large", "large scores stay finite", 1, same("large", what="the loss of large scores")),
    ),
)
