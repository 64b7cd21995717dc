"""What the probe gave to `CMCScore`, worked out again from the seed."""

from __future__ import annotations

import numpy as np
from ps8.probes.tools import Numbers

VIEWS = ("l", "ab")
OTHER = {"l": "ab", "ab": "l"}
ROWS, LONG, DIM = 20, 2, 16  # of the banks in the calls with given rows: those scored against, and longer ones behind them
DRAWN_ROWS, DRAWN = 70, 32  # rows and images of the calls that draw their own rows
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

    def features(self, view: str, over_batch: bool = False) -> np.ndarray:
        """A view's live features; with `over_batch` each dimension divided by its length over the batch."""
        live = self.live[view]
        return live / np.linalg.norm(live, axis=0, keepdims=True) if over_batch else live

    def updated(self, view: str) -> np.ndarray:
        """The new rows `y` of a view's bank, as they should be."""
        return unit(self.momentum * self.banks[view][self.y] + (1 - self.momentum) * unit(self.live[view]))


class Drawn:
    """The banks, live features and rows y of the calls that draw their own rows."""

    def __init__(self, seed: int) -> None:
        numbers = Numbers(seed)
        self.y = numbers.permutation("drawn y", DRAWN_ROWS)[:DRAWN].numpy()
        self.live = {view: numbers.normal(f"drawn {view}", DRAWN, DIM).numpy() for view in VIEWS}
        self.banks = {view: unit(numbers.normal(f"memory_{view}", DRAWN_ROWS, DIM).numpy()) for view in VIEWS}
