"""The gradient of the scores: into the live features, and not into the banks."""

from __future__ import annotations

from torch import Tensor

from ps8.checks.running import SEED, fail, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

from .call import ERRORS, QUESTION, VIEWS, B, Call, D, K


def check_gradients(namespace: Namespace) -> None:
    """Into the live features, along no direction that only makes them longer; none into the banks, call after call."""
    call = Call().run(namespace, grad=True)
    for view in VIEWS:
        if call.after[view].requires_grad:
            fail(QUESTION, "bank_in_graph", f"memory_{view} outside the graph", "it requires a gradient after a call")
    weights = {view: Numbers(SEED).normal(f"weights {view}", B, K + 1, 1) for view in VIEWS}
    if not all(call.out[view].requires_grad for view in VIEWS):
        fail(
            QUESTION,
            "scores_without_gradient",
            "scores with a gradient into the live features",
            "scores outside the graph",
        )
    for round_ in (1, 2):
        with student(QUESTION, "loss.backward() to run after the update", ERRORS, f"backward, call {round_}"):
            sum((call.out[view] * weights[view]).sum() for view in VIEWS).backward()
            if round_ == 1:
                first = {view: call.leaves[view].grad for view in VIEWS}
                live = {view: x.detach().clone().requires_grad_() for view, x in call.leaves.items()}
                out = call.contrast(live["l"], live["ab"], call.y, call.idx)
                call.out = dict(zip(VIEWS, out, strict=True))
    for view in VIEWS:
        gradient, x = first[view], call.live[view]
        if gradient is None or not gradient.abs().sum() > 0:
            fail(
                QUESTION,
                "scores_without_gradient",
                f"a gradient of the scores of {view} at {view}",
                "none arrives",
            )
        along = (gradient * x).sum(dim=1).abs().max() / (gradient.norm(dim=1) * x.norm(dim=1)).max()
        slope = _slope(namespace, view, weights)
        if along > 1e-3 or abs(float((gradient * _direction(view)).sum()) - slope) > 0.02 * max(1.0, abs(slope)):
            fail(
                QUESTION,
                "gradient_cut",
                f"the gradient at {view} to be the slope of the scores",
                "a different one: part of the computation was left out of the graph",
            )


def _direction(view: str) -> Tensor:
    direction = Numbers(SEED).normal(f"direction {view}", B, D)
    unit: Tensor = direction / direction.norm()
    return unit


def _slope(namespace: Namespace, view: str, weights: dict[str, Tensor], step: float = 0.02) -> float:
    """How fast the weighted sum of scores rises in a direction, from two calls."""
    ends = []
    for sign in (1, -1):
        call = Call()
        call.live[view] = call.live[view] + sign * step * _direction(view)
        call.run(namespace)
        ends.append(sum(float((call.out[v].detach() * weights[v]).sum()) for v in VIEWS))
    return (ends[0] - ends[1]) / (2 * step)
