"""Pictures of 1.1, 1.2 and 2.1: what the answer made of the grader's input, beside what the reference makes of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import MOST, differs, nothing, pixels, scale
from autograder.figures.svg import WIDTH, colours, drawing

MAPS, ACROSS = 48, 6  # feature maps that are drawn, and how many stand in a row
GAP = 12
NOT_EQUAL = "The two should be equal."


def pair(case: Case, key: str, what: str, draw: Callable[[np.ndarray, float], np.ndarray | None]) -> Figure | None:
    """An array of the answer beside that of the reference."""
    actual, expected = case.actual.arrays.get(key), case.expected.arrays[key]
    if actual is None or (actual.shape == expected.shape and not differs(actual, expected).any()):
        return None
    width, most = (WIDTH - GAP) / 2, scale(expected)
    panels = []
    for k, (title, values) in enumerate((("actual", actual), ("expected", expected))):
        drawn = draw(values, most)
        x = k * (width + GAP)
        title = f"{title}, shape {list(values.shape)}"
        panels.append(nothing(x, 0, width, title, values) if drawn is None else pixels(x, 0, width, title, drawn))
    caption = f"The {what} of one of the grader's inputs, with given weights. {NOT_EQUAL}"
    alt = f"The {what} of the answer, shape {list(actual.shape)}, beside the expected ones, shape {list(expected.shape)}."
    return Figure(drawing([p for panel in panels for p in panel.parts], max(p.height for p in panels)), caption, alt)


def montage(values: np.ndarray, most: float) -> np.ndarray | None:
    """The maps of the first image, (batch, maps, rows, columns), side by side with white lines between."""
    if values.ndim != 4 or not values.size:
        return None
    maps = values[0, :MAPS, :MOST, :MOST]
    count, rows, columns = maps.shape
    across, line = min(ACROSS, count), 1 + max(rows, columns) // 8
    down = -(-count // across)
    sheet = np.full((down * (rows + line) - line, across * (columns + line) - line, 3), 255, dtype=np.uint8)
    for k in range(count):
        top, left = (k // across) * (rows + line), (k % across) * (columns + line)
        sheet[top : top + rows, left : left + columns] = colours(maps[k], most)
    return sheet


def image(values: np.ndarray, expected: np.ndarray) -> np.ndarray | None:
    """The first image in its colours if it has three of them, else its maps."""
    if values.ndim == 4 and values.size and values.shape[1] == 3:
        return rgb(values[:, :, :128, :128], expected)
    return montage(values, scale(expected))


def rgb(values: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The first image, (batch, 3, rows, columns), with the range of the expected one stretched over all of black to white."""
    low, high = np.percentile(expected[0], (0.5, 99.5))
    stretched = (np.nan_to_num(values[0]) - low) / max(high - low, 1e-6)
    image: np.ndarray = (255 * np.clip(stretched, 0, 1)).astype(np.uint8).transpose(1, 2, 0)
    return image


def span_in_words(values: np.ndarray) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "Yours holds no finite number."
    low, high = finite.min(), finite.max()
    return "" if low >= 0 and high <= 1 else f"Yours runs from {low:.3g} to {high:.3g}; an image's values lie between 0 and 1."
