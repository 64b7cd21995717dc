"""2.2: the rows that `CMCScore` draws when it is given none, told from the scores."""

from __future__ import annotations

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from .inputs import DRAWN, DRAWN_ROWS, MANY, MANY_IMAGES, MANY_ROWS, NORMS, VIEWS, Drawn, Inputs
from .score_checks import check_form
from .score_rows import own_rows
from .scores import Scores

WIDTH = 61  # K+1 of the calls
TOO_MANY, TOO_FEW = 1.6, 0.4  # times as often as another row: luck makes it 1.2 and 0.8
NAMES = ("no_row", "own", "in_order", "shared", "few", "again", "never")  # of `deviations`
Rows = dict[str, np.ndarray]


def _rows(case: Case, call: str, drawn: Drawn, width: int) -> Rows | None:
    """For each view the rows that a call used, (images, K+1), -1 where none fits; None where the scores do not tell."""
    rows = {}
    for view in VIEWS:
        out, fit = case.actual.arrays.get(f"drawn_{view}{call}"), case.once(Scores).of[view]
        if out is None or out.size != len(drawn.y) * width or not np.isfinite(out).all():
            return None
        if (check_form(case).severity and not own_rows(case)) or (fit is not None and not fit.before):
            return None  # what was made of the scores is judged there, and hides the rows
        if fit is None or not fit.plain:
            if not _as_asked(case):
                return None
            live, bank, scale, norm = view, VIEWS[1 - VIEWS.index(view)], 1 / Inputs(case.seed).T, "length 1"
        else:
            live, bank, scale, norm = fit.live, fit.bank, fit.scale, fit.norm
        features = drawn.live[live] / NORMS[norm](drawn.live[live])[:, None]
        table = scale * features @ drawn.banks[bank].T
        distance = np.abs(out.reshape(-1, width)[:, :, None] - table[:, None, :])  # (images, K+1, rows)
        nearest = distance.argmin(axis=2)
        rows[view] = np.where(distance.min(axis=2) < 1e-2 * np.abs(table).max(), nearest, -1)
    return rows


def _as_asked(case: Case) -> bool:
    """Whether the scores of the call that draws, taken as asked for, belong to rows, though those with given rows do not."""
    return "first.out_l" not in case.actual.arrays or any(fit is None for fit in case.once(Scores).of.values())


def rows_first(case: Case) -> Rows | None:
    return _rows(case, "", Drawn(case.seed), WIDTH)


def rows_again(case: Case) -> Rows | None:
    return _rows(case, "_again", Drawn(case.seed), WIDTH)


def rows_many(case: Case) -> Rows | None:
    return _rows(case, "_many", Drawn(case.seed, MANY_ROWS, MANY_IMAGES), MANY + 1)


def check_runs(case: Case) -> Outcome:
    """Without idx it runs: training calls it so."""
    if "first.out_l" not in case.actual.arrays and "drawn_l" not in case.actual.arrays:
        return unjudged()
    if "drawn_l" not in case.actual.arrays:
        return Outcome(Severity.LEARNS_ELSE, f"without idx: {case.actual.errors.get('drawn', 'no scores came')}")
    if check_form(case).severity and not own_rows(case):
        return unjudged()
    for view in VIEWS:
        out = case.actual.arrays.get(f"drawn_{view}")
        if out is None or out.size != DRAWN * WIDTH:
            shape = "nothing" if out is None else out.shape
            reason = f"without idx, K = 60: expected scores of shape (32, 61, 1), actual {shape}"
            typed = out is not None and out.ndim > 1 and not any(abs(out.shape[1] - n) < 2 for n in (WIDTH, DRAWN_ROWS))
            return Outcome(Severity.NOT_GENERAL if typed else Severity.OTHER_NUMBERS, reason)
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
    """The negatives are rows of other images, of all of them alike, drawn for each image and each call anew."""
    if case.once(rows_first) is None:
        return unjudged()
    found = case.once(deviations)
    if found:
        severity = Severity.NOT_GENERAL if found.keys() == {"never"} else Severity.OTHER_NUMBERS
        return Outcome(severity, f"without idx, {'; and '.join(found.values())}")
    uneven = case.once(unevenly)
    return Outcome(Severity.NOT_GENERAL, f"without idx, {uneven}") if uneven else MET


def deviations(case: Case) -> dict[str, str]:
    """What is not as asked of the negatives that were drawn: a short name of each deviation, and its words."""
    rows, again = case.once(rows_first) or {}, case.once(rows_again)
    found: dict[str, str] = {}
    for view, all_rows in rows.items():
        found |= _off(view, all_rows[:, 1:], Drawn(case.seed).y, positive=all_rows[:, 0])
    if (
        rows
        and again is not None
        and "in_order" not in found
        and all((rows[view] == again[view]).mean() > 0.9 for view in VIEWS)
    ):
        found["again"] = "every call of one module uses the same rows: they are to be drawn anew"
    if rows and (gone := never(case)):
        found["never"] = f"row {gone[0]} of {MANY_ROWS} never comes"
    return found


def _many_negatives(case: Case) -> np.ndarray | None:
    """The negatives of the call with many draws, of all views; None where the scores do not tell."""
    rows = case.once(rows_many)
    if rows is None or any((used < 0).mean() > 0.05 for used in rows.values()):
        return None
    return np.concatenate([used[:, 1:] for used in rows.values()])


def never(case: Case) -> list[int]:
    """Rows that never come in the call with many draws."""
    negatives = _many_negatives(case)
    if negatives is None:
        return []
    counts = np.bincount(negatives.ravel(), minlength=MANY_ROWS)
    rare: list[int] = np.flatnonzero(counts < 0.05 * counts.mean()).tolist()
    return rare


def _off(view: str, negatives: np.ndarray, y: np.ndarray, positive: np.ndarray) -> dict[str, str]:
    found: dict[str, str] = {}
    if (negatives < 0).mean() > 0.05:
        return {"no_row": f"scores of {view} belong to no row of the bank"}
    # Now and then two rows have nearly one score, and one is taken for the other: more than a few images must have it.
    if (negatives == y[:, None]).any(axis=1).sum() > 3 and (positive == y).mean() > 0.9:
        found["own"] = "the negatives hold the image's own row, which is the positive"
    offsets = (negatives - y[:, None]) % DRAWN_ROWS
    if (offsets == np.median(offsets, axis=0)).mean() > 0.8:
        return found | {"in_order": "the negatives are not drawn: they stand in one order behind y"}
    if _shared(negatives):
        return found | {"shared": "all images of a batch get the same negatives, expected a draw for each"}
    there = np.unique(negatives)
    if len(there) < DRAWN_ROWS * 3 // 4:
        whose = "of this batch's own images" if np.isin(there, y).mean() > 0.9 else "only"
        found["few"] = f"the negatives come from {len(there)} rows {whose}, expected all {DRAWN_ROWS}"
    return found


def unevenly(case: Case) -> str:
    """In words, if a row, or the neighbour at some distance, is drawn much more often than others, or never; else empty."""
    negatives = _many_negatives(case)
    if negatives is None:
        return ""
    y = np.tile(Drawn(case.seed, MANY_ROWS, MANY_IMAGES).y, len(negatives) // MANY_IMAGES)[:, None]
    by_row, by_distance = (
        np.bincount(numbers.ravel(), minlength=MANY_ROWS) for numbers in (negatives, (negatives - y) % MANY_ROWS)
    )
    usual = negatives.size / (MANY_ROWS - 1)  # 674 for two views, which most often share their draw: give or take 36
    for counts, first, what in ((by_row, 0, "row {}"), (by_distance, 1, "the row {} after the image's own")):
        most, least = int(counts[first:].argmax()) + first, int(counts[first:].argmin()) + first
        if counts[most] > TOO_MANY * usual:
            times = counts[most] / usual
            return f"not all rows are drawn alike: {what.format(most)} comes {times:.2g} times as often as it should"
        if counts[least] < TOO_FEW * usual:
            return f"not all rows are drawn alike: {what.format(least)} hardly ever comes"
    return ""


def _shared(negatives: np.ndarray) -> bool:
    """Whether nearly all images have the same rows, up to the step over the own one, in whatever order."""
    middle = np.median(negatives, axis=0)
    return bool((np.abs(negatives - middle) <= 1).mean() > 0.7) or len({tuple(sorted(row)) for row in negatives}) < DRAWN // 4


def check_many(case: Case) -> Outcome:
    """More negatives than there are rows: the text says that K can be larger than N."""
    if "drawn_l" not in case.actual.arrays:
        return unjudged()
    for view in VIEWS:
        out, plain = case.actual.arrays.get(f"drawn_{view}_many"), case.actual.arrays.get(f"drawn_{view}")
        if plain is None or plain.size != DRAWN * WIDTH:
            return unjudged()  # another number of columns already there
        called = f"K = {MANY} of N = {MANY_ROWS} rows"
        if out is None:
            return Outcome(Severity.NOT_GENERAL, f"{called}: {case.actual.errors.get('many', 'no scores came')}")
        if out.size != MANY_IMAGES * (MANY + 1):
            expected = (MANY_IMAGES, MANY + 1, 1)
            return Outcome(Severity.NOT_GENERAL, f"{called}: expected scores of shape {expected}, actual {out.shape}")
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
