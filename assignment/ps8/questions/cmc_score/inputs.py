"""What the probe of `CMCScore` gives to it. The grader takes it from here, too, where it knows the seed."""

from __future__ import annotations

import torch
from torch import Tensor

from ps8.probes.tools import Numbers

VIEWS = ("l", "ab")
DIM = 16  # of the features, in all calls
ROWS, LONG, BATCH, K = 20, 2, 4, 6  # of the calls with given rows: rows that are scored against, longer ones behind them
DRAWN_ROWS, DRAWN, DRAWN_K = 70, 32, 60  # rows, images and K of the calls that draw their own rows: more rows than draws
MANY_ROWS, MANY, MANY_IMAGES = 20, 400, 16  # rows, K and images of the call with more draws than rows
SINGLE = torch.tensor([[3, 1, 4, 15, 9, 2]])  # the rows idx of a single image
LONGER = 1.3  # the length of the longer rows


def temperature(numbers: Numbers) -> float:
    """One that no default has."""
    return numbers.number("T", 0.15, 0.45)


def momentum(numbers: Numbers) -> float:
    """One that no default has."""
    return numbers.number("momentum", 0.2, 0.4)


def bank(numbers: Numbers, view: str, rows: int, long: int = 0) -> Tensor:
    """Rows of length 1 of a view's bank; the last `long` are longer, as rows of noise may be."""
    made: Tensor = numbers.normal(f"memory_{view}", rows, DIM)
    made = made / made.norm(dim=1, keepdim=True)
    made[rows - long :] *= LONGER
    return made


def given_rows(numbers: Numbers, call: str) -> tuple[Tensor, Tensor]:
    """The images' numbers y of a call, and the rows idx to score against: y, then others, never the image's own."""
    y = numbers.permutation(f"y {call}", ROWS)[:BATCH]
    others = (y[:, None] + 1 + numbers.integers(f"idx {call}", ROWS - 1, BATCH, K)) % ROWS
    others[:, 0] = y.roll(1)  # but always another's of the batch, which its own update must not lose
    return y, torch.cat([y[:, None], others], dim=1)


def live(numbers: Numbers, view: str, call: str) -> Tensor:
    """The live features of a view in a call with given rows, of other lengths than 1."""
    return numbers.normal(f"{view} {call}", BATCH, DIM).mul(3)


def weight(numbers: Numbers, view: str, *shape: int) -> Tensor:
    """What the scores of a view are weighted with, to look at gradients."""
    return numbers.normal(f"w{view}", *shape)


def drawn_images(numbers: Numbers) -> Tensor:
    """The images' numbers y of the calls that draw their own rows."""
    return numbers.permutation("drawn y", DRAWN_ROWS)[:DRAWN]


def drawn_live(numbers: Numbers, view: str) -> Tensor:
    """The live features of a view in those calls."""
    return numbers.normal(f"drawn {view}", DRAWN, DIM)
