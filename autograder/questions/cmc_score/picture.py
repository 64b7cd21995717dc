"""2.2: scores, and the banks' update, with what differs outlined."""

from __future__ import annotations

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import MOST, WRONG, differs, nothing, pixels, scale
from autograder.figures.svg import WIDTH, box, colours, drawing, text
from autograder.questions.shared.tables import GAP, tables

from .inputs import Inputs

NAMES = {"l": "L", "ab": "ab"}


def score_matrix(case: Case) -> Figure | None:
    """The scores of the first call, both views."""
    pairs = {f"scores of {name}": f"first.out_{view}" for view, name in NAMES.items()}
    caption = (
        "The scores of one of the grader's batches: a row for each image, the positive in the first column. "
        "Both tables have one scale of colours; what differs has an outline."
    )
    return tables(case, pairs, caption)


def bank_update(case: Case) -> Figure | None:
    """The banks before and after the first call, those of the rows that are not what they should be marked."""
    parts: list[str] = []
    y, words = 0.0, []
    for view, name in NAMES.items():
        key = f"first.memory_{view}"
        actual, expected, before = case.actual.arrays.get(key), case.expected.arrays[key], Inputs(case.seed).banks[view]
        if actual is None or (actual.shape == expected.shape and not differs(actual, expected).any()):
            continue
        drawn, height, wrong = _bank_row(y, f"memory_{view}", before, actual, expected)
        parts += drawn
        y += height + 10
        words.append(f"memory_{view} ({name}): {len(wrong)} rows are not what they should be.")
    caption = (
        "The banks before and after one call, a row for each image of the data. "
        "The update should change the rows y of this batch, marked with a dot; rows that came out wrong have an outline."
    )
    return Figure(drawing(parts, y), caption, " ".join(words)) if parts else None


def _bank_row(
    y: float, name: str, before: np.ndarray, actual: np.ndarray, expected: np.ndarray
) -> tuple[list[str], float, np.ndarray]:
    """Three panels: before, actual, expected."""
    width, tall = (WIDTH - 3 * GAP) / 3, 8.0
    most, height = scale(expected), tall * len(expected)
    moved = np.flatnonzero(np.abs(expected - before).max(axis=1) > 1e-6)
    same = actual.shape == expected.shape
    wrong = np.flatnonzero(differs(actual, expected).any(axis=1)) if same else np.arange(0)
    parts: list[str] = []
    panels = ((f"{name}, before", before), ("after, actual", actual), ("after, expected", expected))
    for k, (title, values) in enumerate(panels):
        x = GAP + k * (width + GAP)
        if values.ndim != 2 or not values.size:
            parts += nothing(x, y, width, title, values).parts
            continue
        parts += pixels(x, y, width, title, colours(values[:MOST, :MOST], most), height).parts
        parts += [text(x - 2, y + 15 + (i + 0.85) * tall, "•", anchor="end", size=9) for i in moved]
        if values is actual:
            parts += [box(x, y + 15 + i * tall, width, tall, WRONG, 1.5) for i in wrong]
    return parts, 15 + height, wrong
