"""Check of 2.2, the score: what may not change, what must, and where each score comes from."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ps8.checks.running import SEED, fail, given, run_probe
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

from .bank_update import check_momentum, check_rows_changed, check_rows_length, check_second_call
from .call import OTHER, QUESTION, VIEWS, B, Call, D, T
from .cases import check_noted
from .drawn_rows import check_drawn
from .gradient import check_gradients
from .sources import check_sources


def check_cmc_score(namespace: Namespace) -> str:
    """2.2: shapes, the right bank, the temperature, unit features, gradients, the update, and rows drawn without `idx`."""
    given(namespace, QUESTION, "CMCScore")
    base = Call().run(namespace)
    _finite(base)
    _repeatable(namespace, base)
    _not_probabilities(base)
    _unit_features(namespace, base)
    check_sources(namespace, base)
    _each_alone(namespace, base)
    _temperature(namespace, base)
    _looked_up(base)
    Call(batch=1).run(namespace, ahead="with a batch of one")
    Call(negatives=0).run(namespace, ahead="with K = 0, the positive alone")
    check_rows_changed(base)
    check_rows_length(base)
    check_momentum(namespace)
    check_second_call(namespace)
    check_gradients(namespace)
    check_drawn(namespace)
    check_noted(run_probe(QUESTION, namespace))
    return "the other view's bank, cosines over T, scores first and then the update"


def _finite(base: Call) -> None:
    for view in VIEWS:
        if not torch.isfinite(base.scores(view)).all():
            fail(QUESTION, "not_finite", f"out_{view}: finite scores", "NaN or infinite ones")


def _repeatable(namespace: Namespace, base: Call) -> None:
    """With `idx` given nothing is random, so the same call gives the same."""
    again = Call().run(namespace)
    for view in VIEWS:
        if not torch.allclose(again.scores(view), base.scores(view), atol=1e-6):
            fail(
                QUESTION,
                "idx_ignored",
                "the same scores for the same rows idx",
                f"out_{view} differs from call to call, though idx was given",
            )


def _not_probabilities(base: Call) -> None:
    for view in VIEWS:
        out = base.scores(view)
        if torch.allclose(out.sum(dim=1), torch.ones(B), atol=1e-4) and (out > 0).all():
            fail(
                QUESTION,
                "probabilities",
                f"out_{view}: scores, some of them negative",
                "numbers in (0, 1) that add up to 1 in each row",
            )
        if (out > 0).all() and _any_scale(out.log(), base, view):
            fail(QUESTION, "exponential", f"out_{view}: scores, some of them negative", "exponentials of them")


def _any_scale(out: Tensor, base: Call, view: str) -> bool:
    """Whether these are the looked-up cosines up to one factor, of whichever bank."""
    for bank in VIEWS:
        cosines = base.cosines(view, bank).gather(1, base.idx)
        factor = (out * cosines).sum() / (cosines * cosines).sum()
        if torch.allclose(out, factor * cosines, atol=1e-3):
            return True
    return False


def _unit_features(namespace: Namespace, base: Call) -> None:
    """Only directions count: features ten times as long score the same."""
    longer, shorter = Call(scale=10.0).run(namespace), Call(scale=2e-4).run(namespace)
    for view in VIEWS:
        before, after = base.scores(view), longer.scores(view)
        if torch.allclose(before, after, atol=2e-3, rtol=2e-3):
            continue
        ratio = _ratio(after, before)
        fail(
            QUESTION,
            "live_not_normalised",
            f"out_{view}: the same scores for features ten times as long",
            f"out_{view}: {ratio:.3g} times the scores" if ratio else f"out_{view}: other scores",
        )
    for view in VIEWS:
        if not torch.allclose(shorter.scores(view), base.scores(view), rtol=1e-2, atol=1e-2):
            fail(
                QUESTION,
                "eps_large",
                f"out_{view}: the same scores for features of length 0.001, which eps = 1e-7 leaves as they are",
                f"out_{view}: the largest is {float(shorter.scores(view).abs().max()):.3g}, "
                f"not {float(base.scores(view).abs().max()):.3g}",
            )


def _ratio(a: Tensor, b: Tensor) -> float:
    """The one factor between two tensors, or 0 if there is none."""
    factor = float((a * b).sum() / (b * b).sum().clamp_min(1e-12))
    return factor if torch.allclose(a, factor * b, atol=1e-4 * max(1.0, float(a.abs().max()))) else 0.0


def _each_alone(namespace: Namespace, base: Call) -> None:
    """An image's scores do not depend on the others in its batch."""
    call = Call()
    for view in VIEWS:
        call.live[view][1:] = Numbers(SEED + 2).normal(view, B - 1, D)
    call.run(namespace)
    for view in VIEWS:
        if not torch.allclose(call.scores(view)[0], base.scores(view)[0], atol=1e-5):
            fail(
                QUESTION,
                "normalised_over_batch",
                f"out_{view}: an image's scores do not depend on the rest of the batch",
                "they change with the other images' features",
            )


def _temperature(namespace: Namespace, base: Call) -> None:
    """Twice the temperature, half the scores."""
    warmer = Call(temperature=2 * T).run(namespace)
    for view in VIEWS:
        ratio = _ratio(base.scores(view), warmer.scores(view))
        if math.isclose(ratio, 2, rel_tol=1e-3):
            continue
        largest = float(base.scores(view).abs().max())
        cause = "temperature"
        if math.isclose(ratio, 1, rel_tol=1e-3):
            cause = "temperature_forgotten" if largest <= 1 else "temperature_fixed"
        elif math.isclose(ratio, 0.5, rel_tol=1e-3):
            cause = "temperature_multiplied"
        elif math.isclose(ratio, 4, rel_tol=1e-3):
            cause = "temperature_twice"
        fail(
            QUESTION,
            cause,
            f"out_{view}: twice the temperature, half the scores; with T = {T} they go up to {1 / T:g}",
            _times(view, ratio) + f"; with T = {T} the largest is {largest:.3g}",
        )


def _times(view: str, ratio: float) -> str:
    """What became of the scores at twice the temperature; `ratio` is 0 if there is no one factor."""
    if math.isclose(ratio, 1, rel_tol=1e-3):
        return f"out_{view}: the same scores"
    return f"out_{view}: {1 / ratio:.3g} times the scores" if ratio else f"out_{view}: no fixed ratio"


def _looked_up(base: Call) -> None:
    """Every score in its place, and no larger than 1/T."""
    for view in VIEWS:
        out, wanted = base.scores(view), base.cosines(view).gather(1, base.idx) / T
        if torch.allclose(out, wanted, atol=1e-3):
            continue
        factor = _ratio(out, wanted)
        if factor:
            cause, actual = "scale", f"{factor:.4g} times that, in every place"
            if math.isclose(factor, -1, rel_tol=1e-3):
                cause = "sign"
        elif torch.allclose(out.sort(dim=1).values, wanted.sort(dim=1).values, atol=1e-3):
            cause, actual = "columns_mixed", "the same scores in other columns"
            if torch.allclose(out[:, -1], wanted[:, 0], atol=1e-3):
                cause, actual = "positive_column", "the positive's score in the last column"
        elif torch.allclose(out[:, 0], wanted[:, 0], atol=1e-3) or torch.allclose(out[:, 1:], wanted[:, 1:], atol=1e-3):
            right = "column 0 is right" if torch.allclose(out[:, 0], wanted[:, 0], atol=1e-3) else "the others are right"
            cause, actual = "rows_wrong", f"other scores in some columns ({right})"
        elif torch.allclose(out.abs(), (2 - 2 * T * wanted).clamp_min(0).sqrt() / T, atol=1e-3):
            cause, actual = "distance", "the distance of the two, over T"
        else:
            cause, actual = "rows_wrong", f"{out[0, 0]:.4g} in place of {wanted[0, 0]:.4g} at [0, 0], and more"
        fail(
            QUESTION,
            cause,
            f"out_{view}[i, j]: the cosine of {view}[i] with row idx[i, j] of memory_{OTHER[view]}, over T",
            actual,
        )
