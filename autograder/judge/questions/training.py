"""1.4, 1.5 and 2.3: what the training steps are asked for. How they are measured: `steps`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from ps8.probes import Evidence
from ps8.probes.autoencoder import TinyAutoencoder, few_pixels
from ps8.probes.classifier import TinyClassifier, TinyEncoder
from ps8.probes.cmc import TinyContrast, TinyViews, WeightedLoss, coarse_images
from ps8.probes.tools import Numbers
from torch import Tensor

from autograder.judge.compare import Case
from autograder.judge.criteria import MET, Criterion, Outcome, Question, unjudged
from autograder.judge.questions.steps import DOWN, LOSS_RTOL, Moves, Reported, count, moves, reported, simple_factor
from autograder.judge.severity import Severity

IN_EVAL = 3  # place in the counts of `ps8.probes.tools.Watch`
METHODS = ("I", "II", "III")


@dataclass(frozen=True)
class Loop:
    """One way in which a training function is run, and where its evidence is.

    Attributes:
        run: prefix of its runs, such as `frozen.`.
        parts: of the parameters that should learn: the name in the evidence, after and before, and of the slopes.
        loss: the evidence of the loss.
        factors: sizes that a sum or a mean too many would bring in.
        counts: names of the watches.
        said: words to put before a reason.
        known: other losses of the first batch that are often taken, in words.
    """

    run: str
    parts: tuple[tuple[str, str, str], ...]
    loss: str
    factors: tuple[float, ...]
    counts: tuple[str, ...]
    said: str = ""
    known: Callable[[int], dict[str, float]] = lambda seed: {}

    def key(self, run: str) -> str:
        return f"{self.run}{run}"

    def moves(self, case: Case, run: str) -> list[Moves]:
        run = self.key(run)
        return [moves(case, f"{run}.{before}", f"{run}.{after}", f"{run}.{slopes}") for after, before, slopes in self.parts]

    def loss_of(self, case: Case, run: str) -> Reported:
        return reported(case, f"{self.key(run)}.{self.loss}", f"{self.said}the loss")

    def raised(self, case: Case) -> str:
        """What both runs raised; empty if one of them went through."""
        errors = [case.got.errors.get(self.key(run)) for run in ("one", "many")]
        return errors[0] or "" if all(errors) else ""

    def known_loss(self, case: Case) -> str:
        """In words, which of the known other losses is reported of the first batch; empty if none."""
        got = case.got.arrays.get(f"{self.key('one')}.{self.loss}")
        if got is None or got.size != 1 or not np.isfinite(got).all():
            return ""
        value = float(got.ravel()[0])
        return next((words for words, other in self.known(case.seed).items() if abs(value - other) <= 1e-3 * abs(other)), "")

    def borne_out(self, case: Case) -> bool:
        """Whether a loss is right, or right up to a simple factor, or steps go the right way, or just the wrong one."""
        loss = self.loss_of(case, "one")
        if loss.there and (loss.right or simple_factor(abs(loss.factor), self.factors) or abs(loss.factor + 1) < LOSS_RTOL):
            return True
        if self.known_loss(case):
            return True
        return any(abs(m.cosine) > DOWN for run in ("one", "many") for m in self.moves(case, run))


def runs(loop: Loop, severity: Severity = Severity.CANNOT_RUN) -> Callable[[Case], Outcome]:
    def check(case: Case) -> Outcome:
        raised = loop.raised(case)
        if raised:
            return Outcome(severity, f"{loop.said}{raised}")
        later = case.got.errors.get(loop.key("many"))
        return Outcome(Severity.LEARNS_ELSE, f"{loop.said}two epochs of three batches: {later}") if later else MET

    return check


def loss(loop: Loop) -> Callable[[Case], Outcome]:
    """What is reported of the first batch. With another gradient it is judged there, and paid for once."""

    def check(case: Case) -> Outcome:
        came = loop.loss_of(case, "one")
        if came.right:
            return MET
        if not came.there:
            return unjudged() if loop.raised(case) else Outcome(Severity.OTHER_NUMBERS, came.reason)
        if abs(came.factor + 1) < LOSS_RTOL:
            return (
                unjudged(came.reason)
                if _turned(loop, case)
                else Outcome(Severity.OTHER_NUMBERS, f"{came.reason}: the sign is turned")
            )
        words = simple_factor(came.factor, loop.factors)
        if words:
            return Outcome(Severity.OTHER_NUMBERS, f"{came.reason}, {words}")
        if all(m.right for run in ("one", "many") for m in loop.moves(case, run)):
            return Outcome(Severity.OTHER_NUMBERS, came.reason)
        return unjudged(came.reason)  # another loss: its steps say how much that is

    return check


def _turned(loop: Loop, case: Case) -> bool:
    return any(m.there and m.cosine < -DOWN for m in loop.moves(case, "one"))


def step(
    loop: Loop, half: Severity = Severity.LEARNS_ELSE, nothing: Severity = Severity.NOTHING_LEARNS
) -> Callable[[Case], Outcome]:
    """The first step, and the steps after it."""

    def check(case: Case) -> Outcome:
        first, later = loop.moves(case, "one"), loop.moves(case, "many")
        came = loop.loss_of(case, "one")
        if not any(m.there for m in (*first, *later)):
            return unjudged()
        if all(m.right for m in first):
            return MET if all(m.right for m in later) else _later(loop, case, later)
        if all(m.none for m in first if m.there):
            return _nothing(loop, first, later, nothing)
        if any(m.cosine < -DOWN for m in first):
            return Outcome(nothing, f"{loop.said}the first step goes up the loss, not down")
        stuck = [part for m, (part, *_) in zip(first, loop.parts, strict=True) if m.none]
        if stuck and len(stuck) < len(first):
            return Outcome(half, f"{loop.said}{_called(stuck[0])} does not move")
        if all(m.right or m.decay_only for m in first) and all(m.right or m.decay_only for m in later):
            reason = (
                f"{loop.said}what only a weight decay moves does not move as it should: is the weight decay the one asked for?"
            )
            return Outcome(Severity.OTHER_NUMBERS, reason)
        sizes = [m.size for m in first if m.size > 0]
        if len(sizes) == len(first) and not close_to_one(sizes[0]):
            reason = f"{loop.said}the first step goes the right way, and {sizes[0]:.3g} times as far as it should"
            return Outcome(Severity.OTHER_NUMBERS if came.right else Severity.LEARNS_ELSE, reason)
        if not came.right and came.there:
            return Outcome(Severity.LEARNS_ELSE, f"{came.reason}: {_other_loss(loop, case)}")
        return Outcome(Severity.LEARNS_ELSE, f"{loop.said}the first step changes the parameters otherwise than it should")

    return check


def _other_loss(loop: Loop, case: Case) -> str:
    """In words, which other loss is reported, as far as it is a known one."""
    return loop.known_loss(case) or "the steps follow another loss, too"


def close_to_one(size: float) -> bool:
    return abs(size - 1) < 0.02


def _called(part: str) -> str:
    return {"encoder": "the encoder", "classifier": "the classifier"}.get(part, "the model")


def _nothing(loop: Loop, first: list[Moves], later: list[Moves], nothing: Severity) -> Outcome:
    """No step at the first batch: never, or only afterwards."""
    if not any(m.there for m in later):
        return unjudged()  # it raised there, and that is paid for
    if all(m.none for m in later if m.there):
        return Outcome(nothing, f"{loop.said}nothing changes, no step is taken")
    return Outcome(
        Severity.LEARNS_ELSE, f"{loop.said}the first batch takes no step, later ones do: does the step come too early?"
    )


def _later(loop: Loop, case: Case, later: list[Moves]) -> Outcome:
    """The first step is right, those after it are not."""
    if not any(m.there for m in later):
        return unjudged()  # it raised, which is said there
    got = case.got.arrays.get(f"{loop.key('many')}.{loop.loss}")
    if got is not None and got.size != 2:
        return unjudged()  # the epochs are not those asked for
    if all(m.right or m.decay_only for m in later):
        return Outcome(Severity.OTHER_NUMBERS, f"{loop.said}the weight decay is not the one asked for")
    reason = f"{loop.said}the first step is right, those after it are not: is every gradient that of its own batch alone?"
    came = loop.loss_of(case, "one")
    if all(m.right or m.cosine > 0.95 for m in later) and simple_factor(came.factor, loop.factors):
        return unjudged(reason)  # a loss on another scale, as of a sum over a last batch that is smaller: paid for there
    return Outcome(Severity.LEARNS_ELSE, f"{came.reason}: {_other_loss(loop, case)}" if came.reason else reason)


def epochs(loop: Loop, *more: str) -> Callable[[Case], Outcome]:
    """What is reported of two epochs, where the steps themselves are right: a number each, of all their batches."""

    def check(case: Case) -> Outcome:
        key = f"{loop.key('many')}.{loop.loss}"
        got = case.got.arrays.get(key)
        if got is not None and got.size != 2:
            return Outcome(Severity.OTHER_NUMBERS, f"{loop.said}expected a number for each of 2 epochs, got {got.size}")
        if not loop.loss_of(case, "one").right or not all(m.right for m in loop.moves(case, "many")):
            return unjudged()
        for name in (loop.loss, *more):
            came = reported(case, f"{loop.key('many')}.{name}", f"{loop.said}`{name}` of two epochs")
            if not came.right:
                return Outcome(Severity.OTHER_NUMBERS, came.reason)
        return MET

    return check


def kept(*loops: Loop) -> Callable[[Case], Outcome]:
    """Plain numbers, the model in training mode, the images as they were. The probe counted these: they may cost."""

    def check(case: Case) -> Outcome:
        for loop in loops:
            for run in ("one", "many"):
                key = loop.key(run)
                if any(count(case, key, name, IN_EVAL) for name in loop.counts):
                    when = "" if run == "one" else " after the first epoch"
                    return Outcome(
                        Severity.NOT_GENERAL, f"{loop.said}the model is in evaluation mode while it is trained{when}"
                    )
                if case.flag(f"{key}.graph"):
                    return Outcome(
                        Severity.NOT_GENERAL, f"{loop.said}the losses hold on to every batch's graph: add up plain numbers"
                    )
                if case.flag(f"{key}.input_changed"):
                    return Outcome(Severity.NOT_GENERAL, f"{loop.said}the batch's images are changed in place")
        return MET

    return check


def _moves_for_numbers(evidence: Evidence, seed: int) -> Evidence:
    """The evidence with the moves of the parameters in place of the parameters, which hardly differ from the first ones.

    How often what ran tells wrong answers apart that leave the same numbers; where numbers changed, they say it better.
    """
    arrays = {key: array for key, array in evidence.arrays.items() if not key.endswith("slopes")}
    for after, before in _after_and_before(arrays):
        arrays[after] = arrays[after] - arrays[before]
    for key in [key for key in arrays if key.endswith(("counts", "counts_cls"))]:
        run, counts = key.rsplit(".", 1)[0], arrays.pop(key).ravel()
        if len(counts) < 6:
            continue
        arrays[f"{key}.in_eval"] = np.array(float(counts[IN_EVAL] > 0))
        outcome = [name for name in ("after", "classifier", "encoder") if f"{run}.{name}" in arrays]
        if not any(np.any(arrays[f"{run}.{name}"]) for name in outcome):
            arrays[key] = (counts > 0).astype(np.float64)
    return replace(evidence, arrays=arrays)


def _after_and_before(arrays: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    names = {"after": "before", "encoder": "encoder_before", "classifier": "classifier_before"}
    pairs = [(key, f"{key.rsplit('.', 1)[0]}.{names.get(key.rsplit('.', 1)[-1], '')}") for key in arrays]
    return [(a, b) for a, b in pairs if b in arrays and arrays[a].shape == arrays[b].shape]


@torch.no_grad()
def ae_losses(seed: int) -> dict[str, float]:
    """Losses that are often taken for the squared error, of the first batch."""
    numbers = Numbers(seed)
    images, model = few_pixels(numbers, "images", 10)[:4], TinyAutoencoder(numbers)
    out = model(images)
    losses = {
        "the absolute error": F.l1_loss(out, images),
        "the smooth absolute error": F.smooth_l1_loss(out, images),
        "the root of the squared error": F.mse_loss(out, images).sqrt(),
        "the binary cross entropy": F.binary_cross_entropy(out, images),
        "the squared error after a second pass": F.mse_loss(model(out), images),
        "the squared error of the first image alone": F.mse_loss(out[:1], images[:1]),
        "the squared error of two other tensors, image beside image": F.mse_loss(out, images.roll(1, 0)),
        "the squared error against the images turned round": F.mse_loss(out, images.flip(0)),
    }
    return {words: float(value) for words, value in losses.items()}


@torch.no_grad()
def classifier_losses(seed: int) -> dict[str, float]:
    """Losses that are often taken for the cross entropy, of the first batch."""
    numbers = Numbers(seed)
    images = numbers.normal("images", 10, 3, 8, 8).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)[:4]
    labels = numbers.integers("labels", 10, 10)[:4]
    logits = TinyClassifier(numbers)(TinyEncoder(numbers).eval()(images).flatten(1))
    target = F.one_hot(labels, 10).float()
    losses = {
        "a softmax comes before the cross entropy": F.cross_entropy(logits.softmax(1), labels),
        "a sigmoid comes before the cross entropy": F.cross_entropy(logits.sigmoid(), labels),
        "the squared error of the logits": F.mse_loss(logits, target),
        "the squared error of the probabilities": F.mse_loss(logits.softmax(1), target),
        "the labels are smoothed, by 0.1": F.cross_entropy(logits, labels, label_smoothing=0.1),
        "a yes or no for each class": F.binary_cross_entropy_with_logits(logits, target),
        "a margin between the classes": F.multi_margin_loss(logits, labels),
        "the probability, without its logarithm": -logits.softmax(1)[torch.arange(4), labels].mean(),
    }
    return {words: float(value) for words, value in losses.items()}


_PIXELS = 3 * 64 * 64
_WHOLE = (("after", "before", "slopes"),)
AE = Loop("", _WHOLE, "losses", (2, 4, _PIXELS, 4 * _PIXELS, 64 * 64, 3, 3 * 64), ("counts",), known=ae_losses)

TRAIN_AE = Question(
    "train_ae",
    "1.4 Training the autoencoder",
    "train-ae",
    (
        Criterion("runs", "it runs", 0, runs(AE)),
        Criterion("loss", "the loss of a batch", 3, loss(AE)),
        Criterion("step", "every step changes every parameter as it should", 6, step(AE)),
        Criterion("epochs", "the sum of the batches' losses, for each epoch", 1, epochs(AE)),
        Criterion("kept", "training mode, plain numbers, the images as they were", 0, kept(AE)),
    ),
    AE.borne_out,
    _moves_for_numbers,
)

FROZEN = Loop(
    "frozen.",
    (("classifier", "classifier_before", "classifier_slopes"),),
    "losses",
    (2, 4, 10, 40),
    ("counts_cls",),
    "frozen: ",
    classifier_losses,
)
SUPERVISED = Loop(
    "supervised.",
    (("encoder", "encoder_before", "encoder_slopes"), ("classifier", "classifier_before", "classifier_slopes")),
    "losses",
    (2, 4, 10, 40),
    ("counts", "counts_cls"),
    "supervised: ",
    classifier_losses,
)
_BOTH = (FROZEN, SUPERVISED)


def _once(check: Callable[[Loop], Callable[[Case], Outcome]]) -> Callable[[Case], Outcome]:
    """A check of both ways of 1.5; the same deviation in both is paid for once, by the graver of the two."""
    checks = [check(loop) for loop in _BOTH]

    def worst(case: Case) -> Outcome:
        return max((c(case) for c in checks), key=lambda outcome: (float(outcome.severity), outcome.judged))

    return worst


def _classifier_runs(case: Case) -> Outcome:
    """Both ways raise, or one of them does. Features that nobody flattened raise in a real classifier."""
    if case.flag("frozen.one.unflattened") or case.flag("supervised.one.unflattened"):
        return Outcome(
            Severity.CANNOT_RUN, "the features are not flattened to (batch_size, features): a linear layer refuses them"
        )
    raised = [loop.raised(case) for loop in _BOTH]
    if all(raised):
        return Outcome(Severity.CANNOT_RUN, raised[0])
    if _frozen(case).severity:
        return MET  # what raises is not all that is off, and is paid for there
    return max((runs(loop, Severity.LEARNS_ELSE)(case) for loop in _BOTH), key=lambda outcome: float(outcome.severity))


def _stays(case: Case) -> Outcome:
    """The frozen encoder stays exactly as it is, the state that training mode moves included."""
    for run in ("one", "many"):
        before, after = (case.got.arrays.get(f"frozen.{run}.{name}") for name in ("encoder_before", "encoder"))
        if before is None or after is None:
            continue
        if not np.array_equal(before, after):
            return Outcome(Severity.LEARNS_ELSE, "frozen: the encoder's parameters changed, expected them to stay as they are")
        if case.flag(f"frozen.{run}.seen"):
            return Outcome(
                Severity.NOT_GENERAL,
                "frozen: the encoder runs in training mode, in which a batch normalisation would go on moving",
            )
    return MET


def _both_epochs(case: Case) -> Outcome:
    """What is reported of the epochs; where the encoder moved or was left out, the later losses follow from that."""
    explained = _stays(case).severity or _supervised(case).severity
    return unjudged() if explained else _once(epochs)(case)


def _frozen(case: Case) -> Outcome:
    """Frozen, the classifier learns; features that move with the encoder explain later steps, and are paid for there."""
    outcome = step(FROZEN)(case)
    moved = _stays(case).severity >= Severity.LEARNS_ELSE
    return unjudged(outcome.reason) if moved and all(m.right for m in FROZEN.moves(case, "one")) else outcome


def _supervised(case: Case) -> Outcome:
    """Supervised, encoder and classifier learn; what is off in the frozen loop, too, is paid for there."""
    both = step(SUPERVISED, nothing=Severity.LEARNS_ELSE)(case)
    frozen = _frozen(case)
    if both.severity and frozen.severity and not (encoder := SUPERVISED.moves(case, "one")[0]).none:
        return unjudged(both.reason) if encoder.there else both
    if both.severity and frozen.severity and all(m.none for m in FROZEN.moves(case, "one")):
        return unjudged(both.reason)
    return both


def _methods(case: Case) -> Outcome:
    """The three choices. They are easily guessed, so they bear nothing out by themselves."""
    expected, got = case.expected.arrays["methods"], case.got.arrays.get("methods")
    if got is None or got.shape != expected.shape or got.dtype.kind != "b":
        error = case.got.errors.get("methods", "KeyError")
        missing = error.startswith("KeyError")  # of the dictionary, or of a method in it
        return Outcome(
            Severity.OTHER_NUMBERS, "`supervised` gives no True or False for the methods I, II and III" if missing else error
        )
    wrong = [name for name, a, b in zip(METHODS, got, expected, strict=True) if a != b]
    if wrong:
        return Outcome(Severity.OTHER_NUMBERS, f"method {', '.join(wrong)}: should the labels reach the encoder?")
    return MET


TRAIN_CLASSIFIER = Question(
    "train_classifier",
    "1.5 Linear classifier",
    "train-classifier",
    (
        Criterion("runs", "it runs", 0, _classifier_runs),
        Criterion("loss", "the loss of a batch", 2, _once(loss)),
        Criterion("frozen", "frozen: the classifier learns", 2, _frozen),
        Criterion("stays", "frozen: the encoder stays as it is", 2, _stays),
        Criterion("supervised", "supervised: encoder and classifier learn", 2, _supervised),
        Criterion("epochs", "the sum of the batches' losses, for each epoch", 1, _both_epochs),
        Criterion("kept", "training mode, plain numbers, the images as they were", 0, kept(*_BOTH)),
        Criterion("methods", "the choice for methods I, II and III", 1, _methods),
    ),
    lambda case: any(loop.borne_out(case) for loop in _BOTH),
    _moves_for_numbers,
)

CMC = Loop("", _WHOLE, "loss", (2, 4), ("counts",))


def _scores(case: Case) -> Outcome:
    """Which scores are reported: of each view, by the images' numbers."""
    views = (("l", "L"), ("ab", "ab"))
    came = [reported(case, f"one.prob_{view}", f"the probability of the positive, {name}") for view, name in views]
    if all(r.right for r in came) or not any(r.there for r in came):
        return MET
    reason = next(r.reason for r in came if not r.right)
    words = case.once(scored_otherwise)
    if words:
        only_reported = CMC.loss_of(case, "one").right and all(m.right for m in CMC.moves(case, "one"))
        return Outcome(Severity.OTHER_NUMBERS if only_reported else Severity.LEARNS_ELSE, f"{reason}: {words}")
    if CMC.loss_of(case, "one").right and all(m.right for m in CMC.moves(case, "one")):
        return Outcome(Severity.OTHER_NUMBERS, reason)
    return Outcome(Severity.LEARNS_ELSE, f"{reason}: were the scores of each view taken by the images' numbers?")


def scored_otherwise(case: Case) -> str:
    """In words, which other scores the reported probabilities belong to; empty if to none known."""
    got = [case.got.arrays.get(f"one.prob_{view}") for view in ("l", "ab")]
    if any(g is None or g.size != 1 or not np.isfinite(g).all() for g in got):
        return ""
    probabilities = [float(g.ravel()[0]) for g in got if g is not None]
    for words, scores in first_scores(case.seed).items():
        expected = [float(s.softmax(dim=1)[:, 0].mean()) for s in scores]
        if words and all(abs(a - b) <= 1e-3 * abs(b) for a, b in zip(probabilities, expected, strict=True)):
            return words
    return ""


def first_scores(seed: int) -> dict[str, tuple[Tensor, Tensor]]:
    """The scores of the first batch: as asked for, under the empty name, and as they come of known slips."""
    numbers = Numbers(seed)
    index, labels = numbers.permutation("index", 10)[:4], numbers.integers("labels", 10, 10)[:4]
    with torch.no_grad():
        l, ab = TinyViews(numbers)(coarse_images(numbers)[:4])

        def scored(l: Tensor, ab: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
            return TinyContrast(numbers, N=10, K=3)(l, ab, y)

        right, twice = scored(l, ab, index), TinyContrast(numbers, N=10, K=3)
        first, second = twice(l, ab, index), twice(l, ab, index)
        unit = F.normalize(l, dim=1), F.normalize(ab, dim=1)
        return {
            "": right,
            "the two are exchanged": right[::-1],
            "the features are exchanged": scored(ab, l, index),
            "the positions in the batch are given for the images' numbers": scored(l, ab, torch.arange(4)),
            "the labels are given for the images' numbers": scored(l, ab, labels),
            "the features are normalised first": scored(*unit, index),
            "the features of L go in twice": scored(l, l, index),
            "the features of ab go in twice": scored(ab, ab, index),
            "the contrast is called twice": (first[0], second[1]),
            "the contrast is called a second time": (second[0], second[1]),
            "the scores of L are taken twice": (right[0], right[0]),
            "the scores of ab are taken twice": (right[1], right[1]),
            "the numbers are one too large": scored(l, ab, (index + 1) % 10),
        }


def _criteria(case: Case) -> Outcome:
    """Another loss on right scores: each view's own criterion, and their sum."""
    if loss(CMC)(case).severity or CMC.loss_of(case, "one").right or _scores(case).severity:
        return MET
    own, outcome = case.once(_with_other_criteria), step(CMC)(case)
    return own if own.severity and outcome.severity else MET


def _with_other_criteria(case: Case) -> Outcome:
    """Whether the reported loss is that of the criteria exchanged, or of one of them for both views."""
    got = case.got.arrays.get("one.loss")
    values = criteria_values(case.seed)
    if got is None or got.size != 1:
        return MET
    for words, value in (
        ("the criteria are exchanged", values["l", 1] + values["ab", 0]),
        ("criterion_l judges both views", values["l", 0] + values["ab", 0]),
        ("criterion_ab judges both views", values["l", 1] + values["ab", 1]),
    ):
        if abs(float(got.ravel()[0]) - value) <= LOSS_RTOL * abs(value):
            expected = float(case.expected.arrays["one.loss"].ravel()[0])
            return Outcome(Severity.NOT_GENERAL, f"the loss: expected {expected:.4g}, got {value:.4g}: {words}")
    return MET


def criteria_values(seed: int) -> dict[tuple[str, int], float]:
    """The loss of each view's scores in the first batch, by the criterion of L (0) and that of ab (1)."""
    scores = zip(("l", "ab"), first_scores(seed)[""], strict=True)
    return {(view, k): float(WeightedLoss(weight)(s)) for view, s in scores for k, weight in enumerate((0.5, 1.5))}


def _cmc_loss(case: Case) -> Outcome:
    outcome = loss(CMC)(case)
    return unjudged(outcome.reason) if outcome.severity and _scores(case).severity else outcome


def _cmc_step(case: Case) -> Outcome:
    """The steps; what the criteria or the scores explain is paid for there."""
    outcome = step(CMC)(case)
    explained = _criteria(case).severity or _scores(case).severity
    never = outcome.severity >= Severity.NOTHING_LEARNS
    return unjudged(outcome.reason) if explained and outcome.severity and not never else outcome


def _cmc_borne_out(case: Case) -> bool:
    probs = any(reported(case, f"one.prob_{view}", "").right for view in ("l", "ab"))
    return CMC.borne_out(case) or probs or bool(case.once(scored_otherwise))


TRAIN_CMC = Question(
    "train_cmc",
    "2.3 Training CMC",
    "train-cmc",
    (
        Criterion("runs", "it runs", 0, runs(CMC)),
        Criterion("scores", "each view is scored with the images' numbers", 2, _scores),
        Criterion("criteria", "each view by its own criterion", 1, _criteria),
        Criterion("loss", "the loss is the sum of both views'", 2, _cmc_loss),
        Criterion("step", "every step changes every parameter as it should", 4, _cmc_step),
        Criterion("epochs", "the means of each epoch", 1, epochs(CMC, "prob_l", "prob_ab")),
        Criterion("kept", "training mode, plain numbers, the images as they were", 0, kept(CMC)),
    ),
    _cmc_borne_out,
    _moves_for_numbers,
)
