"""2.2: scores against the memory banks, and the banks' update."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case, close, difference
from nbjudge.judge.criteria import MET, Criterion, Outcome, runs, unjudged
from nbjudge.judge.severity import Severity

from autograder.questions.shared.judged import asked

from . import drawing, score_checks, score_rows, scores, update
from .inputs import VIEWS

_RAISED = runs({"forward": "forward"})


def _runs(case: Case) -> Outcome:
    """With given rows it runs: at the first call, or else not at all."""
    raised = _RAISED(case)
    if not raised.severity or "first.out_l" not in case.actual.arrays:
        return raised
    return MET  # the second call raised, which is said there


def _second(case: Case) -> Outcome:
    """A second call goes on from the banks that the first one left."""
    if "second.out_l" not in case.actual.arrays:
        error = case.actual.errors.get("forward")
        if "first.out_l" in case.actual.arrays and error and not update.check_rows(case).severity:
            return Outcome(Severity.LEARNS_ELSE, f"the second call: {error}")
        return unjudged()
    names = [f"{name}_{view}" for name in ("out", "memory") for view in VIEWS]
    if any(difference(case, f"first.{name}", name) for name in names):
        return unjudged()
    reasons = [difference(case, f"second.{name}", f"{name} at the second call") for name in names]
    reason = next(filter(None, reasons), "")
    return Outcome(Severity.OTHER_NUMBERS, reason) if reason else MET


def _canonical(evidence: Evidence, seed: int) -> Evidence:
    """The evidence with what was drawn at random replaced by what is true of it."""
    arrays = {k: v for k, v in evidence.arrays.items() if not k.startswith("drawn")}
    for view in VIEWS:
        for call in ("", "_many"):
            out = evidence.arrays.get(f"drawn_{view}{call}")
            if out is not None:
                known = drawing.facts(out) if not call else {"shape": out.shape}
                arrays |= {f"drawn_{view}{call}_{name}": np.array(value) for name, value in known.items()}
    case = Case(evidence, evidence, seed)
    arrays["drawn_off"] = np.array([name in case.once(drawing.deviations) for name in drawing.NAMES])
    if score_rows.own_rows(case):
        arrays = {k: v for k, v in arrays.items() if not any(part in k for part in (".out_", ".grad_", "short."))}
        arrays["own_rows"] = np.array(1)
    return replace(evidence, arrays=arrays)


def _borne_out(case: Case) -> bool:
    return (
        case.once(scores.Scores).borne_out()
        or case.once(update.Updates).borne_out()
        or score_rows.belongs(case)
        or _scores_left(case)
        or any((rows >= 0).mean() > 0.9 for rows in (case.once(drawing.rows_first) or {}).values())
    )


def _scores_left(case: Case) -> bool:
    """Whether the right scores of the first call were there when something was raised."""
    expected = [case.expected.arrays[f"first.out_{view}"].ravel() for view in VIEWS]
    return any(close(array.ravel(), scores) for array in case.left("forward") for scores in expected)


QUESTION = asked(
    "cmc_score",
    (
        Criterion("runs", "it runs", 0, _runs),
        Criterion("bank", "each view is scored against the other view's bank", 4, score_checks.check_bank),
        Criterion("form", "scores of the rows idx, all K+1 of them, and nothing else made of them", 0, score_checks.check_form),
        Criterion("unit", "the live features have length 1", 2, score_checks.check_length),
        Criterion("temperature", "the products are divided by the temperature", 3, score_checks.check_temperature),
        Criterion("order", "scores first, then the update", 2, score_checks.check_order),
        Criterion("shape", "scores of shape (batch_size, K+1, 1)", 1, score_checks.check_shape),
        Criterion("single", "a batch of one", 0, score_checks.check_single),
        Criterion("gradient", "gradient into the live features, none into the banks", 2, score_checks.check_gradient),
        Criterion("rows", "the update touches the rows y, in both banks, and no other", 1, update.check_rows),
        Criterion("momentum", "the update keeps `momentum` of the old row", 2, update.check_shares),
        Criterion("normalised", "the updated rows have length 1", 1, update.check_lengths),
        Criterion("second", "a second call goes on from there", 0, _second),
        Criterion("twice", "an image that comes twice in a batch", 0, update.check_twice),
        Criterion("eps", "features of zeros stay finite, short ones are normalised (eps)", 0, score_checks.check_dead),
        Criterion("draws", "without idx it draws", 0, drawing.check_runs),
        Criterion("positive", "without idx, column 0 is y", 1, drawing.check_positive),
        Criterion(
            "negatives",
            "without idx, the negatives are other rows, drawn uniformly, for each image",
            1,
            drawing.check_negatives,
        ),
        Criterion("many", "without idx, K may be larger than N", 0, drawing.check_many),
    ),
    _borne_out,
    _canonical,
)
