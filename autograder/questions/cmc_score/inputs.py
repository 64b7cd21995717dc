"""What the probe gave to `CMCScore`, worked out again from the seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ps8.probes.tools import Numbers

VIEWS = ("l", "ab")
OTHER = {"l": "ab", "ab": "l"}
ROWS, LONG, DIM = 20, 2, 16  # of the banks in the calls with given rows: those scored against, and longer ones behind them
DRAWN_ROWS, DRAWN = 70, 32  # rows and images of the calls that draw their own rows
MANY_ROWS, MANY, MANY_IMAGES = 20, 400, 16  # rows, K and images of the call with more draws than rows
# Ways to make a feature's length one, right or not: what each image is divided by.
NORMS = {
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
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-7)


class Inputs:
    """The first call's banks, live features, rows and settings."""

    def __init__(self, seed: int) -> None:
        numbers = Numbers(seed)
        self.banks = {view: unit(numbers.normal(f"memory_{view}", ROWS + LONG, DIM).numpy()) for view in VIEWS}
        for bank in self.banks.values():
            bank[ROWS:] *= 1.3
        self.live = {view: 3 * numbers.normal(f"{view} first", 4, DIM).numpy() for view in VIEWS}
        self.y = numbers.permutation("y first", ROWS)[:4].numpy()
        others = (self.y[:, None] + 1 + numbers.integers("idx first", ROWS - 1, 4, 6).numpy()) % ROWS
        others[:, 0] = np.roll(self.y, 1)
        self.idx = np.concatenate([self.y[:, None], others], axis=1)
        self.momentum = numbers.number("momentum", 0.2, 0.4)
        self.T = numbers.number("T", 0.15, 0.45)

    def features(self, view: str, made: str = "") -> np.ndarray:
        """A view's live features; `made` is what was made of them, by its name in `MADE`."""
        return MADE[made](self.live[view]) if made else self.live[view]

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
        self.y = numbers.permutation("drawn y", DRAWN_ROWS)[:images].numpy() % rows
        self.live = {view: numbers.normal(f"drawn {view}", DRAWN, DIM).numpy()[:images] for view in VIEWS}
        self.banks = {view: unit(numbers.normal(f"memory_{view}", rows, DIM).numpy()) for view in VIEWS}
