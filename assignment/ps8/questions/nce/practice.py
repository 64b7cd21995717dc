"""Changes to the loss of the optional part."""

from __future__ import annotations

import torch

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.probes import Namespace
from ps8.probes.tools import Numbers


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


ITEMS = (
    PracticeItem(
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
    PracticeItem(
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
    PracticeItem(
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
