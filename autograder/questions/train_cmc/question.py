"""2.3: what the training of CMC is asked for."""

from __future__ import annotations

import numpy as np
from nbjudge.judge.catalogue import Edit
from nbjudge.judge.compare import Case, close, number_pair
from nbjudge.judge.criteria import MET, Criterion, Outcome, unjudged
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers
from ps8.questions.train_cmc.probe import TinyViews

from autograder.judge import reference
from autograder.questions.shared.descent import step
from autograder.questions.shared.judged import asked
from autograder.questions.shared.loops import WHOLE, Loop, epochs, kept, loss, runs
from autograder.questions.shared.steps import LOSS_RTOL, exactly, moves_for_numbers, reported, simple_factor

from .slips import OTHER_CRITERIA, VIEWS, cmc_losses, criteria_values, first_scores, probability, scored_otherwise

CMC = Loop("", WHOLE, "loss", (2, 4), ("counts",), "train_cmc", "train_cmc", "cfg.cmc_lr", known=cmc_losses)


def _scores(case: Case) -> Outcome:
    """Which scores are reported: of each view, by the images' numbers."""
    views = (("l", "L"), ("ab", "ab"))
    if case.flag("one.made") and not case.flag("one.contrasted"):
        return Outcome(
            Severity.NOTHING_LEARNS, "a contrast is made anew at each step: the banks of the one that was given stay noise"
        )
    reading = [reported(case, f"one.prob_{view}", f"the probability of the positive, {name}") for view, name in views]
    if all(r.right for r in reading) or not any(r.there for r in reading):
        return MET
    reason = next(r.reason for r in reading if not r.right)
    words = case.once(scored_otherwise)
    if words:
        only_reported = CMC.loss_of(case, "one").right and all(m.right for m in CMC.moves(case, "one"))
        return Outcome(Severity.OTHER_NUMBERS if only_reported else Severity.LEARNS_ELSE, f"{reason}: {words}")
    if all(m.right for m in CMC.moves(case, "one")):
        scale = [r.factor for r in reading]
        one = abs(scale[0] - scale[1]) < 1e-3 * abs(scale[0]) and simple_factor(scale[0], (2, 4))
        again = _calls(case, "one") == 2
        words = f", {one}: is a mean divided twice?" if one else ": the contrast is called twice for one batch" * again
        return Outcome(Severity.OTHER_NUMBERS, f"{reason}{words}")
    called = case.actual.arrays.get("one.contrasted")
    never = called is not None and not np.any(called)
    return Outcome(Severity.LEARNS_ELSE, f"{reason}: the contrast that was given is never called" if never else reason)


def _criteria(case: Case) -> Outcome:
    """Another loss on right scores: each view's own criterion, and their sum."""
    reading = CMC.loss_of(case, "one")
    if reading.right or simple_factor(reading.factor, CMC.factors) or _scores(case).severity:
        return MET
    return case.once(_with_other_criteria)


def _with_other_criteria(case: Case) -> Outcome:
    """Whether the reported loss is that of the criteria exchanged, or of one of them for both views."""
    words = case.once(_other_criteria)
    if not words:
        return MET
    actual, expected = (float(of.arrays["one.loss"].ravel()[0]) for of in (case.actual, case.expected))
    return Outcome(Severity.NOT_GENERAL, f"the loss: expected {number_pair(expected, actual)}: {words}")


def _other_criteria(case: Case) -> str:
    """In words, with which of `OTHER_CRITERIA` the reported loss is the one that comes of them; empty if with none."""
    actual = case.actual.arrays.get("one.loss")
    values = criteria_values(case.seed)
    if actual is None or actual.size != 1:
        return ""
    for words, (of_l, of_ab) in OTHER_CRITERIA.items():
        value = values["l", of_l] + values["ab", of_ab]
        if abs(float(actual.ravel()[0]) - value) <= LOSS_RTOL * abs(value):
            return words
    return ""


def _taken(case: Case) -> tuple[Edit, ...]:
    """The edit of the reference that takes the criteria as the answer does, where that explains the loss and is paid for."""
    words = _criteria(case).severity and case.once(_other_criteria)
    if not words:
        return ()
    asked, (of_l, of_ab) = ("criterion_l", "criterion_ab"), OTHER_CRITERIA[words]
    return (Edit("train_cmc", "criterion_l(out_l) + criterion_ab(out_ab)", f"{asked[of_l]}(out_l) + {asked[of_ab]}(out_ab)"),)


def _repaired(case: Case) -> Case:
    """The case beside the reference with the criteria that the answer takes."""
    return Case(case.actual, reference.evidence("train_cmc", case.seed, case.once(_taken)), case.seed)


def _cmc_loss(case: Case) -> Outcome:
    outcome = loss(CMC)(case)
    explained = _scores(case).severity or _criteria(case).severity
    return unjudged(outcome.reason) if outcome.severity and explained else outcome


def _cmc_step(case: Case) -> Outcome:
    """The steps, with the criteria that were taken; what the scores explain is paid for there."""
    outcome = step(CMC, given=case.once(_taken))(case.once(_repaired))
    explained = _scores(case).severity or case.flag("one.refused")
    if outcome.severity >= Severity.NOTHING_LEARNS or not outcome.severity:
        return outcome
    if explained:
        return unjudged(outcome.reason)
    if _calls(case, "one") == 2 and _calls(case, "many") == 12 and all(m.right for m in CMC.moves(case, "one")):
        return Outcome(
            outcome.severity, f"{outcome.reason}: the contrast is called twice for one batch, and its banks move twice"
        )
    stuck = _stuck(case)
    if not stuck:
        return outcome
    known = CMC.known_loss(case)
    said = f"{known}: " if known else ""
    return Outcome(Severity.NOTHING_LEARNS, f"{said}the encoder of {stuck} never moves: no gradient arrives there")


def _calls(case: Case, run: str) -> int:
    """How often the contrast was called, as the probe counted it: said, and never paid for by itself."""
    called = case.actual.arrays.get(f"{run}.contrasted")
    return int(called.ravel()[0]) if called is not None and called.size == 1 and np.isfinite(called).all() else 0


def _stuck(case: Case) -> str:
    """In words, the view whose parameters stay as they are in both runs while the other's move; empty if there is none."""
    first = sum(p.numel() for p in TinyViews(Numbers(case.seed)).l.parameters())
    moved = []
    for part in (slice(None, first), slice(first, None)):
        pairs = [tuple(case.actual.arrays.get(f"{run}.{name}") for name in ("after", "before")) for run in ("one", "many")]
        there = [(a, b) for a, b in pairs if a is not None and b is not None and a.shape == b.shape]
        moved.append(any(np.any(a[part] != b[part]) for a, b in there))
    return {(False, True): "L", (True, False): "ab"}.get((moved[0], moved[1]), "")


def _cmc_epochs(case: Case) -> Outcome:
    return epochs(CMC, "prob_l", "prob_ab")(case.once(_repaired))


def _cmc_borne_out(case: Case) -> bool:
    return CMC.borne_out(case) or _probabilities_follow(case) or _scores_left(case)


def _probabilities_follow(case: Case) -> bool:
    """Whether a reported probability is that of the batch, asked for or by other scores, to more digits than luck has."""
    for pair in first_scores(case.seed).values():
        for view, scores in zip(VIEWS, pair, strict=True):
            actual = case.actual.arrays.get(f"one.prob_{view}")
            if actual is not None and actual.size == 1 and exactly(float(actual.ravel()[0]), probability(scores)):
                return True
    return False


def _cmc_runs(case: Case) -> Outcome:
    """It runs, and with a real contrast, too: that wants rows for each image, and refuses one number."""
    if case.flag("one.refused"):
        return Outcome(
            Severity.CANNOT_RUN,
            "the contrast gets a fourth argument, idx, of shape (4,): it refuses that, since idx names K+1 rows for each image",
        )
    return runs(CMC)(case)


def _scores_left(case: Case) -> bool:
    """Whether the right scores of the first batch were there when something was raised."""
    right = [scores.numpy() for scores in first_scores(case.seed)[""]]
    return any(close(array, scores) for array in case.left("one") for scores in right)


QUESTION = asked(
    "train_cmc",
    (
        Criterion("runs", "it runs", 0, _cmc_runs),
        Criterion("scores", "each view is scored with the images' numbers", 2, _scores),
        Criterion("criteria", "each view by its own criterion", 1, _criteria),
        Criterion("loss", "the loss is the sum of both views'", 2, _cmc_loss),
        Criterion("step", "every step changes every parameter as it should", 4, _cmc_step),
        Criterion("epochs", "the means of each epoch", 1, _cmc_epochs),
        Criterion("kept", "training mode, plain numbers, the images as they were", 0, kept(CMC)),
    ),
    _cmc_borne_out,
    moves_for_numbers,
)
