"""The class report's plots, as SVG by hand: text that scales, colours of the page, no library to load."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from markupsafe import Markup

from nbjudge.reports.items import ItemStatistics

BINS = 20
WIDTH, HEIGHT = 460, 200
LABEL = 72  # the longest word of a mark, with its number
UPPER, LOWER = 10.0, 22.0  # rows of such words
TOP = 30  # of the bars
RADIUS = 9


def histogram(totals: Sequence[float], best: float) -> list[int]:
    """How many totals lie in each twentieth of the points; a total above the best (a bonus) counts in the last."""
    counted = Counter(min(BINS - 1, max(0, int(BINS * total / best))) for total in totals)
    return [counted[n] for n in range(BINS)]


def distribution(totals: Sequence[float], best: float, mean: float, median: float) -> Markup:
    """Bars of the totals, with mean and median marked."""
    best = best or 1.0  # of an assignment that gives no points
    bars = histogram(totals, best)
    most, left, bottom = max(bars, default=0) or 1, 34, HEIGHT - 34
    wide = (WIDTH - left - 10) / BINS
    parts = []
    for count in _ticks(most):
        y = bottom - (bottom - TOP) * count / most
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(left - 6, y + 4, str(count), "end"))
    for n, count in enumerate(bars):
        tall = (bottom - TOP) * count / most
        told = f"{best * n / BINS:g} to {best * (n + 1) / BINS:g} points: {count}"
        place = f'x="{left + n * wide + 1:.1f}" y="{bottom - tall:.1f}" width="{wide - 2:.1f}" height="{tall:.1f}"'
        parts.append(f'<rect class="bar" {place}><title>{told}</title></rect>')
    for n in range(0, BINS + 1, 2):
        parts.append(_text(left + n * wide, bottom + 16, f"{best * n / BINS:g}", "middle"))
    marks = {
        name: (left + min(value / best, 1) * (WIDTH - left - 10), value) for name, value in (("mean", mean), ("median", median))
    }
    for name, (x, y, anchor) in marked({name: x for name, (x, _) in marks.items()}).items():
        parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 8}" y2="{bottom}"/>')
        parts.append(_text(x + (-4 if anchor == "end" else 4), y, f"{name} {marks[name][1]:.1f}", anchor))
    parts.append(_text(WIDTH - 10, HEIGHT - 3, "points", "end"))
    told = f"How many of {len(totals)} students have how many points; mean {mean:.1f}, median {median:.1f}."
    return _svg(parts, HEIGHT, told)


def marked(places: Mapping[str, float]) -> dict[str, tuple[float, float, str]]:
    """Where the words of two marks stand, so that neither covers the other's words or line: x, y, anchor.

    The word in the lower row points away from the other mark. The one in the upper row may reach over the other's line, which
    begins below it.
    """
    (left, x_left), (right, x_right) = sorted(places.items(), key=lambda item: item[1])
    ends = "start" if x_right + 4 + LABEL <= WIDTH else "end"
    if x_left > 4 + LABEL:
        return {left: (x_left, LOWER, "end"), right: (x_right, UPPER, ends)}
    return {left: (x_left, UPPER, "start"), right: (x_right, LOWER, ends)}


def spread(
    points: Sequence[tuple[float, float]], apart: float, box: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    """Places for round labels, each as near to its point as the ones before it leave room.

    Args:
        points: where they should be.
        apart: the least distance of two.
        box: left, top, right and bottom, within which all stay.
    """
    placed: list[tuple[float, float]] = []
    for x, y in points:
        rings = [(x, y)] + [
            (x + r * apart / 4 * math.cos(2 * math.pi * k / 24), y + r * apart / 4 * math.sin(2 * math.pi * k / 24))
            for r in range(1, 60)
            for k in range(24)
        ]
        inside = [(a, b) for a, b in rings if box[0] <= a <= box[2] and box[1] <= b <= box[3]]
        free = (p for p in inside if all(math.dist(p, other) >= apart for other in placed))
        placed.append(next(free, (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))))
    return placed


def quality(items: Sequence[ItemStatistics]) -> Markup:
    """Each question by difficulty (to the right: easy) and discrimination (upwards: tells students apart)."""
    shown = [(n, i) for n, i in enumerate(items, start=1) if i.difficulty is not None and i.discrimination is not None]
    if not shown:
        return Markup("")
    height, left, top = 280, 34, 28
    wide, tall = WIDTH - left - 24, height - top - 44
    lowest = min(i.discrimination for _, i in shown if i.discrimination is not None)
    low = lowest - 0.08 if lowest < 0 else 0.0  # room for a label

    def place(difficulty: float, discrimination: float) -> tuple[float, float]:
        return left + wide * difficulty, top + tall * (1 - discrimination) / (1 - low)

    parts = []
    for value in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = place(value, value)
        parts.append(f'<line class="grid" x1="{left}" x2="{left + wide}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts += [_text(left - 6, y + 4, f"{value:g}", "end"), _text(x, height - 26, f"{100 * value:.0f} %", "middle")]
    _, y = place(0, 0.2)
    parts.append(f'<line class="mark" x1="{left}" x2="{left + wide}" y1="{y:.1f}" y2="{y:.1f}"/>')
    points = [place(item.difficulty or 0.0, item.discrimination or 0.0) for _, item in shown]
    labels = spread(points, 2 * RADIUS + 1, (left + RADIUS, top, WIDTH - RADIUS, top + tall))
    for point, label in zip(points, labels, strict=True):
        if label != point:
            (a, b), (x, y) = point, label
            parts.append(f'<line class="lead" x1="{a:.1f}" y1="{b:.1f}" x2="{x:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<circle class="dot" cx="{a:.1f}" cy="{b:.1f}" r="2"/>')
    for (n, item), (x, y) in zip(shown, labels, strict=True):
        told = f"{item.title}: {100 * (item.difficulty or 0):.0f} %, {item.discrimination:.2f}"
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"><title>{escape(told)}</title></circle>')
        parts.append(f'<text class="on" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{n}</text>')
    parts += [
        _text(left + wide, height - 8, "mean share of the points: easy to the right", "end"),
        _text(0, 10, "discrimination"),
    ]
    words = "; ".join(f"{i.title} {100 * (i.difficulty or 0):.0f} %, {i.discrimination:.2f}" for _, i in shown)
    return _svg(parts, height, f"Mean share of the points and discrimination of each question: {words}.")


def _ticks(most: int) -> list[int]:
    """Four round counts or fewer, up to the most."""
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if most / s <= 4)
    return list(range(step, most + 1, step))


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(parts: Sequence[str], height: float, alt: str) -> Markup:
    return Markup(
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(alt)}">{"".join(parts)}</svg>'
    )
