"""2.2: what the scores of `CMCScore` are asked for, by how they came about (`scores`)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Outcome, unjudged
from nbjudge.judge.severity import Severity

from .inputs import DIM, NORMS, OTHER, VIEWS, Inputs
from .score_rows import rows_in_words
from .scores import ALL_COLUMNS, SHARES, Fit, Scores
from .update import fits_of

NAMES = {"l": "L", "ab": "ab"}


def check_bank(case: Case) -> Outcome:
    """Each view against the other view's bank; both exchanged is one mistake, and with right scores only the names are off."""
    ways = {view: (fit.live, fit.bank) for view, fit in case.once(Scores).of.items() if fit is not None}
    if all(ways.get(view) == (OTHER[view], view) for view in VIEWS):
        return Outcome(Severity.OTHER_NUMBERS, "out_l holds the scores of ab, and out_ab those of L: the two are exchanged")
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is None or (fit.live, fit.bank) == (view, OTHER[view]):
            continue
        return Outcome(
            Severity.LEARNS_ELSE,
            f"out_{view}: expected {NAMES[view]} against memory_{OTHER[view]}, "
            f"actual {NAMES[fit.live]} against memory_{fit.bank}",
        )
    return MET


def check_form(case: Case) -> Outcome:
    """Products of features and rows, in every column, and nothing else made of them."""
    scores = case.once(Scores)
    for view in VIEWS:
        key, what = f"first.out_{view}", f"scores of {NAMES[view]}"
        fit = scores.of[view]
        reason = difference(case, key, what)
        if not reason:
            continue
        if key not in case.actual.arrays:
            return unjudged(reason)
        if fit is None:
            words = rows_in_words(case, view)
            return Outcome(Severity.LEARNS_ELSE, f"{what}: {words}" if words else reason)
        if fit.kept != ALL_COLUMNS:
            gone = "first" if fit.kept[0] else "last"
            return Outcome(Severity.LEARNS_ELSE, f"{what}: the {gone} of the K+1 columns is not there")
        if fit.form:
            shifted = fit.form == "the logarithms of probabilities"  # of which a softmax makes the same as of the scores
            severity = Severity.OTHER_NUMBERS if shifted else Severity.LEARNS_ELSE
            return Outcome(severity, f"{what}: expected the products over T, actual {fit.made}")
        if fit.column:
            return Outcome(Severity.LEARNS_ELSE, f"{what}: {_first_column(case, view, fit)}")
    return MET


def _first_column(case: Case, view: str, fit: Fit) -> str:
    """In words, what is the matter with column 0 where the other columns are explained."""
    scores = case.once(Scores)
    actual, inputs = case.actual.arrays[f"first.out_{view}"].reshape(4, -1)[:, 0], scores.inputs
    if not fit.norm:
        return "column 0 is not the score of the image's own row y"
    features = inputs.live[fit.live] / NORMS[fit.norm](inputs.live[fit.live])[:, None]
    rows = scores.bank(fit.bank, fit.before)[inputs.idx[:, 0]]
    right = fit.scale * (features * rows).sum(axis=1)
    more, times = actual - right, actual / right
    if np.ptp(actual) < 1e-4:
        return f"column 0 is {actual[0]:.4g} for every image"
    if np.ptp(more) < 1e-2 * np.abs(right).max():
        return f"{more.mean():.4g} is added to column 0, the positive"
    if np.ptp(times) < 1e-2 * abs(times.mean()):
        return f"column 0, the positive, is {times.mean():.4g} times its score"
    return "column 0 is not the score of the image's own row y"


def check_length(case: Case) -> Outcome:
    """The live features have length 1."""
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is None or fit.form or fit.norm == "length 1":
            continue
        actual = fit.norm or fit.features or "by something that is not each feature's own length"
        return Outcome(
            Severity.LEARNS_ELSE, f"{NAMES[view]}: expected features of length 1, actual ones divided otherwise: {actual}"
        )
    return MET


def check_temperature(case: Case) -> Outcome:
    T = float(case.expected.arrays["T"])
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is None or not fit.norm or fit.form in (*SHARES, "a root", "shifted"):
            continue
        times = fit.scale * T
        if abs(times - 1) < 1e-2:
            continue
        reason = (
            f"out_{view}: with T = {T:g} the products should be multiplied by 1 / T = {1 / T:.4g}, "
            f"they are multiplied by {fit.scale:.4g}{_scale_in_words(abs(fit.scale), T)}"
        )
        if times < 0:
            return Outcome(Severity.NOTHING_LEARNS, f"{reason}: the sign is turned, so the loss pulls the wrong way")
        typed = abs(fit.scale - 10) < 0.1  # the default of T
        return Outcome(Severity.OTHER_NUMBERS if typed else Severity.LEARNS_ELSE, reason)
    return MET


def _scale_in_words(scale: float, T: float) -> str:
    """What a factor on the products most likely is; empty if it is none that is known."""
    known = {
        "T itself": T,
        "1 / T twice over": 1 / T**2,
        "1 over the root of T": T**-0.5,
        "1 over the root of the features' length": DIM**-0.5,
        "a mean over the features": 1 / DIM,
        "a mean over the features, over T": 1 / (DIM * T),
        "1 / T, over the root of the features' length": 1 / (T * DIM**0.5),
        "1: no temperature": 1.0,
        "1 over the default T, typed in": 10.0,
        "2 / T": 2 / T,
        "1 / (2 T)": 1 / (2 * T),
        "1 / (1 + T)": 1 / (1 + T),
    }
    fits = [words for words, value in known.items() if abs(scale / value - 1) < 1e-2]
    return f", which is {fits[0]}" if len(fits) == 1 else ""


def check_order(case: Case) -> Outcome:
    for view in VIEWS:
        fit = case.once(Scores).of[view]
        if fit is not None and not fit.before:
            return Outcome(Severity.LEARNS_ELSE, f"out_{view}: the bank was updated before it was scored against")
    return MET


def check_shape(case: Case) -> Outcome:
    for view in VIEWS:
        actual, expected = case.actual.arrays.get(f"first.out_{view}"), case.expected.arrays[f"first.out_{view}"]
        if actual is not None and actual.shape != expected.shape and actual.size == expected.size:
            reason = f"out_{view}: expected shape {expected.shape}, actual {actual.shape}"
            one = actual.ndim > 1 and actual.shape[1] == 1  # a softmax over dimension 1 sees one score of each image
            return Outcome(Severity.LEARNS_ELSE if one else Severity.OTHER_NUMBERS, reason)
    return MET


def check_single(case: Case) -> Outcome:
    """A batch of one."""
    for view in VIEWS:
        actual, first = case.actual.arrays.get(f"single.out_{view}"), case.actual.arrays.get(f"first.out_{view}")
        if first is None:
            return unjudged()
        if actual is None:
            return Outcome(Severity.NOT_GENERAL, f"a batch of one: {case.actual.errors.get('single', 'no scores came')}")
        if first.shape == (4, 7, 1) and actual.shape != (1, 6, 1):
            return Outcome(Severity.NOT_GENERAL, f"a batch of one, K = 5: expected shape (1, 6, 1), actual {actual.shape}")
    return MET


def check_dead(case: Case) -> Outcome:
    """Features of zeros, as dead units give them: the eps of step 1."""
    scores, rows = case.actual.arrays.get("dead.scores"), case.actual.arrays.get("dead.rows")
    if scores is None or rows is None:
        return unjudged()
    if np.abs(scores).max(initial=0) >= 1e6 or np.abs(rows).max(initial=0) >= 1e6:
        return Outcome(Severity.NOT_GENERAL, "a feature of zeros gives NaN: what is the eps of step 1 for?")
    short, plain = (case.actual.arrays.get(f"short.{name}") for name in ("scores", "plain"))
    unit = len(fits_of(case)) == 2 and all(fit.norm == "length 1" and not fit.form for fit in fits_of(case))
    if short is None or plain is None or short.shape != plain.shape or not unit or not np.any(plain):
        return MET
    ratio = float((short * plain).sum() / (plain**2).sum())
    if abs(ratio - 1) < 2e-2:
        return MET
    reason = f"a feature of length 0.001 has {ratio:.3g} times the scores of one of length 1: is the eps larger than 1e-7?"
    return Outcome(Severity.NOT_GENERAL, reason)


def check_gradient(case: Case) -> Outcome:
    """The live features get the gradient of their scores, whatever these are, and the banks get none."""
    arrays, scores = case.actual.arrays, case.once(Scores)
    in_graph = [view for view in VIEWS if case.flag(f"first.memory_{view}_grad")]
    if in_graph:
        raises = "second.out_l" not in arrays or "second.gradient" in case.actual.errors
        reason = f"memory_{in_graph[0]} requires a gradient, expected none into the banks"
        return Outcome(Severity.LEARNS_ELSE if raises else Severity.OTHER_NUMBERS, reason)
    if "first.gradient" in case.actual.errors:
        error = case.actual.errors["first.gradient"]
        nothing = "does not require grad" in error or "does not have a grad_fn" in error
        return Outcome(Severity.NOTHING_LEARNS if nothing else Severity.LEARNS_ELSE, f"loss.backward(): {error}")
    grads = {view: arrays.get(f"first.grad_{view}") for view in VIEWS}
    if any(grad is None or not np.isfinite(grad).all() for grad in grads.values()):
        return unjudged()
    none = [view for view in VIEWS if not np.any(grads[view])]
    if len(none) == 2:
        return Outcome(Severity.NOTHING_LEARNS, "no gradient arrives at the live features")
    fits = scores.of
    if none and all(fit is None or fit.live != none[0] for fit in fits.values()) and any(fits.values()):
        return unjudged()  # its features are in no scores, which is said there
    if none:
        return Outcome(Severity.LEARNS_ELSE, f"no gradient arrives at {NAMES[none[0]]}")
    for view in VIEWS:
        expected, actual = _gradient_of(case, view), grads[view]
        if expected is None or actual is None:
            continue
        if not _near(actual, expected):
            return Outcome(Severity.OTHER_NUMBERS, f"the gradient of {NAMES[view]} is {_other_gradient(case, view, actual)}")
    return MET


def _near(actual: np.ndarray, expected: np.ndarray | None) -> bool:
    return expected is not None and close(actual, expected, rtol=1e-2, atol=1e-2 * float(np.abs(expected).max()))


def _other_gradient(case: Case, view: str, actual: np.ndarray) -> str:
    """In words, what a gradient is that is not that of its scores."""
    expected = _gradient_of(case, view)
    assert expected is not None
    if _near(actual, _gradient_of(case, view, updated=True)):
        return "that of the bank's rows as the update left them: the update changed the rows that backward still needs"
    if _near(actual, _gradient_of(case, view, held=True)):
        return "that of features whose length is held fixed: it was worked out without gradient"
    times = float((actual * expected).sum() / (expected**2).sum())
    if abs(times) > 1e-3 and _near(actual, times * expected):
        return f"{times:.4g} times that of its scores"
    return "not that of its scores: part of the way back to them is another"


def _gradient_of(case: Case, view: str, *, updated: bool = False, held: bool = False) -> np.ndarray | None:
    """The gradient of the probe's weighted sum of scores by a view's features, for scores found to be so.

    With `updated` as if the rows were those after the update; with `held` as if a length were a constant.
    """
    inputs, total = Inputs(case.seed), None
    for name in VIEWS:
        fit = case.once(Scores).of[name]
        if fit is None or not fit.plain:
            return None
        if fit.live != view:
            continue
        live = torch.from_numpy(inputs.live[view]).double().requires_grad_()
        lengths: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
            "length 1": lambda x: x.norm(dim=1),
            "not at all": lambda x: torch.ones(len(x), dtype=x.dtype),
            "the sum of the absolute values 1": lambda x: x.abs().sum(dim=1),
            "divided by the squared length": lambda x: (x**2).sum(dim=1),
        }
        length = lengths.get(fit.norm)
        if length is None:
            return None
        divide = length(live).detach() if held else length(live)
        rows = torch.from_numpy(
            case.once(Scores).bank(fit.bank, fit.before and not updated)[inputs.idx[:, slice(*fit.kept)]]
        ).double()
        weight = torch.from_numpy(inputs.weight(name, *case.actual.arrays[f"first.out_{name}"].shape)).reshape(rows.shape[:2])
        out = fit.scale * torch.einsum("bd,bkd->bk", live / divide[:, None], rows)
        (out * weight).sum().backward()
        assert live.grad is not None
        total = live.grad.numpy() if total is None else total + live.grad.numpy()
    return total
