"""2.2: which rows, and which image's features, scores belong to that are not those of the rows `idx`; told from the numbers."""

from __future__ import annotations

import numpy as np
from nbjudge.judge.compare import Case

from .inputs import OTHER, ROWS, VIEWS, Inputs, unit

FITS = 5e-3  # of a score
DISTINCT = 8  # rows at least that scores must belong to: a constant may lie near a few


class RowsUsed:
    """The rows of the right bank that a view's scores belong to, over the temperature that was asked for.

    Attributes:
        images: for each image whose features were scored, -1 if nobody's fit.
        rows: (4, 7), for each score the nearest row.
    """

    def __init__(self, case: Case, view: str) -> None:
        self.inputs, self.images, self.rows = Inputs(case.seed), np.full(4, -1), np.zeros((4, 7), int)
        out = case.actual.arrays.get(f"first.out_{view}")
        if out is None or out.size != 28 or not np.isfinite(out).all():
            return
        table = unit(self.inputs.live[view]) @ self.inputs.banks[OTHER[view]].T / self.inputs.T  # (4, rows)
        for image, scores in enumerate(out.reshape(4, 7)):
            for other in np.roll(np.arange(4), -image):
                distance = np.abs(scores[:, None] - table[other])
                if distance.min(axis=1).max() <= FITS:
                    self.images[image], self.rows[image] = other, distance.argmin(axis=1)
                    break

    @property
    def there(self) -> bool:
        """Whether every score belongs to a row, and not all to a few."""
        return bool((self.images >= 0).all()) and len(np.unique(self.rows)) >= DISTINCT

    def words(self) -> str:
        """How these rows differ from those that were asked for; empty if the scores belong to none, or to the right ones."""
        idx = self.inputs.idx
        if not self.there:
            return ""
        if (self.images != np.arange(4)).any():
            one = len(np.unique(self.images)) == 1
            return f"all are scored with the features of image {self.images[0]}" if one else "images have each other's scores"
        if (self.rows == idx).all():
            return ""
        if (np.sort(self.rows) == np.sort(idx)).all():
            return "the K+1 columns stand in another order"
        if any((self.rows == np.roll(idx, shift, axis=0)).all() for shift in (1, 2, 3)):
            return "images are scored against the rows of other images"
        further = np.unique((self.rows - idx) % ROWS)
        if len(further) == 1:
            return f"the rows stand {further[0]} after those of idx"
        return "they belong to rows of the bank, but not to the rows idx"


def _used(case: Case) -> dict[str, RowsUsed]:
    return {view: RowsUsed(case, view) for view in VIEWS}


def rows_in_words(case: Case, view: str) -> str:
    return case.once(_used)[view].words()


def belongs(case: Case) -> bool:
    """Whether the scores of a view belong to rows and images that are known, be they the wrong ones."""
    return any(used.there for used in case.once(_used).values())


def own_rows(case: Case) -> bool:
    """Whether the first call's scores belong to rows of the right bank, y's at column 0, but not to the rows `idx`."""
    for view, used in case.once(_used).items():
        if case.actual.arrays.get(f"first.out_{view}", np.zeros(0)).shape != (4, 7, 1) or not (used.images >= 0).all():
            return False
        wrong = (used.rows != used.inputs.idx).any() and (used.images == np.arange(4)).all()
        if not wrong or (used.rows[:, 0] != used.inputs.y).any():
            return False
    return True
