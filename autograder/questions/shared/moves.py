"""1.4, 1.5 and 2.3: how far a training step moved each parameter, against how far it should have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import nothing
from autograder.figures.svg import box, drawing, text

SIDE, GAP, MARGIN, PANELS = 150.0, 40.0, 18.0, 2
MOST = 120  # dots of a panel
OFF = 5e-5  # below this a parameter moved as it should; Adam moves it by 3e-4 and more
DOT = "#3b6fd4"


def moves(runs: Mapping[str, str]) -> Callable[[Case], Figure | None]:
    """Draws the first two of these runs in which a parameter moved other than it should.

    Args:
        runs: run, or run:part, in the evidence -> how to call it.
    """

    def draw(case: Case) -> Figure | None:
        parts: list[str] = []
        words: list[str] = []
        for run, title in runs.items():
            moved = _moved(case, run)
            if moved is None or len(words) == PANELS:
                continue
            actual, expected = moved
            x = MARGIN + len(words) * (SIDE + GAP)
            if actual.shape != expected.shape:
                parts += nothing(x, 0, SIDE, title, actual).parts
                words.append(f"{title}: {actual.size} parameters, expected {expected.size}.")
            elif not (np.abs(actual - expected) <= OFF).all():
                parts += _scatter(x, title, actual, expected)
                words.append(
                    f"{title}: {int((~(np.abs(actual - expected) <= OFF)).sum())} of {actual.size} parameters moved otherwise."
                )
        caption = (
            "Each dot is a parameter: how far it should have moved, and how far yours did. Right ones lie on the diagonal."
        )
        return Figure(drawing(parts, SIDE + 34), caption, " ".join(words)) if words else None

    return draw


def _moved(case: Case, run: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The moves of the answer and of the reference; None where the answer left none."""
    name, _, part = run.partition(":")
    after, before = (f"{name}.{part}", f"{name}.{part}_before") if part else (f"{name}.after", f"{name}.before")
    actual, start = case.actual.arrays.get(after), case.expected.arrays[before]
    if actual is None:
        return None
    expected = case.expected.arrays[after] - start
    actual = actual.ravel()
    return (actual - start if actual.shape == start.shape else actual), expected


def _scatter(x: float, title: str, actual: np.ndarray, expected: np.ndarray) -> list[str]:
    """Expected moves to the right, the answer's upwards, on the scale of the expected ones if any is expected to move."""
    finite = actual[np.isfinite(actual)]
    most = 1.15 * float(np.abs(expected).max() or np.abs(finite).max(initial=0)) or 1.0
    step = -(-len(actual) // MOST)
    order = np.argsort(expected, kind="stable")[::step]
    top = 15.0

    def place(value: float) -> float:
        return float(np.clip(value / most, -1, 1)) * SIDE / 2

    parts = [text(x, 10, title), box(x, top, SIDE, SIDE)]
    corner = f'x1="{x:g}" y1="{top + SIDE:g}" x2="{x + SIDE:g}" y2="{top:g}"'
    parts.append(f'<line {corner} stroke="currentColor" stroke-width="0.7" stroke-dasharray="3 3"/>')
    for i in order:
        if np.isfinite(actual[i]):
            cx, cy = x + SIDE / 2 + place(expected[i]), top + SIDE / 2 - place(actual[i])
            parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="2.6" fill="{DOT}" fill-opacity="0.65"/>')
    parts.append(text(x + SIDE / 2, top + SIDE + 14, "expected", anchor="middle"))
    up = f"{x - 6:g} {top + SIDE / 2:g}"
    parts.append(f'<g transform="rotate(-90 {up})">{text(x - 6, top + SIDE / 2, "actual", anchor="middle")}</g>')
    return parts
