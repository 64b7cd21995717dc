"""What each output of `CMCScore` depends on, found by changing one thing at a time."""

from __future__ import annotations

from typing import NoReturn

import torch
from torch import Tensor

from ps8.checks.running import SEED, fail
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

from .call import OTHER, QUESTION, VIEWS, B, Call, D


def check_sources(namespace: Namespace, base: Call) -> None:
    """What each output depends on, found by changing one thing at a time."""
    depends: dict[str, set[str]] = {view: set() for view in VIEWS}
    column_zero = dict.fromkeys(VIEWS, True)
    for changed in ("l", "ab", "memory_l", "memory_ab"):
        call, kind = Call(), changed.split("_")[-1]
        target = call.banks if changed.startswith("memory") else call.live
        rows = Numbers(SEED + 1).normal(changed, *target[kind].shape)
        target[kind] = rows / rows.norm(dim=1, keepdim=True)
        call.run(namespace)
        for view in VIEWS:
            moved = (call.scores(view) - base.scores(view)).abs() > 1e-5
            if moved.any():
                depends[view].add(changed)
                if changed == OTHER[view]:
                    column_zero[view] = not _elsewhere(moved, base)
    wanted = {view: {view, f"memory_{OTHER[view]}"} for view in VIEWS}
    if depends == wanted:
        return
    _fail_on_sources(namespace, depends, wanted, column_zero)


def _elsewhere(moved: Tensor, base: Call) -> bool:
    """Whether scores moved that belong to no row of the batch's own images."""
    return bool((moved & ~torch.isin(base.idx, base.y)).any())


def _fail_on_sources(
    namespace: Namespace, depends: dict[str, set[str]], wanted: dict[str, set[str]], column_zero: dict[str, bool]
) -> NoReturn:
    if any(wanted[v] < depends[v] for v in VIEWS):
        _fail_if_live(namespace)
    early = [v for v in VIEWS if depends[v] - wanted[v] == {OTHER[v]} and wanted[v] <= depends[v] and column_zero[v]]
    if early:
        fail(
            QUESTION,
            "update_before_scores" if len(early) == 2 else "update_between",
            "scores against the banks as they were when forward was called",
            f"out_{early[0]} depends on {OTHER[early[0]]}, the other view's live features, where idx is one of y: "
            "the rows y were updated before they were scored",
        )
    view = next(v for v in VIEWS if depends[v] != wanted[v])
    actual, other = depends[view], OTHER[view]
    if depends == {v: wanted[OTHER[v]] for v in VIEWS}:
        cause = "outputs_swapped"
    elif depends[other] == wanted[other] == actual:
        cause = "one_view_twice"
    elif {f"memory_{view}", view} <= actual and f"memory_{other}" not in actual:
        cause = "own_bank"
    elif not any(name.startswith("memory") for name in actual):
        cause = "live_instead_of_bank"
    elif f"memory_{other}" in actual and view not in actual:
        cause = "other_live"
    else:
        cause = "sources"
    fail(
        QUESTION,
        cause,
        f"out_{view} depends on {view} and on memory_{other}, and on nothing else",
        f"out_{view} depends on {' and on '.join(sorted(actual)) or 'nothing that it is given'}",
    )


def _fail_if_live(namespace: Namespace) -> None:
    """With momentum 1 an update changes nothing: scores that still know the other live features compare with them directly."""
    base = Call(momentum=1.0).run(namespace)
    for view in VIEWS:
        call = Call(momentum=1.0)
        call.live[OTHER[view]] = Numbers(SEED + 1).normal("other", B, D)
        call.run(namespace)
        if not torch.allclose(call.scores(view), base.scores(view), atol=1e-5):
            fail(
                QUESTION,
                "live_instead_of_bank",
                f"out_{view} depends on {view} and on memory_{OTHER[view]}, and on nothing else",
                f"out_{view} depends on the live features of {OTHER[view]}, even with momentum 1, when no row changes",
            )
