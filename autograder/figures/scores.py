"""2.2 and the optional part: scores, the banks' update, and what a loss does to the scores, with what differs outlined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import MOST, WRONG, differs, nothing, numbers, pixels, scale
from autograder.figures.svg import WIDTH, box, colours, drawing, text
from autograder.judge.questions.inputs import Inputs

NAMES = {"l": "L", "ab": "ab"}
GAP = 12


def score_matrix(case: Case) -> Figure | None:
    """The scores of the first call, both views."""
    pairs = {f"scores of {name}": f"first.out_{view}" for view, name in NAMES.items()}
    caption = (
        "The scores of one of the grader's batches: a row for each image, the positive in the first column. "
        "Both tables have one scale of colours; what differs has an outline."
    )
    return _tables(case, pairs, caption)


def gradient(key: str) -> Callable[[Case], Figure | None]:
    """The gradient of a loss by the scores."""

    def draw(case: Case) -> Figure | None:
        caption = (
            "How the loss pulls at each score of one of the grader's batches (its gradient): a row for each image, the "
            "positive in the first column. Blue is pushed up, orange is pushed down; what differs has an outline."
        )
        return _tables(case, {"gradient": key}, caption, atol=1e-6)

    return draw


def _tables(case: Case, pairs: dict[str, str], caption: str, atol: float = 1e-4) -> Figure | None:
    """Each pair as two tables side by side, if one of them has something wrong."""
    width, y = (WIDTH - GAP) / 2, 0.0
    parts: list[str] = []
    words, anything = [], False
    for name, key in pairs.items():
        got, expected = case.got.arrays.get(key), case.expected.arrays[key]
        wrong = differs(got, expected, atol=atol) if got is not None and got.shape == expected.shape else None
        if got is None:
            left = nothing(0, y, width, f"{name}, yours", None)
        else:
            title = f"{name}, yours" if wrong is not None else f"yours, shape {list(got.shape)}"
            left = numbers(0, y, width, title, got, scale(expected), wrong)
        title = "expected" if wrong is not None or got is None else f"expected, shape {list(expected.shape)}"
        right = numbers(width + GAP, y, width, title, expected, scale(expected), None)
        parts += [*left.parts, *right.parts]
        y += max(left.height, right.height) + 10
        anything |= got is not None and (wrong is None or bool(wrong.any()))
        words.append(_told(name, got, expected, wrong))
    return Figure(drawing(parts, y), caption, " ".join(words)) if anything else None


def _told(name: str, got: np.ndarray | None, expected: np.ndarray, wrong: np.ndarray | None) -> str:
    if got is None:
        return f"{name}: nothing came."
    if wrong is None:
        return f"{name}: shape {list(got.shape)}, expected {list(expected.shape)}."
    return f"{name}: {int(wrong.sum())} of {wrong.size} entries differ from the expected ones."


def bank_update(case: Case) -> Figure | None:
    """The banks before and after the first call, those of the rows that are not what they should be marked."""
    parts: list[str] = []
    y, words = 0.0, []
    for view, name in NAMES.items():
        key = f"first.memory_{view}"
        got, expected, before = case.got.arrays.get(key), case.expected.arrays[key], Inputs(case.seed).banks[view]
        if got is None or (got.shape == expected.shape and not differs(got, expected).any()):
            continue
        drawn, height, wrong = _bank_row(y, f"memory_{view}", before, got, expected)
        parts += drawn
        y += height + 10
        words.append(f"memory_{view} ({name}): {len(wrong)} rows are not what they should be.")
    caption = (
        "The banks before and after one call, a row for each image of the data. "
        "The update should change the rows y of this batch, marked with a dot; rows that came out wrong have an outline."
    )
    return Figure(drawing(parts, y), caption, " ".join(words)) if parts else None


def _bank_row(
    y: float, name: str, before: np.ndarray, got: np.ndarray, expected: np.ndarray
) -> tuple[list[str], float, np.ndarray]:
    """Three panels: before, yours, expected."""
    width, tall = (WIDTH - 3 * GAP) / 3, 8.0
    most, height = scale(expected), tall * len(expected)
    moved = np.flatnonzero(np.abs(expected - before).max(axis=1) > 1e-6)
    same = got.shape == expected.shape
    wrong = np.flatnonzero(differs(got, expected).any(axis=1)) if same else np.arange(0)
    parts: list[str] = []
    panels = ((f"{name}, before", before), ("after, yours", got), ("after, expected", expected))
    for k, (title, values) in enumerate(panels):
        x = GAP + k * (width + GAP)
        if values.ndim != 2 or not values.size:
            parts += nothing(x, y, width, title, values).parts
            continue
        parts += pixels(x, y, width, title, colours(values[:MOST, :MOST], most), height).parts
        parts += [text(x - 2, y + 15 + (i + 0.85) * tall, "•", anchor="end", size=9) for i in moved]
        if values is got:
            parts += [box(x, y + 15 + i * tall, width, tall, WRONG, 1.5) for i in wrong]
    return parts, 15 + height, wrong
