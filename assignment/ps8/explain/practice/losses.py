"""Changes to the losses of 2.2 and of the optional part, and to the loop of 2.3."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.explain.item import Item, Ran, Statement
from ps8.explain.levers import AtRest, Constant, effect_of_factor, which_moved
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, state
from ps8.probes.train_cmc import TinyContrast, TinyViews, WeightedLoss, coarse_images


def shifted(namespace: Namespace, numbers: Numbers, c: int) -> Ran:
    scores = 2 * numbers.normal("scores", 4, 8, 1)
    before, after = (float(namespace["SoftmaxLoss"]()(x)) for x in (scores, scores + c))
    found = {"same": before, "higher": before + c, "lower": before - c}
    names = [name for name, value in found.items() if abs(value - after) < 1e-3]
    return Ran(names[0] if len(names) == 1 else "other", f"the loss was {before:.4f} before, and {after:.4f} after")


def each_twice(namespace: Namespace, numbers: Numbers) -> Ran:
    scores = 2 * numbers.normal("scores", 4, 8, 1)
    losses = [namespace["SoftmaxLoss"]()(x).reshape(1) for x in (scores, torch.cat([scores, scores]))]
    key = effect_of_factor(losses[1], losses[0], {"same": 1, "twice": 2, "half": 0.5}, "other")
    return Ran(key, f"the loss was {float(losses[0]):.4f} before, and {float(losses[1]):.4f} after")


def all_equal(namespace: Namespace, numbers: Numbers, K: int, s: int) -> Ran:
    loss = float(namespace["SoftmaxLoss"]()(torch.full((4, K + 1, 1), float(s))))
    return Ran(loss, f"the loss was {loss:.4f}")


def ahead(namespace: Namespace, numbers: Numbers, K: int, d: int) -> Ran:
    scores = torch.zeros(4, K + 1, 1)
    scores[:, 0] = float(d)
    loss = float(namespace["SoftmaxLoss"]()(scores))
    return Ran(loss, f"the loss was {loss:.4f}")


def one_criterion(namespace: Namespace, numbers: Numbers, silent: str) -> Ran:
    model = TinyViews(numbers)
    parts: dict[str, nn.Module] = {"L": model.l, "ab": model.ab}
    before = {name: state(part) for name, part in parts.items()}
    criteria = {name: Constant(0.0) if name == silent else WeightedLoss(0.5) for name in parts}
    _train(namespace, numbers, model, TinyContrast(numbers, N=10, K=3), criteria["L"], criteria["ab"], 1)
    return which_moved(parts, before)


def two_constants(namespace: Namespace, numbers: Numbers, a: float, b: float, n: int) -> Ran:
    contrast = TinyContrast(numbers, N=10, K=3)
    loss = _train(namespace, numbers, TinyViews(numbers), contrast, Constant(a), Constant(b), n)["loss"][0]
    return Ran(float(loss), f"the loss reported for the epoch was {float(loss):.4f}")


def no_favourite(namespace: Namespace, numbers: Numbers, K: int) -> Ran:
    told = _train(namespace, numbers, TinyViews(numbers), AtRest(K, 0.0), Constant(1.0), Constant(1.0), 2)
    return Ran(float(told["prob_l"][0]), f"prob_l was {float(told['prob_l'][0]):.4g}, prob_ab {float(told['prob_ab'][0]):.4g}")


def first_batch(namespace: Namespace, numbers: Numbers, c: int) -> Ran:
    scores = 2 * numbers.normal("scores", 4, 8, 1)
    before, after = (float(namespace["NCELoss"](50, 7)(x)) for x in (scores, scores + c))
    names = [n for n, value in {"same": before, "higher": before + c, "lower": before - c}.items() if abs(value - after) < 1e-2]
    return Ran(names[0] if len(names) == 1 else "other", f"the loss was {before:.4f} before, and {after:.4f} after")


def never_forgets(namespace: Namespace, numbers: Numbers, decay: int) -> Ran:
    criterion = namespace["NCELoss"](50, 7, decay=float(decay))
    after = []
    for name in ("first", "second"):
        criterion(numbers.normal(name, 4, 8, 1) + (3 if name == "second" else 0))
        after.append(float(criterion.Z))
    fresh = namespace["NCELoss"](50, 7)
    fresh(numbers.normal("second", 4, 8, 1) + 3)
    found = {"first": after[0], "second": float(fresh.Z), "mean": (after[0] + float(fresh.Z)) / 2}
    names = [name for name, value in found.items() if abs(value - after[1]) <= 1e-3 * value]
    return Ran(
        names[0] if len(names) == 1 else "other", f"Z was {after[0]:.4g} after the first, {after[1]:.4g} after the second"
    )


def level(namespace: Namespace, numbers: Numbers, K: int) -> Ran:
    loss = float(namespace["NCELoss"](50, K)(torch.full((4, K + 1, 1), 0.7)))
    return Ran(loss, f"the loss was {loss:.4f}")


def _train(
    namespace: Namespace, numbers: Numbers, model: nn.Module, contrast: nn.Module, l: nn.Module, ab: nn.Module, batches: int
) -> dict[str, list[float]]:
    """What the student's `train_cmc` reports of an epoch of batches of two images."""
    count = 2 * batches
    images: Tensor = coarse_images(numbers)[:count]
    index, labels = numbers.permutation("index", 10)[:count], torch.zeros(count, dtype=torch.long)
    loader = Batches(images, labels, index, sizes=[2] * batches)
    return namespace["train_cmc"](model, contrast, l, ab, loader, epochs=1)[1]  # type: ignore[no-any-return]


ITEMS = (
    Item(
        Statement(
            "softmax_loss",
            "shifted",
            "{c} is added to every score.",
            "What becomes of the loss?",
            {"same": "it stays as it is", "higher": "it is higher by {c}", "lower": "it is lower by {c}"},
            {"c": (2, 7)},
        ),
        shifted,
        "Above and below the fraction the same factor comes in, and cancels. Only differences of scores count: this is also "
        "why subtracting the largest score first, against overflow, changes nothing.",
    ),
    Item(
        Statement(
            "softmax_loss",
            "each_twice",
            "every image stands in the batch twice.",
            "What becomes of the loss?",
            {"same": "it stays as it is", "twice": "it doubles", "half": "it halves", "other": "it falls by ln 2"},
        ),
        each_twice,
        "It is a mean over the images. A sum would double, and the size of a step with it, unless Adam hides it.",
    ),
    Item(
        Statement(
            "softmax_loss",
            "all_equal",
            "all scores are {s}, with K = {K} negatives.",
            "What is the loss?",
            draws={"K": (3, 15, 63, 511), "s": (-4, 2, 9)},
        ),
        all_equal,
        "Each of the K+1 rows gets the probability 1/(K+1), whatever the score is, so the loss is ln(K+1): the plateau of a "
        "collapsed encoder, once a view.",
    ),
    Item(
        Statement(
            "softmax_loss",
            "ahead",
            "the positive's score is higher by {d} than those of all K = {K} negatives, which are equal.",
            "What is the loss?",
            draws={"K": (7, 31, 127), "d": (1, 2, 3)},
        ),
        ahead,
        "ln(1 + K exp(-d)). With many negatives a lead of a few units is little: this is what a low temperature is for.",
    ),
    Item(
        Statement(
            "train_cmc",
            "one_criterion",
            "the criterion of {silent} always gives 0; the other one is as it was.",
            "Which encoder is changed by a step?",
            {"L": "that of L alone", "ab": "that of ab alone", "both": "both", "neither": "neither"},
            {"silent": ("L", "ab")},
        ),
        one_criterion,
        "The scores of a view depend on its own live features and on rows of a bank, which carry no gradient. So each loss "
        "teaches one encoder, and without its loss an encoder learns nothing.",
    ),
    Item(
        Statement(
            "train_cmc",
            "two_constants",
            "the criterion of L always gives {a}, that of ab always {b}. An epoch has {n} batches.",
            "Which loss does your loop report for the epoch?",
            draws={"a": (0.5, 2.0, 3.0), "b": (0.25, 1.0, 4.0), "n": (2, 3, 5)},
        ),
        two_constants,
        "The loss of a batch is the sum of the two views', and here an epoch reports the mean of its batches, where `train_ae` "
        "reports their sum.",
    ),
    Item(
        Statement(
            "train_cmc",
            "no_favourite",
            "your CMCScore gives the same score to the positive and to all K = {K} negatives.",
            "What does the loop report as `prob_l`?",
            draws={"K": (3, 9, 99)},
        ),
        no_favourite,
        "The softmax of equal scores is 1/(K+1) each. A positive's probability that stays there is a collapse that the loss "
        "would show at 2 ln(K+1).",
    ),
    Item(
        Statement(
            "nce",
            "first_batch",
            "{c} is added to every score of the first batch that a new NCELoss sees.",
            "What becomes of its loss?",
            {"same": "it stays as it is", "higher": "it is higher by {c}", "lower": "it is lower by {c}"},
            {"c": (1, 3)},
        ),
        first_batch,
        "The first estimate of Z is made of this batch, so it takes the shift up, and ln Z takes it off again. From the second "
        "batch on Z is slower than the scores, and a shift shows.",
    ),
    Item(
        Statement(
            "nce",
            "never_forgets",
            "your NCELoss is made with decay = {decay} and sees two batches; the scores of the second are higher.",
            "What is Z afterwards?",
            {
                "first": "the first batch's estimate",
                "second": "the second batch's estimate",
                "mean": "the mean of the two",
            },
            {"decay": (0, 1)},
        ),
        never_forgets,
        "The decay is the share of the old estimate that stays: with 1 the first one stays for ever, with 0 each batch has its "
        "own.",
    ),
    Item(
        Statement(
            "nce",
            "level",
            "all scores of the first batch are equal, with K = {K} draws of noise.",
            "What is the loss?",
            draws={"K": (1, 3, 7, 15)},
        ),
        level,
        "Then every row has the probability 1/N, h = 1/(1+K), and the loss is ln(1+K) + K ln(1 + 1/K): a yes or no for each of "
        "the K+1 columns, each as good as a guess can be.",
    ),
)
