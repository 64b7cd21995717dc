"""2.2: how the scores came about. What real mistakes move is fitted: view, bank, order, length, scale, sign, form, columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from nbjudge.judge.compare import Case

from .inputs import MADE, NORMS, OTHER, VIEWS, Inputs
from .update import SHAPE, Updates

NAMES = {"l": "L", "ab": "ab"}
ALL_COLUMNS = (0, 7)
# Forms that scores may have been given, and how to undo them: afterwards they are affine in the cosines.
FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "": lambda x: x,
    "exponentials": np.log,
    "probabilities": np.log,
    "the logarithms of probabilities": lambda x: x,
    "a root": np.square,
    "numbers squeezed between 0 and 1": lambda x: np.log(x / (1 - x)),
}
SHARES = ("probabilities", "the logarithms of probabilities")  # in which every image has a shift of its own


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
        shift: what is added to the products.
        features: what was made of the features in place of dividing each by one number, in words; empty if nothing.
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
    shift: float = 0.0
    features: str = ""

    @property
    def made(self) -> str:
        """What was made of the products, in words."""
        if self.form != "shifted":
            return self.form if self.form != "a root" else "a distance, or another root of them"
        if self.norm == "length 1" and abs(self.scale + self.shift) < 2e-2 * abs(self.scale):
            return f"minus the squared distance, {self.scale / 2:.4g} times"
        return f"them {self.scale:.4g} times and {self.shift:+.4g}" if self.norm else "them and a number added"

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
        actual = self.case.actual.arrays.get(f"first.out_{view}")
        if actual is None or not np.isfinite(actual).all() or actual.size not in (28, 24) or not np.ptp(actual) > 1e-6:
            return None
        actual = actual.reshape(4, -1)
        for kept in (ALL_COLUMNS,) if actual.shape[1] == 7 else ((1, 7), (0, 6)):
            for column in (False, True):
                found = self._among(view, actual, kept, column)
                if found is not None:
                    return found
        return None

    def _among(self, view: str, actual: np.ndarray, kept: tuple[int, int], column: bool) -> Fit | None:
        """The first of the ways that fits; with `column`, column 0 is left out of account."""
        for form, undo in FORMS.items():
            with np.errstate(all="ignore"):
                scores = undo(actual)
            if not np.isfinite(scores).all():
                continue
            ways = product(("", *MADE), (view, OTHER[view]), (OTHER[view], view), (True, False))
            for made, live, bank, before in ways:
                rows = self.bank(bank, before)[self.inputs.idx[:, slice(*kept)]]
                raw = np.einsum("bd,bkd->bk", self.inputs.features(live, made), rows)
                factors = _factors(scores[:, column:], raw[:, column:], form in SHARES)
                if factors is not None and made:
                    return Fit(live, bank, before, form, "", 0.0, column, kept, features=made)
                if factors is not None:
                    return self._found(live, bank, before, form, factors, column, kept)
        return None

    def bank(self, bank: str, before: bool) -> np.ndarray:
        rows: np.ndarray = self.inputs.banks[bank].copy()
        if not before:
            actual, update = self.case.actual.arrays.get(f"first.memory_{bank}"), self.case.once(Updates).of[bank]
            believed = update is not None and update.live and actual is not None and actual.shape == SHAPE
            rows[self.inputs.y] = actual[self.inputs.y] if believed and actual is not None else self.inputs.updated(bank)
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
                return Fit(live, bank, before, form, norm, float(times.mean()), column, kept, float(shift.mean()))
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
