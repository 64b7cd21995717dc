"""2.2: how the scores came about. What real mistakes move is fitted: view, bank, order, length, scale, sign, form, columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from ps8.probes.tools import Numbers

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Outcome, unjudged
from autograder.judge.questions.inputs import NORMS, OTHER, VIEWS, Inputs, unit
from autograder.judge.questions.update import SHAPE, Updates
from autograder.judge.severity import Severity

NAMES = {"l": "L", "ab": "ab"}
ALL_COLUMNS = (0, 7)
# Forms that scores may have been given, and how to undo them: afterwards they are affine in the cosines.
FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "": lambda x: x,
    "exponentials": np.log,
    "probabilities": np.log,
    "a root or a distance": np.square,
    "numbers squeezed between 0 and 1": lambda x: np.log(x / (1 - x)),
}


@dataclass(frozen=True)
class Fit:
    """How a view's scores came about.

    Attributes:
        live: the view whose features were scored.
        bank: the view whose bank they were scored against.
        before: whether that bank was as it was before the update.
        form: what was made of the products, in words; empty if nothing.
        norm: a name in `NORMS`, of what the features were divided by; empty if it is none of them.
        scale: factor on the products with features so divided; 0 if `norm` is empty.
        column: whether column 0 is another than its row gives.
        kept: the columns that are there, from and up to.
    """

    live: str
    bank: str
    before: bool
    form: str
    norm: str
    scale: float
    column: bool = False
    kept: tuple[int, int] = ALL_COLUMNS

    @property
    def plain(self) -> bool:
        """Whether all is said by live, bank, norm and scale."""
        return not self.form and bool(self.norm) and not self.column


class Scores:
    """Both views' scores of the first call; None for scores that follow from nothing known."""

    def __init__(self, case: Case) -> None:
        self.case, self.inputs = case, Inputs(case.seed)
        self.of = {view: self._fit(view) for view in VIEWS}

    def _fit(self, view: str) -> Fit | None:
        got = self.case.got.arrays.get(f"first.out_{view}")
        if got is None or not np.isfinite(got).all() or got.size not in (28, 24) or not np.ptp(got) > 1e-6:
            return None
        got = got.reshape(4, -1)
        for kept in (ALL_COLUMNS,) if got.shape[1] == 7 else ((1, 7), (0, 6)):
            for column in (False, True):
                found = self._among(view, got, kept, column)
                if found is not None:
                    return found
        return None

    def _among(self, view: str, got: np.ndarray, kept: tuple[int, int], column: bool) -> Fit | None:
        """The first of the ways that fits; with `column`, column 0 is left out of account."""
        for form, undo in FORMS.items():
            with np.errstate(all="ignore"):
                scores = undo(got)
            if not np.isfinite(scores).all():
                continue
            ways = product((False, True), (view, OTHER[view]), (OTHER[view], view), (True, False))
            for over_batch, live, bank, before in ways:
                rows = self._bank(bank, before)[self.inputs.idx[:, slice(*kept)]]
                raw = np.einsum("bd,bkd->bk", self.inputs.features(live, over_batch), rows)
                factors = _factors(scores[:, column:], raw[:, column:], form == "probabilities")
                if factors is not None and over_batch:
                    return Fit(live, bank, before, form, "", 0.0, column, kept)
                if factors is not None:
                    return self._found(live, bank, before, form, factors, column, kept)
        return None

    def _bank(self, bank: str, before: bool) -> np.ndarray:
        rows = self.inputs.banks[bank].copy()
        if not before:
            got, update = self.case.got.arrays.get(f"first.memory_{bank}"), self.case.once(Updates).of[bank]
            believed = update is not None and update.live and got is not None and got.shape == SHAPE
            rows[self.inputs.y] = got[self.inputs.y] if believed and got is not None else self.inputs.updated(bank)
        return rows

    def _found(
        self,
        live: str,
        bank: str,
        before: bool,
        form: str,
        factors: tuple[np.ndarray, np.ndarray],
        column: bool,
        kept: tuple[int, int],
    ) -> Fit:
        scale, shift = factors
        if not form and np.abs(shift).max() > 1e-2 * np.abs(scale).max() * 3:
            form = "shifted"
        for norm, divide in NORMS.items():
            times = scale * divide(self.inputs.live[live])
            if np.allclose(times, times.mean(), rtol=1e-2):
                return Fit(live, bank, before, form, norm, float(times.mean()), column, kept)
        return Fit(live, bank, before, form, "", 0.0, column, kept)

    def borne_out(self) -> bool:
        return any(self.of.values())


def _factors(scores: np.ndarray, raw: np.ndarray, free: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """For each image the factor and the shift that make its products its scores, if there are such; one shift unless free."""
    scales, shifts = [], []
    for one, products in zip(scores, raw, strict=True):
        columns = np.stack([products, np.ones(len(products))], axis=1)
        (scale, shift), *_ = np.linalg.lstsq(columns, one, rcond=None)
        off = np.abs(columns @ [scale, shift] - one).max()
        if abs(scale) * np.ptp(products) < 1e-4 or off > 1e-2 * abs(scale) * np.ptp(products):
            return None
        scales.append(scale)
        shifts.append(shift)
    spread = np.abs(np.array(scales)[:, None] * raw).max()
    if not free and np.ptp(shifts) > 2e-2 * spread + 1e-3 * np.abs(shifts).max():
        return None
    return np.array(scales), np.array(shifts) * (not free)


def check_bank(case: Case) -> Outcome:
    """Each view against the other view's bank; both exchanged is one mistake."""
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is None or (fit.live, fit.bank) == (view, OTHER[view]):
            continue
        return Outcome(
            Severity.LEARNS_ELSE,
            f"out_{view}: expected {NAMES[view]} against memory_{OTHER[view]}, got {NAMES[fit.live]} against memory_{fit.bank}",
        )
    return MET


def check_form(case: Case) -> Outcome:
    """Products of features and rows, in every column, and nothing else made of them."""
    scores = case.once(Scores)
    for view in VIEWS:
        key, what = f"first.out_{view}", f"scores of {NAMES[view]}"
        fit = scores.of[view]
        reason = difference(case, key, what)
        if not reason:
            continue
        if key not in case.got.arrays:
            return unjudged(reason)
        if fit is None:
            if case.once(own_rows):
                return Outcome(Severity.LEARNS_ELSE, f"{what}: they belong to rows of the bank, but not to the rows idx")
            return Outcome(Severity.LEARNS_ELSE, reason)
        if fit.kept != ALL_COLUMNS:
            gone = "first" if fit.kept[0] else "last"
            return Outcome(Severity.LEARNS_ELSE, f"{what}: the {gone} of the K+1 columns is not there")
        if fit.form:
            return Outcome(Severity.LEARNS_ELSE, f"{what}: expected the products over T, got {fit.form}")
        if fit.column:
            return Outcome(Severity.LEARNS_ELSE, f"{what}: column 0 is not the score of the image's own row y")
    return MET


def check_length(case: Case) -> Outcome:
    """The live features have length 1."""
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is None or fit.form or fit.norm == "length 1":
            continue
        came = fit.norm or "by something that is not each feature's own length"
        return Outcome(
            Severity.LEARNS_ELSE, f"{NAMES[view]}: expected features of length 1, got them divided otherwise: {came}"
        )
    return MET


def check_temperature(case: Case) -> Outcome:
    T = float(case.expected.arrays["T"])
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is None or not fit.norm or fit.form in ("probabilities", "a root or a distance", "shifted"):
            continue
        times = fit.scale * T
        if abs(times - 1) < 1e-2:
            continue
        reason = (
            f"out_{view}: with T = {T:g} the products should be multiplied by 1 / T = {1 / T:.4g}, "
            f"they are multiplied by {fit.scale:.4g}"
        )
        if times < 0:
            return Outcome(Severity.NOTHING_LEARNS, f"{reason}: the sign is turned, so the loss pulls the wrong way")
        typed = abs(fit.scale - 10) < 0.1  # the default of T
        return Outcome(Severity.OTHER_NUMBERS if typed else Severity.LEARNS_ELSE, reason)
    return MET


def check_order(case: Case) -> Outcome:
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is not None and not fit.before:
            return Outcome(Severity.LEARNS_ELSE, f"out_{view}: the bank was updated before it was scored against")
    return MET


def check_shape(case: Case) -> Outcome:
    for view in VIEWS:
        got, expected = case.got.arrays.get(f"first.out_{view}"), case.expected.arrays[f"first.out_{view}"]
        if got is not None and got.shape != expected.shape and got.size == expected.size:
            return Outcome(Severity.OTHER_NUMBERS, f"out_{view}: expected shape {expected.shape}, got {got.shape}")
    return MET


def check_single(case: Case) -> Outcome:
    """A batch of one."""
    for view in VIEWS:
        got, first = case.got.arrays.get(f"single.out_{view}"), case.got.arrays.get(f"first.out_{view}")
        if first is None:
            return unjudged()
        if got is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.got.errors.get('single', 'no scores came')}")
        if first.shape == (4, 7, 1) and got.shape != (1, 6, 1):
            return Outcome(Severity.NOT_GENERAL, f"a batch of one, K = 5: expected shape (1, 6, 1), got {got.shape}")
    return MET


def check_dead(case: Case) -> Outcome:
    """Features of zeros, as dead units give them: the eps of step 1."""
    scores, rows = case.got.arrays.get("dead.scores"), case.got.arrays.get("dead.rows")
    if scores is None or rows is None:
        return unjudged()
    if np.abs(scores).max(initial=0) < 1e6 and np.abs(rows).max(initial=0) < 1e6:
        return MET
    return Outcome(Severity.NOT_GENERAL, "a feature of zeros gives NaN: what is the eps of step 1 for?")


def check_gradient(case: Case) -> Outcome:
    """The live features get the gradient of their scores, whatever these are, and the banks get none."""
    arrays, scores = case.got.arrays, case.once(Scores)
    in_graph = [view for view in VIEWS if case.flag(f"first.memory_{view}_grad")]
    if in_graph:
        raises = "second.out_l" not in arrays or "second.gradient" in case.got.errors
        reason = f"memory_{in_graph[0]} requires a gradient, expected none into the banks"
        return Outcome(Severity.LEARNS_ELSE if raises else Severity.OTHER_NUMBERS, reason)
    if "first.gradient" in case.got.errors:
        error = case.got.errors["first.gradient"]
        nothing = "does not require grad" in error or "does not have a grad_fn" in error
        return Outcome(Severity.NOTHING_LEARNS if nothing else Severity.LEARNS_ELSE, f"loss.backward(): {error}")
    grads = {view: arrays.get(f"first.grad_{view}") for view in VIEWS}
    if any(grad is None or not np.isfinite(grad).all() for grad in grads.values()):
        return unjudged()
    none = [view for view in VIEWS if not np.any(grads[view])]
    if len(none) == 2:
        return Outcome(Severity.NOTHING_LEARNS, "no gradient arrives at the live features")
    fits = scores.of
    if none and all(fit is None or fit.live != none[0] for fit in fits.values()) and any(fits.values()):
        return unjudged()  # its features are in no scores, which is said there
    if none:
        return Outcome(Severity.LEARNS_ELSE, f"no gradient arrives at {NAMES[none[0]]}")
    for view in VIEWS:
        expected, got = _gradient_of(case, view), grads[view]
        if expected is None or got is None:
            continue
        if not close(got, expected, rtol=1e-2, atol=1e-2 * float(np.abs(expected).max())):
            return Outcome(
                Severity.OTHER_NUMBERS, f"the gradient of {NAMES[view]} is not that of its scores: is part of it cut off?"
            )
    return MET


def _gradient_of(case: Case, view: str) -> np.ndarray | None:
    """The gradient of the probe's weighted sum of scores by a view's features, for scores found to be so."""
    inputs, total = Inputs(case.seed), None
    for name in VIEWS:
        fit = case.once(Scores).of[name]
        if fit is None or not fit.plain:
            return None
        if fit.live != view:
            continue
        live = torch.from_numpy(inputs.live[view]).double().requires_grad_()
        length = {
            "length 1": lambda x: x.norm(dim=1),
            "not at all": lambda x: torch.ones(len(x), dtype=x.dtype),
            "the sum of the absolute values 1": lambda x: x.abs().sum(dim=1),
            "divided by the squared length": lambda x: (x**2).sum(dim=1),
        }.get(fit.norm)
        if length is None:
            return None
        rows = torch.from_numpy(case.once(Scores)._bank(fit.bank, fit.before)[inputs.idx[:, slice(*fit.kept)]]).double()
        weight = Numbers(case.seed).normal(f"w{name}", *case.got.arrays[f"first.out_{name}"].shape).reshape(rows.shape[:2])
        out = fit.scale * torch.einsum("bd,bkd->bk", live / length(live)[:, None], rows)
        (out * weight).sum().backward()
        assert live.grad is not None
        total = live.grad.numpy() if total is None else total + live.grad.numpy()
    return total


def own_rows(case: Case) -> bool:
    """Whether the first call's scores belong to rows of the right bank, y's at column 0, but not to the rows `idx`."""
    inputs = Inputs(case.seed)
    for view in VIEWS:
        out = case.got.arrays.get(f"first.out_{view}")
        if out is None or out.shape != (4, 7, 1) or not np.isfinite(out).all():
            return False
        table = unit(inputs.live[view]) @ inputs.banks[OTHER[view]].T / inputs.T
        distance = np.abs(out - table[:, None, :])
        rows = distance.argmin(axis=2)
        if distance.min(axis=2).max() > 5e-3 or (rows[:, 0] != inputs.y).any() or (rows == inputs.idx).all():
            return False
    return True
