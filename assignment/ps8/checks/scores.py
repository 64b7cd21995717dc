"""Check of 2.2, the score: what may not change, what must, and a bank in which every score can be looked up.

The bank of L holds the first N unit vectors, the bank of ab the next N. A live feature's cosine with row r is then one of its
own coordinates, so each score says by itself which row of which bank it came from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor

from ps8.checks.running import SEED, fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

QUESTION = "cmc_score"
N, K, B = 12, 5, 4
D = 2 * N + 2
T, MOMENTUM = 0.4, 0.25  # neither is the default, nor one minus the other
VIEWS = ("l", "ab")
DRAWING = "without idx"
OTHER = {"l": "ab", "ab": "l"}

_ERRORS = {
    r"cannot be multiplied|Expected size for|size of tensor|must match|einsum|bmm|same number of elements": "product_shapes",
    r"inplace operation|modified by": "general.inplace",
    r"requires grad.*in-place|leaf Variable": "bank_in_graph",
    r"second time": "bank_in_graph",
    r"cannot assign.*(Parameter|buffer)": "bank_assigned",
}


@dataclass
class Call:
    """What goes into a call of `CMCScore`, and what came. Made anew for each question that is put to it."""

    temperature: float = T
    momentum: float = MOMENTUM
    rows: int = N
    negatives: int = K
    batch: int = B
    seed: int = SEED
    scale: float = 1.0  # of the live features

    def __post_init__(self) -> None:
        numbers = Numbers(self.seed)
        self.d = 2 * self.rows + 2  # two dimensions more than rows: room for features that no row is near
        self.live = {v: numbers.normal(f"live {v}", self.batch, self.d) * self.scale for v in VIEWS}
        eye = torch.eye(self.d)
        self.banks = {"l": eye[: self.rows].clone(), "ab": eye[self.rows : 2 * self.rows].clone()}
        self.y = self.rows - 1 - torch.arange(self.batch) * 2 % self.rows  # 11, 9, 7, 5: none is its own position
        others = 1 + numbers.integers("others", self.rows - 1, self.batch, self.negatives)
        self.idx = torch.cat([self.y[:, None], (self.y[:, None] + others) % self.rows], dim=1)

    def cosines(self, view: str, bank: str = "") -> Tensor:
        """The cosines of a view's features with every row of a bank (of the other view's, unless named), (B, N): looked up."""
        unit = self.live[view] / self.live[view].norm(dim=1, keepdim=True)
        return unit[:, : self.rows] if (bank or OTHER[view]) == "l" else unit[:, self.rows : 2 * self.rows]

    def run(self, namespace: Namespace, *, draw: bool = False, grad: bool = False, ahead: str = "") -> Call:
        """Calls the student's class; leaves the scores in `out` and the banks after the call in `after`."""
        expected = f"two tensors of shape ({self.batch}, {self.negatives + 1}, 1)"
        with student(QUESTION, expected, _ERRORS, ahead):
            contrast = namespace["CMCScore"](
                self.d, self.rows, self.negatives, T=self.temperature, momentum=self.momentum
            ).cpu()
            for view in VIEWS:
                _bank(contrast, view).data.copy_(self.banks[view])
            live = {v: x.clone().requires_grad_(grad) for v, x in self.live.items()}
            arguments = [live["l"], live["ab"], self.y.clone()]
            out = contrast(*arguments) if draw else contrast(*arguments, self.idx.clone())
        _check_shapes(out, self, ahead)
        self.contrast, self.leaves = contrast, live
        self.out = dict(zip(VIEWS, out, strict=True))
        self.after = {view: _bank(contrast, view) for view in VIEWS}
        return self

    def scores(self, view: str) -> Tensor:
        """The scores of a view without their last dimension and without a graph, (B, K+1)."""
        return self.out[view].detach()[..., 0]


def check_cmc_score(namespace: Namespace) -> str:
    """2.2: shapes, the right bank, the temperature, unit features, gradients, the update, and rows drawn without `idx`."""
    given(namespace, QUESTION, "CMCScore")
    base = Call().run(namespace)
    _finite(base)
    _repeatable(namespace, base)
    _not_probabilities(base)
    _unit_features(namespace, base)
    _sources(namespace, base)
    _each_alone(namespace, base)
    _temperature(namespace, base)
    _looked_up(base)
    Call(batch=1).run(namespace, ahead="with a batch of one")
    Call(negatives=0).run(namespace, ahead="with K = 0, the positive alone")
    _rows_changed(base)
    _rows_length(base)
    _momentum(namespace)
    _gradients(namespace)
    _drawn(namespace)
    run_probe(QUESTION, namespace)
    return "the other view's bank, cosines over T, scores first and then the update" + _remark(namespace)


def _bank(contrast: Any, view: str) -> Tensor:
    bank = getattr(contrast, f"memory_{view}", None)
    if not isinstance(bank, Tensor):
        fail(QUESTION, "bank_missing", f"a buffer memory_{view}, as the given constructor makes it", "none")
    if isinstance(bank, torch.nn.Parameter):
        fail(QUESTION, "bank_as_parameter", f"a buffer memory_{view}, which no optimizer touches", "a parameter")
    return bank


def _check_shapes(out: Any, call: Call, ahead: str) -> None:
    wanted = (call.batch, call.negatives + 1, 1)
    expected = f"two tensors of shape (batch_size, K+1, 1): here {wanted}" + (f", {ahead}" if ahead else "")
    if out is None:
        fail(QUESTION, "general.returns_nothing", expected, "forward gives None")
    if not isinstance(out, (tuple, list)) or len(out) != 2 or not all(isinstance(o, Tensor) for o in out):
        what = f"one tensor of shape {tuple(out.shape)}" if isinstance(out, Tensor) else type(out).__name__
        fail(QUESTION, "two_outputs", expected, what)
    for view, o in zip(VIEWS, out, strict=True):
        shape = tuple(o.shape)
        if shape == wanted:
            continue
        cause = "shape"
        if ahead == DRAWING and shape == (call.batch, call.negatives, 1):
            cause = "one_column_short"
        elif ahead and tuple(n for n in shape if n != 1) == tuple(n for n in wanted if n != 1):
            cause = "squeeze_breaks"
        elif shape == wanted[:2]:
            cause = "last_dimension"
        elif shape[:2] == (call.batch, call.batch):
            cause = "live_instead_of_bank"
        fail(QUESTION, cause, expected, f"out_{view}: {shape}")


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
    longer = Call(scale=10.0).run(namespace)
    for view in VIEWS:
        before, after = base.scores(view), longer.scores(view)
        if torch.allclose(before, after, atol=1e-4, rtol=1e-4):
            continue
        ratio = _ratio(after, before)
        fail(
            QUESTION,
            "live_not_normalised",
            f"out_{view}: the same scores for features ten times as long",
            f"out_{view}: {ratio:.3g} times the scores" if ratio else f"out_{view}: other scores",
        )


def _ratio(a: Tensor, b: Tensor) -> float:
    """The one factor between two tensors, or 0 if there is none."""
    factor = float((a * b).sum() / (b * b).sum().clamp_min(1e-12))
    return factor if torch.allclose(a, factor * b, atol=1e-4 * max(1.0, float(a.abs().max()))) else 0.0


def _sources(namespace: Namespace, base: Call) -> None:
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
    got, other = depends[view], OTHER[view]
    if depends == {v: wanted[OTHER[v]] for v in VIEWS}:
        cause = "outputs_swapped"
    elif {f"memory_{view}", view} <= got and f"memory_{other}" not in got:
        cause = "own_bank"
    elif not any(name.startswith("memory") for name in got):
        cause = "live_instead_of_bank"
    elif f"memory_{other}" in got and view not in got:
        cause = "other_live"
    else:
        cause = "sources"
    fail(
        QUESTION,
        cause,
        f"out_{view} depends on {view} and on memory_{other}, and on nothing else",
        f"out_{view} depends on {' and on '.join(sorted(got)) or 'nothing that it is given'}",
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
            f"out_{view}: twice the temperature, half the scores; with T = {T} they reach up to 1/T = {1 / T:g}",
            (f"out_{view}: {1 / ratio:.3g} times the scores" if ratio else f"out_{view}: no fixed ratio")
            + f"; with T = {T} the largest is {largest:.3g}",
        )


def _looked_up(base: Call) -> None:
    """Every score in its place, and no larger than 1/T."""
    for view in VIEWS:
        out, wanted = base.scores(view), base.cosines(view).gather(1, base.idx) / T
        if torch.allclose(out, wanted, atol=1e-3):
            continue
        factor = _ratio(out, wanted)
        if factor:
            cause, came = "scale", f"{factor:.4g} times that, in every place"
            if math.isclose(factor, -1, rel_tol=1e-3):
                cause = "sign"
        elif torch.allclose(out.sort(dim=1).values, wanted.sort(dim=1).values, atol=1e-3):
            cause, came = "columns_mixed", "the same scores in other columns"
            if torch.allclose(out[:, -1], wanted[:, 0], atol=1e-3):
                cause, came = "positive_column", "the positive's score in the last column"
        elif torch.allclose(out[:, 0], wanted[:, 0], atol=1e-3) or torch.allclose(out[:, 1:], wanted[:, 1:], atol=1e-3):
            right = "column 0 is right" if torch.allclose(out[:, 0], wanted[:, 0], atol=1e-3) else "the others are right"
            cause, came = "rows_wrong", f"other scores in some columns ({right})"
        else:
            cause, came = "rows_wrong", f"{out[0, 0]:.4g} in place of {wanted[0, 0]:.4g} at [0, 0], and more"
        fail(
            QUESTION,
            cause,
            f"out_{view}[i, j]: the cosine of {view}[i] with row idx[i, j] of memory_{OTHER[view]}, over T",
            came,
        )


def _rows_changed(base: Call) -> None:
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


def _moved(after: Tensor, before: Tensor) -> list[int]:
    if after.shape != before.shape:
        return []
    return ((after - before).abs().amax(dim=1) > 1e-6).nonzero().flatten().tolist()


def _rows_length(base: Call) -> None:
    for view in VIEWS:
        lengths = base.after[view][base.y].norm(dim=1)
        if not torch.allclose(lengths, torch.ones(B), atol=1e-3):
            fail(
                QUESTION,
                "row_not_normalised",
                f"memory_{view}: the new rows y have length 1",
                f"their lengths are {', '.join(f'{x:.3g}' for x in lengths)}",
            )


def _momentum(namespace: Namespace) -> None:
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
            cause, came = "momentum_wrong_side", "momentum 1 takes the live feature and momentum 0 keeps the old row"
        elif _near(taken, other):
            cause, came = "update_other_view", f"with momentum 0 it becomes the live feature of {OTHER[view]}"
        elif _near(kept, live) and _near(taken, live):
            cause, came = "replaced", "it becomes the live feature whatever the momentum"
        elif _near(kept, taken):
            cause, came = "momentum_ignored", "momentum 1 and momentum 0 give the same row"
        elif _near(kept, old):
            cause, came = "update_value", "with momentum 0 it becomes something else"
        else:
            cause, came = "update_value", "with momentum 1 it changes"
        fail(
            QUESTION,
            cause,
            f"memory_{view}: row y stays with momentum 1, and becomes the live feature of {view}, of length 1, with momentum 0",
            came,
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


def _gradients(namespace: Namespace) -> None:
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
        with student(QUESTION, "loss.backward() to run after the update", _ERRORS, f"backward, call {round_}"):
            sum((call.out[view] * weights[view]).sum() for view in VIEWS).backward()  # type: ignore[union-attr]
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
    return direction / direction.norm()


def _slope(namespace: Namespace, view: str, weights: dict[str, Tensor], step: float = 0.02) -> float:
    """How fast the weighted sum of scores rises in a direction, from two calls."""
    ends = []
    for sign in (1, -1):
        call = Call()
        call.live[view] = call.live[view] + sign * step * _direction(view)
        call.run(namespace)
        ends.append(sum(float((call.out[v].detach() * weights[v]).sum()) for v in VIEWS))
    return (ends[0] - ends[1]) / (2 * step)


def _drawn(namespace: Namespace) -> None:
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
        _evenly(rows, call)


def _evenly(rows: Tensor, call: Call) -> None:
    """All rows come up, and for each image all others. No row stays out of some 1,900 draws by chance."""
    counts = torch.bincount(rows[:, 1:].flatten(), minlength=call.rows)
    never = (counts == 0).nonzero().flatten().tolist()
    if never:
        fail(
            QUESTION,
            "rows_never_drawn",
            f"without idx, all rows are drawn as negatives, 0 to {call.rows - 1}",
            f"in {rows[:, 1:].numel()} draws {len(never)} rows never came: {', '.join(map(str, never[:8]))}",
        )
    offsets = torch.bincount(((rows[:, 1:] - call.y[:, None]) % call.rows).flatten(), minlength=call.rows)[1:]
    mean = rows[:, 1:].numel() / (call.rows - 1)  # 28, give or take 5
    if max(offsets.max(), counts.max()) > 3 * mean:
        fail(
            QUESTION,
            "drawn_unevenly",
            f"without idx, all rows are drawn alike: about {mean:.0f} times each",
            f"one was drawn {int(max(offsets.max(), counts.max()))} times",
        )


def _remark(namespace: Namespace) -> str:
    """What costs nothing here but will hurt in training: a feature of zeros, as dead units give it."""
    call = Call()
    call.live["l"] = torch.zeros(B, D)
    call.live["ab"] = torch.zeros(B, D)
    try:
        call.run(namespace)
    except AssertionError:
        return ""
    if torch.isfinite(call.scores("l")).all() and torch.isfinite(call.after["l"]).all():
        return ""
    return "; mind: a feature of zeros gives NaN here, the eps=1e-7 of step 1 is there to prevent that"
