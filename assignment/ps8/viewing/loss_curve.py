"""A curve that grows, as a small SVG: drawn in a fraction of a millisecond, in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 560
HEIGHT: Final = 140
LEFT: Final = 46  # room for the numbers of the axis
RIGHT: Final = 10
TOP: Final = 12
BOTTOM: Final = 20
POINTS: Final = 200  # of a long curve, as many as are drawn
LINE: Final = "#2f86d1"  # the first of the figures' colours, seen on white and on black
STEEP: Final = 4  # largest over smallest value, from which on the axis is logarithmic
NEAR: Final = 14  # pixels between two names of lines


class Axis:
    """Where a value stands, from bottom to top.

    Args:
        values: that must have room, finite; at least one.
    """

    def __init__(self, values: Sequence[float]) -> None:
        low, high = min(values), max(values)
        self.logarithmic = low > 0 and high / low >= STEEP
        if not self.logarithmic:
            room = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
            low, high = low - room, high + room
        else:
            low, high = low / 1.05, high * 1.05
        self._low, self._high = self._scaled(low), self._scaled(high)
        self.ticks = [tick for tick in self._candidates(low, high) if low <= tick <= high]

    def place(self, value: float) -> float:
        """The pixels from the top."""
        share = (self._scaled(value) - self._low) / (self._high - self._low)
        return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.logarithmic else value

    def _candidates(self, low: float, high: float) -> list[float]:
        if self.logarithmic:
            powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            return [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        rough = (high - low) / 3
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)
        return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def curve(values: Sequence[float], epochs: int, lines: Mapping[str, float], name: str = "loss") -> str:
    """The SVG of a curve by epoch; empty where no value is finite.

    Args:
        values: one an epoch, from the first on.
        epochs: how many there are to be.
        lines: values to compare with, by name: dashed lines.
        name: what the curve is of.
    """
    points = [(epoch, value) for epoch, value in enumerate(values, start=1) if math.isfinite(value)]
    lines = {label: value for label, value in lines.items() if math.isfinite(value)}
    if not points:
        return ""
    axis = Axis([value for _, value in points] + list(lines.values()))
    last = max(epochs, len(values), 2)
    inner = [*_ticks(axis, last), *_lines(axis, lines), _drawn(axis, points, last)]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(described(points, lines, name), quote=True)}" '
        f'style="width:100%;max-width:{WIDTH}px;height:auto;display:block" font-size="11" fill="currentColor">'
        + "".join(inner)
        + "</svg>"
    )


def described(points: Sequence[tuple[int, float]], lines: Mapping[str, float], name: str) -> str:
    """What the curve shows, in words."""
    (begin, first), (end, final) = points[0], points[-1]
    course = (
        f"{name} {first:.4g} in epoch {begin}" if begin == end else f"{name} from {first:.4g} to {final:.4g} in epoch {end}"
    )
    compared = "".join(f"; {label}: {value:.4g}, {_beside(final, value)}" for label, value in lines.items())
    return f"Curve of the {course}{compared}."


def _beside(value: float, line: float) -> str:
    if abs(value - line) <= 0.005 * abs(line):
        return "where the curve is now"
    return "the curve is below it now" if value < line else "the curve is above it now"


def _across(epoch: float, last: int) -> float:
    return LEFT + (epoch - 1) / (last - 1) * (WIDTH - LEFT - RIGHT)


def _ticks(axis: Axis, last: int) -> list[str]:
    floor = HEIGHT - BOTTOM
    found = [f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="currentColor" opacity=".5"/>']
    for tick in axis.ticks:
        y = axis.place(tick)
        found.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.4g}</text>')
        found.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="currentColor" opacity=".15"/>')
    for epoch in dict.fromkeys((1, (1 + last) // 2, last)):
        anchor = {1: "start", last: "end"}.get(epoch, "middle")
        found.append(f'<text x="{_across(epoch, last):.1f}" y="{floor + 14}" text-anchor="{anchor}">epoch {epoch}</text>')
    return found


def _lines(axis: Axis, lines: Mapping[str, float]) -> list[str]:
    """Dashed lines with their names above them, at the right; a name that would stand in another's is moved to the left."""
    found, taken = [], list[tuple[float, int]]()
    for label, value in lines.items():
        y = axis.place(value)
        column = 1 + max((place for other, place in taken if abs(other - y) < NEAR), default=-1)
        taken.append((y, column))
        x = WIDTH - RIGHT - column * 190
        found.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-dasharray="5 4" opacity=".75"/>')
        found.append(f'<text x="{x}" y="{max(y - 4, 9):.1f}" text-anchor="end">{escape(label)} {value:.4g}</text>')
    return found


def _drawn(axis: Axis, points: Sequence[tuple[int, float]], last: int) -> str:
    step = -(-len(points) // POINTS)
    shown = [*points[:-1:step], points[-1]]
    path = " ".join(f"{_across(epoch, last):.1f},{axis.place(value):.1f}" for epoch, value in shown)
    x, y = path.rsplit(" ", 1)[-1].split(",")
    return (
        f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="2"/>'
        f'<circle cx="{x}" cy="{y}" r="3" fill="{LINE}"/>'
    )
