"""The update of the banks: which rows change, to what length, and in which shares of old and new."""

from __future__ import annotations

import torch
from torch import Tensor

from ps8.checks.running import fail
from ps8.probes import Namespace

from .call import MOMENTUM, OTHER, QUESTION, VIEWS, B, Call, D, N, bank_of


def check_rows_changed(base: Call) -> None:
    """Exactly the rows `y` of both banks change."""
    changed = {v: set(_moved(base.after[v], base.banks[v])) for v in VIEWS}
    wanted = set(base.y.tolist())
    for view in VIEWS:
        if base.after[view].shape != base.banks[view].shape:
            fail(
                QUESTION,
                "bank_assigned",
                f"memory_{view} keeps its shape {tuple(base.banks[view].shape)}",
                f"{tuple(base.after[view].shape)} after a call",
            )
        if not torch.isfinite(base.after[view]).all():
            fail(QUESTION, "not_finite", f"memory_{view}: finite numbers after a call", "NaN or infinite ones")
    for view in VIEWS:
        rows = changed[view]
        if rows == wanted:
            continue
        if not rows:
            cause = "no_update" if not changed[OTHER[view]] else "one_bank_updated"
        elif len(rows) == N:
            cause = "all_rows_updated"
        elif rows == set(range(B)):
            cause = "y_as_position"
        elif wanted <= rows and rows <= set(base.idx.flatten().tolist()):
            cause = "negatives_updated"
        else:
            cause = "rows_updated"
        fail(
            QUESTION,
            cause,
            f"memory_{view}: the rows y = {sorted(wanted)} change and no other",
            f"rows {sorted(rows)} changed" if rows else "no row changed",
        )


def check_second_call(namespace: Namespace) -> None:
    """A second call of one module updates its rows, too."""
    call = Call().run(namespace)
    y, before = (call.y + 1) % N, {view: call.after[view].clone() for view in VIEWS}
    live = {view: call.live[view].clone() for view in VIEWS}
    call.contrast(live["l"], live["ab"], y, (call.idx + 1) % N)
    for view in VIEWS:
        rows = _moved(bank_of(call.contrast, view), before[view])
        if set(rows) != set(y.tolist()):
            fail(
                QUESTION,
                "rows_updated" if rows else "no_update",
                f"memory_{view}: the rows y = {sorted(y.tolist())} change at the second call, and no other",
                f"rows {rows} changed" if rows else "no row changed",
            )


def _moved(after: Tensor, before: Tensor) -> list[int]:
    if after.shape != before.shape:
        return []
    return ((after - before).abs().amax(dim=1) > 1e-6).nonzero().flatten().tolist()


def check_rows_length(base: Call) -> None:
    for view in VIEWS:
        lengths = base.after[view][base.y].norm(dim=1)
        if not torch.allclose(lengths, torch.ones(B), atol=1e-3):
            fail(
                QUESTION,
                "row_not_normalised",
                f"memory_{view}: the new rows y have length 1",
                f"their lengths are {', '.join(f'{x:.3g}' for x in lengths)}",
            )


def check_momentum(namespace: Namespace) -> None:
    """Momentum 1 keeps the old row, momentum 0 takes the live feature; between them, the shares are as asked."""
    keeps = Call(momentum=1.0).run(namespace)
    takes = Call(momentum=0.0).run(namespace)
    for view in VIEWS:
        old = keeps.banks[view][keeps.y]
        live = takes.live[view] / takes.live[view].norm(dim=1, keepdim=True)
        other = takes.live[OTHER[view]] / takes.live[OTHER[view]].norm(dim=1, keepdim=True)
        kept, taken = keeps.after[view][keeps.y], takes.after[view][takes.y]
        if _near(kept, old) and _near(taken, live):
            continue
        if _near(kept, live) and _near(taken, old):
            cause, actual = "momentum_wrong_side", "momentum 1 takes the live feature and momentum 0 keeps the old row"
        elif _near(taken, other):
            cause, actual = "update_other_view", f"with momentum 0 it becomes the live feature of {OTHER[view]}"
        elif _near(kept, live) and _near(taken, live):
            cause, actual = "replaced", "it becomes the live feature whatever the momentum"
        elif _near(kept, taken):
            cause, actual = "momentum_ignored", "momentum 1 and momentum 0 give the same row"
        elif _near(kept, old):
            cause, actual = "update_value", "with momentum 0 it becomes something else"
        else:
            cause, actual = "update_value", "with momentum 1 it changes"
        fail(
            QUESTION,
            cause,
            f"memory_{view}: row y stays with momentum 1, and becomes the live feature of {view}, of length 1, with momentum 0",
            actual,
        )
    _shares(namespace)


def _shares(namespace: Namespace) -> None:
    """An old row and a live feature at right angles: the new row's two parts stand as momentum to 1 - momentum."""
    for scale in (1.0, 7.0):
        call = Call()
        for view in VIEWS:
            call.live[view] = torch.zeros(B, D)
            call.live[view][:, -1] = scale
        call.run(namespace)
        for view in VIEWS:
            new = call.after[view][call.y]
            old_part = (new * call.banks[view][call.y]).sum(dim=1)
            wanted = MOMENTUM / (1 - MOMENTUM)
            ratio = old_part / new[:, -1]
            if torch.allclose(ratio, torch.full_like(ratio, wanted), rtol=1e-3):
                continue
            raw = scale != 1
            fail(
                QUESTION,
                "update_raw_live" if raw else "momentum_value",
                f"memory_{view}: with momentum {MOMENTUM} the old row and the live feature of length 1 stand as "
                f"{MOMENTUM} to {1 - MOMENTUM}",
                f"they stand as {ratio[0]:.3g} to 1, not {wanted:.3g} to 1"
                + (f", for a live feature of length {scale:g}" if raw else ""),
            )


def _near(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-4)
