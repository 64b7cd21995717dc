"""2.2: the banks after a call. Each new row is taken apart into the old row and the live feature; the shares tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from .inputs import DIM, LONG, MADE, NORMS, OTHER, ROWS, VIEWS, Inputs, unit

if TYPE_CHECKING:
    from .scores import Fit

SHAPE = (ROWS + LONG, DIM)
OVER_BATCH = ("each dimension over the batch", "all of the batch together")


@dataclass(frozen=True)
class Update:
    """How the rows y of a bank came about.

    Attributes:
        changed: rows that are not as they were.
        finite: whether all numbers are.
        old, live: the view whose old row, and whose feature, are in the new rows; empty if they follow from nothing known.
        shares: for each image, the share of the (unit) live feature over that of the old row; inf if the old row is gone.
        lengths: of the new rows.
        turned: whether the new rows point the other way than what they are made of.
        over_batch: whether each dimension is scaled by itself, as by a normalisation over the batch.
        features: what was made of the features, if they were not divided each by its length; a name in `MADE`.
        images: for each image whose feature is in its new row, where that is not its own; empty otherwise.
        olds: likewise, whose old row.
    """

    changed: frozenset[int]
    finite: bool
    old: str = ""
    live: str = ""
    shares: tuple[float, ...] = ()
    lengths: tuple[float, ...] = ()
    over_batch: bool = False
    features: str = ""
    images: tuple[int, ...] = ()
    olds: tuple[int, ...] = ()
    turned: bool = False


class Updates:
    """The updates of both banks; None for a bank that is not there, or of another shape."""

    def __init__(self, case: Case) -> None:
        self.inputs = Inputs(case.seed)
        self.of = {view: self._update(case.actual.arrays.get(f"first.memory_{view}"), view) for view in VIEWS}

    def _update(self, bank: np.ndarray | None, view: str) -> Update | None:
        inputs = self.inputs
        if bank is None or bank.shape != SHAPE:
            return None
        if not np.isfinite(bank).all():
            return Update(frozenset(), False)
        changed = frozenset(np.flatnonzero(np.abs(bank - inputs.banks[view]).max(axis=1) > 1e-4).tolist())
        rows = bank[inputs.y]
        for old in (view, OTHER[view]):
            features = {(live, ""): unit(inputs.live[live]) for live in (view, OTHER[view])}
            features |= {(view, made): unit(inputs.features(view, made)) for made in MADE if made not in OVER_BATCH}
            features |= {(view, made): inputs.features(view, made) for made in OVER_BATCH}
            for (live, made), unit_live in features.items():
                shares = self._shares(rows, inputs.banks[old][inputs.y], unit_live)
                if shares is not None:
                    lengths = tuple(np.linalg.norm(rows, axis=1).tolist())
                    turned = _turned(rows, inputs.banks[old][inputs.y], unit_live, shares)
                    return Update(changed, True, old, live, shares, lengths, features=made, turned=turned)
        return self._mixed(rows, view, changed) or Update(changed, True, over_batch=self._over_batch(rows, view))

    def _mixed(self, rows: np.ndarray, view: str, changed: frozenset[int]) -> Update | None:
        """An update with the old rows, the live features or the places of the images mixed up."""
        old, live = self.inputs.banks[view][self.inputs.y], unit(self.inputs.live[view])
        for step in (1, 2, 3):
            turned = tuple(np.roll(range(len(rows)), step).tolist())
            own = tuple(range(len(rows)))
            for olds, images in ((turned, turned), (own, turned), (turned, own)):
                shares = self._shares(rows, old[list(olds)], live[list(images)])
                if shares is not None:
                    lengths = tuple(np.linalg.norm(rows, axis=1).tolist())
                    return Update(changed, True, view, view, shares, lengths, images=images, olds=olds)
        return None

    @staticmethod
    def _shares(rows: np.ndarray, old: np.ndarray, live: np.ndarray) -> tuple[float, ...] | None:
        """For each image, live over old in the new row, if it is made of the two."""
        found = []
        for row, one, two in zip(rows, old, live, strict=True):
            parts = np.stack([one, two], axis=1)
            (a, b), *_ = np.linalg.lstsq(parts, row, rcond=None)
            if np.abs(parts @ [a, b] - row).max() > 1e-2 * np.abs(row).max() or not np.any(row):
                return None
            found.append(float(b / a) if abs(a) > 3e-3 * abs(b) else float("inf"))
        return tuple(found)

    def _over_batch(self, rows: np.ndarray, view: str) -> bool:
        """Whether dimension by dimension the four rows stand to each other as they should."""
        inputs = self.inputs
        plain = inputs.momentum * inputs.banks[view][inputs.y] + (1 - inputs.momentum) * unit(inputs.live[view])
        factors = (rows * plain).sum(axis=0) / np.maximum((plain**2).sum(axis=0), 1e-12)
        return bool(np.abs(factors).min() > 1e-3) and close(rows, plain * factors, rtol=1e-2, atol=1e-2)

    def right(self) -> bool:
        return all(self._right(view) for view in VIEWS)

    def _right(self, view: str) -> bool:
        found, wanted = self.of[view], (1 - self.inputs.momentum) / self.inputs.momentum
        return (
            found is not None
            and found.changed == set(self.inputs.y.tolist())
            and found.old == found.live == view
            and not found.images
            and not found.features
            and not found.turned
            and np.allclose(found.shares, wanted, rtol=3e-2)
            and np.allclose(found.lengths, 1, atol=1e-2)
        )

    def borne_out(self) -> bool:
        """Whether a bank's new rows follow from the judge's inputs."""
        found = [update for update in self.of.values() if update is not None]
        return any((update.live and any(abs(share) > 1e-2 for share in update.shares)) or update.over_batch for update in found)


def _turned(rows: np.ndarray, old: np.ndarray, live: np.ndarray, shares: tuple[float, ...]) -> bool:
    """Whether the rows point the other way than old row and live feature in these shares."""
    parts = [two if np.isinf(share) else one + share * two for one, two, share in zip(old, live, shares, strict=True)]
    return bool(((rows * np.stack(parts)).sum(axis=1) < 0).all())


def check_rows(case: Case) -> Outcome:
    """The rows y change, in both banks, and no other."""
    updates = case.once(Updates)
    wanted, wrong = set(updates.inputs.y.tolist()), []
    for view in VIEWS:
        found = updates.of[view]
        if found is None:
            reason = difference(case, f"first.memory_{view}", f"memory_{view} after a call")
            there = f"first.memory_{view}" in case.actual.arrays
            return Outcome(Severity.LEARNS_ELSE, reason) if there else unjudged(reason)
        if not found.finite:
            return Outcome(Severity.LEARNS_ELSE, f"memory_{view}: expected finite numbers")
        if found.changed != wanted:
            wrong.append((view, found.changed))
    if not wrong:
        return MET
    if len(wrong) == 2 and not any(changed for _, changed in wrong):
        return Outcome(Severity.NOTHING_LEARNS, "neither bank is updated: every positive stays noise")
    view, changed = wrong[0]
    asked = f"memory_{view}: expected the {len(wanted)} rows y = {sorted(wanted)} to change and no other"
    if not changed:
        return Outcome(Severity.LEARNS_ELSE, f"{asked}, none did")
    reason = f"{asked}, actual {len(changed)}: {', '.join(map(str, sorted(changed)[:8]))}"
    more = wanted < changed and updates.of[view].live  # type: ignore[union-attr]
    return Outcome(Severity.OTHER_NUMBERS if more else Severity.LEARNS_ELSE, reason)


def fits_of(case: Case) -> list[Fit]:
    """How the scores came about, of either view."""
    from .scores import Scores  # which looks at the updates, too

    return [fit for fit in case.once(Scores).of.values() if fit is not None]


def length_of(case: Case, view: str) -> np.ndarray:
    """What the scores say that a view's features were divided by, each image's; their length, if they say nothing."""
    fits = [fit for fit in fits_of(case) if fit.live == view and fit.norm]
    return NORMS[fits[0].norm if fits else "length 1"](Inputs(case.seed).live[view])


def check_shares(case: Case) -> Outcome:
    """The new rows keep `momentum` of the old ones and take up the rest of the live features."""
    updates = case.once(Updates)
    m = updates.inputs.momentum
    for view in VIEWS:
        found = updates.of[view]
        if found is None or not found.finite or not found.changed >= set(updates.inputs.y.tolist()) or found.over_batch:
            continue
        if found.features:
            scored = [fit.features for fit in fits_of(case) if fit.live == view]
            if scored and found.features not in scored:
                reason = f"memory_{view}: the new rows take up features that are divided otherwise: {found.features}"
                return Outcome(Severity.OTHER_NUMBERS, reason)
            continue  # said where they are scored
        if not found.live and found.changed != set(updates.inputs.y.tolist()):
            continue  # the wrong rows, which is said there
        if not found.live:
            return Outcome(
                Severity.LEARNS_ELSE, f"memory_{view}: the new rows follow from old row and live feature in no known way"
            )
        if found.images:
            return Outcome(Severity.LEARNS_ELSE, f"memory_{view}: {_mixed_in_words(found)}")
        if found.live != view or found.old != view:
            what = "live features" if found.live != view else "old rows"
            other = updates.of[OTHER[view]]
            if other is not None and not other.changed and found.live != view:  # one slip: both are written into one bank
                reason = f"memory_{view}: the update of memory_{OTHER[view]} is written here, over its own"
                return Outcome(Severity.OTHER_NUMBERS, reason)
            return Outcome(Severity.LEARNS_ELSE, f"memory_{view}: the new rows hold the {what} of {OTHER[view]}")
        if found.turned:
            return Outcome(Severity.LEARNS_ELSE, f"memory_{view}: the new rows point the other way: their sign is turned")
        lengths = np.linalg.norm(updates.inputs.live[view], axis=1)
        if np.allclose(np.array(found.shares) * m / (1 - m), lengths / length_of(case, view), rtol=3e-2):
            continue  # the feature as it was scored: if its length is off, that is said there
        outcome = _share(view, found.shares, m, lengths)
        if outcome.severity:
            return outcome
    return MET


def _mixed_in_words(found: Update) -> str:
    if found.images == found.olds:
        return "each image's new row is written to the row of another image of the batch"
    what = "live feature" if found.images != tuple(range(len(found.images))) else "old row"
    return f"the new rows hold the {what} of another image of the batch"


def _share(view: str, shares: tuple[float, ...], m: float, lengths: np.ndarray) -> Outcome:
    """One bank's shares against (1 - m) / m, to find what they are instead."""
    wanted, actual = (1 - m) / m, np.array(shares)
    if np.allclose(actual, wanted, rtol=3e-2):
        return MET
    asked = f"memory_{view}: expected the live feature and the old row as {1 - m:.3g} to {m:.3g}"
    if np.isinf(actual).all():
        return Outcome(Severity.OTHER_NUMBERS, f"{asked}, actual the live feature alone")
    if np.allclose(actual, 1 / wanted, rtol=3e-2):
        return Outcome(Severity.OTHER_NUMBERS, f"{asked}, actual the other way round")
    if np.allclose(actual / lengths, wanted, rtol=3e-2):
        return Outcome(Severity.OTHER_NUMBERS, f"{asked}, actual the live feature before its length was made 1")
    if (actual < 0).any():
        return Outcome(Severity.LEARNS_ELSE, f"{asked}, actual with opposite signs")
    return Outcome(Severity.OTHER_NUMBERS, f"{asked}, actual {actual[0]:.3g} to 1")


def check_lengths(case: Case) -> Outcome:
    """The new rows have length 1."""
    updates = case.once(Updates)
    for view in VIEWS:
        found = updates.of[view]
        if found is None or not found.changed & set(updates.inputs.y.tolist()):
            continue
        if found.over_batch:
            return Outcome(
                Severity.OTHER_NUMBERS, f"memory_{view}: the new rows are normalised over the batch, not each by itself"
            )
        if found.lengths and not np.allclose(found.lengths, 1, atol=1e-2):
            lengths = ", ".join(f"{length:.3g}" for length in found.lengths)
            return Outcome(Severity.OTHER_NUMBERS, f"memory_{view}: expected new rows of length 1, actual {lengths}")
    return MET


def check_twice(case: Case) -> Outcome:
    """An image that comes twice in a batch leaves one row, of length 1."""
    rows = case.actual.arrays.get("twice.rows")
    if not case.once(Updates).right():
        return unjudged()
    if rows is None:
        return Outcome(Severity.NOT_GENERAL, f"an image twice in a batch: {case.actual.errors.get('twice', 'no rows came')}")
    lengths = np.linalg.norm(rows, axis=-1)
    if np.allclose(lengths, 1, atol=1e-2):
        return MET
    return Outcome(
        Severity.NOT_GENERAL, f"an image twice in a batch: expected its row with length 1, actual {lengths.ravel()[0]:.3g}"
    )
