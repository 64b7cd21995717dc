"""What the probe gave to `CMCScore`, and what may have been made of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ps8.probes.tools import Numbers
from ps8.questions.cmc_score import inputs
from ps8.questions.cmc_score.inputs import DIM, DRAWN, DRAWN_ROWS, LONG, MANY, MANY_IMAGES, MANY_ROWS, ROWS, VIEWS

# What the probe gives, and what is made of it here.
__all__ = [
    "DIM", "DRAWN", "DRAWN_ROWS", "LONG", "MADE", "MANY", "MANY_IMAGES", "MANY_ROWS", "NORMS", "OTHER", "ROWS", "VIEWS",
    "Drawn", "Inputs", "unit",
]  # fmt: skip
OTHER = {"l": "ab", "ab": "l"}
# Ways to make a feature's length one, right or not: what each image is divided by.
NORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "length 1": lambda x: np.linalg.norm(x, axis=1),
    "not at all": lambda x: np.ones(len(x)),
    "the sum of the absolute values 1": lambda x: np.abs(x).sum(axis=1),
    "divided by the squared length": lambda x: (x**2).sum(axis=1),
    "divided by the root of the length": lambda x: np.linalg.norm(x, axis=1) ** 0.5,
    "the largest value 1": lambda x: np.abs(x).max(axis=1),
    "the sum 1": lambda x: x.sum(axis=1),
}


# What may have been made of the features that is not one divisor for each image.
MADE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "each dimension over the batch": lambda x: x / np.linalg.norm(x, axis=0, keepdims=True),
    "all of the batch together": lambda x: x / np.linalg.norm(x),
    "their signs alone are left": np.sign,
    "their mean is taken off first": lambda x: x - x.mean(axis=1, keepdims=True),
    "the batch's mean is taken off first": lambda x: x - x.mean(axis=0, keepdims=True),
    "their absolute values are taken": np.abs,
    "negative numbers are set to 0": lambda x: np.maximum(x, 0),
    "a softmax is taken of them": lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
    "a tanh is taken of them": np.tanh,
}


def unit(rows: np.ndarray) -> np.ndarray:
    units: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-7)
    return units


class Inputs:
    """The first call's banks, live features, rows and settings."""

    def __init__(self, seed: int) -> None:
        self._numbers = numbers = Numbers(seed)
        self.banks = {view: inputs.bank(numbers, view, ROWS + LONG, LONG).numpy() for view in VIEWS}
        self.live = {view: inputs.live(numbers, view, "first").numpy() for view in VIEWS}
        self.y, self.idx = (rows.numpy() for rows in inputs.given_rows(numbers, "first"))
        self.momentum, self.T = inputs.momentum(numbers), inputs.temperature(numbers)

    def features(self, view: str, made: str = "") -> np.ndarray:
        """A view's live features; `made` is what was made of them, by its name in `MADE`."""
        return MADE[made](self.live[view]) if made else self.live[view]

    def weight(self, view: str, *shape: int) -> np.ndarray:
        """What the probe weights the scores of a view with, to look at gradients."""
        return inputs.weight(self._numbers, view, *shape).numpy()

    def updated(self, view: str) -> np.ndarray:
        """The new rows `y` of a view's bank, as they should be."""
        return unit(self.momentum * self.banks[view][self.y] + (1 - self.momentum) * unit(self.live[view]))


class Drawn:
    """The banks, live features and rows y of the calls that draw their own rows.

    Args:
        seed: of the probe.
        rows: of the banks.
        images: of the batch.
    """

    def __init__(self, seed: int, rows: int = DRAWN_ROWS, images: int = DRAWN) -> None:
        numbers = Numbers(seed)
        self.y = inputs.drawn_images(numbers)[:images].numpy() % rows
        self.live = {view: inputs.drawn_live(numbers, view)[:images].numpy() for view in VIEWS}
        self.banks = {view: inputs.bank(numbers, view, rows).numpy() for view in VIEWS}
