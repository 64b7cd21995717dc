"""The rows that `CMCScore` draws when it is not given any."""

from __future__ import annotations

import torch
from torch import Tensor

from ps8.checks.running import fail
from ps8.probes import Namespace

from .call import DRAWING, OTHER, QUESTION, VIEWS, Call, T


def check_drawn(namespace: Namespace) -> None:
    """Without `idx`: column 0 is the image's own row, the others are all other rows alike."""
    # More rows than draws, so that drawing without repetition works, too.
    rows_there, negatives, batch = 70, 60, 32
    call = Call(rows=rows_there, negatives=negatives, batch=batch).run(namespace, draw=True, ahead=DRAWING)
    for view in VIEWS:
        out = call.scores(view)
        table = call.cosines(view) / T
        distance = (out[:, :, None] - table[:, None, :]).abs()
        rows, off = distance.argmin(dim=2), distance.amin(dim=2)
        if (off > 1e-3).any():
            fail(
                QUESTION,
                "drawn_rows",
                f"without idx, every score of {view} belongs to a row of memory_{OTHER[view]}",
                f"{int((off > 1e-3).sum())} of {off.numel()} scores belong to none",
            )
        if (rows[:, 0] != call.y).any():
            fail(
                QUESTION,
                "drawn_positive_column",
                f"without idx, column 0 is the image's own row: {call.y[:4].tolist()}, ...",
                f"rows {rows[:4, 0].tolist()}, ...",
            )
        if torch.isin(rows[:, 1:], call.y).all():
            fail(
                QUESTION,
                "negatives_from_batch",
                f"without idx, the negatives come from all rows, 0 to {call.rows - 1}",
                "all of them are rows of the batch's own images",
            )
        own = int((rows[:, 1:] == call.y[:, None]).sum())
        if own:
            fail(
                QUESTION,
                "negatives_contain_positive",
                "without idx, the K negatives are rows of other images",
                f"{own} of {batch * negatives} drawn rows are the image's own",
            )
        _each_anew(rows, call)
        _evenly(rows, call)
    check_many_drawn(namespace)


def _each_anew(rows: Tensor, call: Call) -> None:
    """Every image has a draw of its own: neither the same rows as the others, nor those that stand behind its own."""
    drawn = rows[:, 1:].float()
    behind = ((rows[:, 1:] - call.y[:, None]) % call.rows).float()
    for offset, cause, what in (
        (drawn, "one_draw_for_all", "the same rows for all images of the batch"),
        (behind, "never_drawn", "for each image the rows that follow its own, in order"),
    ):
        if ((offset - offset.median(dim=0).values).abs() <= 1).float().mean() > 0.7:
            fail(QUESTION, cause, "without idx, negatives drawn at random, for each image anew", what)


def _evenly(rows: Tensor, call: Call) -> None:
    """All rows come up. No row stays out of some 1,900 draws by chance."""
    counts = torch.bincount(rows[:, 1:].flatten(), minlength=call.rows)
    never = (counts == 0).nonzero().flatten().tolist()
    if never:
        fail(
            QUESTION,
            "rows_never_drawn",
            f"without idx, all rows are drawn as negatives, 0 to {call.rows - 1}",
            f"in {rows[:, 1:].numel()} draws {len(never)} rows never came: {', '.join(map(str, never[:8]))}",
        )


def check_many_drawn(namespace: Namespace) -> None:
    """More negatives than rows, K = 400 of N = 20: a row comes as often as another, and so does each neighbour of the own."""
    call = Call(rows=20, negatives=400, batch=10).run(namespace, draw=True, ahead=f"{DRAWING}, K = 400 of N = 20")
    counts, behind = torch.zeros(call.rows), torch.zeros(call.rows)
    for view in VIEWS:
        table = call.cosines(view) / T
        rows = (call.scores(view)[:, :, None] - table[:, None, :]).abs().argmin(dim=2)[:, 1:]
        counts += torch.bincount(rows.flatten(), minlength=call.rows)
        behind += torch.bincount(((rows - call.y[:, None]) % call.rows).flatten(), minlength=call.rows)
    usual = float(counts.sum()) / (call.rows - 1)  # 421 for two views, which most often share their draw: give or take 29
    for counted, what in ((counts, "row {}"), (behind, "the row {} after the image's own")):
        most = int(counted.argmax())
        if counted[most] > 1.6 * usual:
            fail(
                QUESTION,
                "drawn_unevenly",
                f"without idx, all rows are drawn alike: with K = 400 of N = 20 rows about {usual:.0f} times each",
                f"{what.format(most)} was drawn {int(counted[most])} times",
            )
