"""2.2: the rows that `CMCScore` draws when it is given none, told from the scores."""

from __future__ import annotations

import numpy as np

from autograder.judge.compare import Case
from autograder.judge.criteria import MET, Outcome, unjudged
from autograder.judge.questions.inputs import DRAWN, DRAWN_ROWS, NORMS, VIEWS, Drawn
from autograder.judge.questions.scores import Scores, check_form, own_rows
from autograder.judge.severity import Severity

WIDTH = 61  # K+1 of the calls
Rows = dict[str, np.ndarray]


def _rows(case: Case, again: str) -> Rows | None:
    """For each view the rows that a call used, (32, 61), -1 where none fits; None where the scores do not tell."""
    drawn, rows = Drawn(case.seed), {}
    for view in VIEWS:
        out, fit = case.got.arrays.get(f"drawn_{view}{again}"), case.once(Scores).of[view]
        if out is None or out.size != DRAWN * WIDTH or not np.isfinite(out).all():
            return None
        if (check_form(case).severity and not own_rows(case)) or (fit is not None and not fit.before):
            return None  # what was made of the scores is judged there, and hides the rows
        if fit is None or not fit.plain:
            if not _as_asked(case):
                return None
            live, bank, scale, norm = view, VIEWS[1 - VIEWS.index(view)], 1 / float(case.expected.arrays["T"]), "length 1"
        else:
            live, bank, scale, norm = fit.live, fit.bank, fit.scale, fit.norm
        features = drawn.live[live] / NORMS[norm](drawn.live[live])[:, None]
        table = scale * features @ drawn.banks[bank].T
        distance = np.abs(out.reshape(DRAWN, WIDTH)[:, :, None] - table[:, None, :])  # (32, 61, rows)
        nearest = distance.argmin(axis=2)
        rows[view] = np.where(distance.min(axis=2) < 1e-2 * np.abs(table).max(), nearest, -1)
    return rows


def _as_asked(case: Case) -> bool:
    """Whether the scores of the call that draws, taken as asked for, belong to rows, though those with given rows do not."""
    return "first.out_l" not in case.got.arrays or any(fit is None for fit in case.once(Scores).of.values())


def rows_first(case: Case) -> Rows | None:
    return _rows(case, "")


def rows_again(case: Case) -> Rows | None:
    return _rows(case, "_again")


def check_runs(case: Case) -> Outcome:
    """Without idx it runs: training calls it so."""
    if "first.out_l" not in case.got.arrays and "drawn_l" not in case.got.arrays:
        return unjudged()
    if "drawn_l" not in case.got.arrays:
        return Outcome(Severity.LEARNS_ELSE, f"without idx: {case.got.errors.get('drawn', 'no scores came')}")
    if check_form(case).severity and not own_rows(case):
        return unjudged()
    for view in VIEWS:
        out = case.got.arrays.get(f"drawn_{view}")
        if out is None or out.size != DRAWN * WIDTH:
            shape = "nothing" if out is None else out.shape
            return Outcome(Severity.OTHER_NUMBERS, f"without idx, K = 60: expected scores of shape (32, 61, 1), got {shape}")
    return MET


def check_positive(case: Case) -> Outcome:
    """Column 0 is the image's own row."""
    rows = case.once(rows_first)
    if rows is None:
        return unjudged()
    y = Drawn(case.seed).y
    for view in VIEWS:
        if (rows[view][:, 0] != y).mean() > 0.1:
            return Outcome(Severity.LEARNS_ELSE, f"without idx, column 0 of out_{view} is not the image's own row y")
    return MET


def check_negatives(case: Case) -> Outcome:
    """The negatives are rows of other images, of all of them, drawn for each image and each call anew."""
    rows, again = case.once(rows_first), case.once(rows_again)
    if rows is None:
        return unjudged()
    y = Drawn(case.seed).y
    for view in VIEWS:
        negatives = rows[view][:, 1:]
        if (negatives < 0).mean() > 0.05:
            return Outcome(Severity.OTHER_NUMBERS, f"without idx, scores of {view} belong to no row of the bank")
        # Now and then two rows have nearly one score, and one is taken for the other: more than a few images must have it.
        if (negatives == y[:, None]).any(axis=1).sum() > 3 and (rows[view][:, 0] == y).mean() > 0.9:
            return Outcome(Severity.OTHER_NUMBERS, "without idx, the negatives hold the image's own row, which is the positive")
        offsets = (negatives - y[:, None]) % DRAWN_ROWS
        if (offsets == np.median(offsets, axis=0)).mean() > 0.8:
            return Outcome(Severity.OTHER_NUMBERS, "without idx, the negatives are not drawn: they stand in one order behind y")
        if len(np.unique(negatives)) < DRAWN_ROWS * 3 // 4:
            few = len(np.unique(negatives))
            return Outcome(
                Severity.OTHER_NUMBERS, f"without idx, the negatives come from {few} rows only, expected all {DRAWN_ROWS}"
            )
        if _shared(negatives):
            return Outcome(
                Severity.OTHER_NUMBERS, "without idx, all images of a batch get the same negatives, expected a draw for each"
            )
    if again is not None and all((rows[view] == again[view]).mean() > 0.9 for view in VIEWS):
        return Outcome(Severity.OTHER_NUMBERS, "without idx, every call draws the same rows: is the generator seeded anew?")
    return MET


def _shared(negatives: np.ndarray) -> bool:
    """Whether nearly all images have the same rows, up to the step over the own one, in whatever order."""
    middle = np.median(negatives, axis=0)
    return bool((np.abs(negatives - middle) <= 1).mean() > 0.7) or len({tuple(sorted(row)) for row in negatives}) < DRAWN // 4


def check_many(case: Case) -> Outcome:
    """More negatives than there are rows: the text says that K can be larger than N."""
    if "drawn_l" not in case.got.arrays:
        return unjudged()
    for view in VIEWS:
        out, plain = case.got.arrays.get(f"drawn_{view}_many"), case.got.arrays.get(f"drawn_{view}")
        if out is None:
            return Outcome(Severity.NOT_GENERAL, f"K = 30 of N = 20 rows: {case.got.errors.get('many', 'no scores came')}")
        if plain is not None and plain.size == DRAWN * WIDTH and out.size != 4 * 31:
            return Outcome(Severity.NOT_GENERAL, f"K = 30 of N = 20 rows: expected scores of shape (4, 31, 1), got {out.shape}")
    return MET


def facts(out: np.ndarray) -> dict[str, object]:
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
