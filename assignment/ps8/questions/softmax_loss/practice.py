"""Changes to the loss of 2.2: other scores, and another result."""

from __future__ import annotations

import torch

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import effect_of_factor
from ps8.probes import Namespace
from ps8.probes.tools import Numbers
from ps8.questions.shared.caught import OF_LOSS, PASSES, checked

from .check import check_softmax_loss


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


ITEMS = (
    PracticeItem(
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
    PracticeItem(
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
    PracticeItem(
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
    PracticeItem(
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
    PracticeItem(
        Statement(
            "softmax_loss",
            "caught",
            "your SoftmaxLoss computes the loss as before, but at the end {change}.",
            "What does the check find broken first?",
            {
                "sign": "the sign",
                "value": "the value, in a case that can be worked out by hand",
                "no_gradient": "that the loss has a gradient",
                "passes": PASSES,
            },
            {"change": tuple(OF_LOSS)},
        ),
        checked(check_softmax_loss, "SoftmaxLoss", OF_LOSS),
        "With 1 added, training would be the same, for a constant has no gradient; but no sanity number would fit any more. "
        "With the other sign it would go uphill, and detached nowhere.",
    ),
)
