"""Pictures of scores and of what a loss does to them: two tables side by side, with what differs outlined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import differs, nothing, numbers, scale
from autograder.figures.svg import WIDTH, drawing

GAP = 12


def gradient(key: str) -> Callable[[Case], Figure | None]:
    """The gradient of a loss by the scores."""

    def draw(case: Case) -> Figure | None:
        caption = (
            "How the loss pulls at each score of one of the grader's batches (its gradient): a row for each image, the "
            "positive in the first column. Blue is pushed up, orange is pushed down; what differs has an outline."
        )
        return tables(case, {"gradient": key}, caption, atol=1e-6)

    return draw


def tables(case: Case, pairs: dict[str, str], caption: str, atol: float = 1e-4) -> Figure | None:
    """Each pair as two tables side by side, if one of them has something wrong."""
    width, y = (WIDTH - GAP) / 2, 0.0
    parts: list[str] = []
    words, anything = [], False
    for name, key in pairs.items():
        actual, expected = case.actual.arrays.get(key), case.expected.arrays[key]
        wrong = differs(actual, expected, atol=atol) if actual is not None and actual.shape == expected.shape else None
        if actual is None:
            left = nothing(0, y, width, f"{name}, actual", None)
        else:
            title = f"{name}, actual" if wrong is not None else f"actual, shape {list(actual.shape)}"
            left = numbers(0, y, width, title, actual, scale(expected), wrong)
        title = "expected" if wrong is not None or actual is None else f"expected, shape {list(expected.shape)}"
        right = numbers(width + GAP, y, width, title, expected, scale(expected), None)
        parts += [*left.parts, *right.parts]
        y += max(left.height, right.height) + 10
        anything |= actual is not None and (wrong is None or bool(wrong.any()))
        words.append(_told(name, actual, expected, wrong))
    return Figure(drawing(parts, y), caption, " ".join(words)) if anything else None


def _told(name: str, actual: np.ndarray | None, expected: np.ndarray, wrong: np.ndarray | None) -> str:
    if actual is None:
        return f"{name}: nothing came."
    if wrong is None:
        return f"{name}: shape {list(actual.shape)}, expected {list(expected.shape)}."
    return f"{name}: {int(wrong.sum())} of {wrong.size} entries differ from the expected ones."
