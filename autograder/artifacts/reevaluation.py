"""Measures accuracies again: the handed-in weights in the reference's networks, on the instructor's test images."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from nbjudge.jail import ending
from ps8.runtime import one_thread
from torch import nn

from autograder.artifacts.held_out_images import RESIDENT, HeldOut
from autograder.artifacts.networks import ROWS

TOLERANCE = 0.01  # the same weights on the same images differ by rounding only, on a GPU by a few images in a thousand
SPREADS = 2  # standard errors on top, where only some of the images were looked at


@dataclass(frozen=True)
class Measured:
    """An accuracy, and on how many images of how many it was measured."""

    accuracy: float
    images: int
    total: int

    def agrees(self, reported: float) -> bool:
        """Whether a reported accuracy on all images is the same, as far as the images looked at can tell."""
        left_out = (self.total - self.images) / max(1, self.total - 1)
        spread = math.sqrt(reported * (1 - reported) / self.images * left_out)
        return abs(self.accuracy - reported) <= TOLERANCE + SPREADS * spread + 1e-9


def measure(
    networks: Mapping[str, nn.ModuleDict], reported: Mapping[str, float], images: HeldOut, profile: str
) -> dict[str, Measured]:
    """The accuracy of each row. First on at most a thousand images; on the others only where these contradict the report.

    Args:
        networks: row -> encoder and classifier.
        reported: row -> the accuracy that the student reports.
        images: the instructor's.
        profile: whose choice of them the student measured on.
    """
    total = images.count(profile)
    first = min(RESIDENT, total)
    right = _right(networks, images, profile, 0, first)
    measured = {row: Measured(count / first, first, total) for row, count in right.items()}
    doubtful = {r: n for r, n in networks.items() if r in reported and first < total and not measured[r].agrees(reported[r])}
    for row, count in _right(doubtful, images, profile, first, total).items():
        measured[row] = Measured((right[row] + count) / total, total, total)
    return measured


def _right(networks: Mapping[str, nn.ModuleDict], images: HeldOut, profile: str, start: int, stop: int) -> dict[str, int]:
    """Row -> how many of the images are named right."""
    right = dict.fromkeys(networks, 0)
    with _in_one_thread(), torch.inference_mode():
        for color in sorted({ROWS[row].color for row in networks}):
            for x, y in images.batches(color, profile, start, stop):
                ending.check()
                x = x.to(memory_format=torch.channels_last)
                for row, network in networks.items():
                    if ROWS[row].color == color:
                        logits = network["cls"](network["encoder"](x).flatten(1))
                        right[row] += int((logits.argmax(1) == y).sum())
    return right


@contextmanager
def _in_one_thread() -> Iterator[None]:
    """As submissions are measured side by side; and numbers near 0, which are slow, are taken for 0."""
    torch.set_flush_denormal(True)
    try:
        with one_thread():
            yield
    finally:
        torch.set_flush_denormal(False)
