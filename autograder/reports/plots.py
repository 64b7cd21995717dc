"""The class report's plots, as SVG by hand: text that scales, colours of the page, no library to load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from autograder.reports.items import Item

BINS = 20
WIDTH, HEIGHT = 460, 200


def histogram(totals: Sequence[float], best: float) -> list[int]:
    """How many totals lie in each twentieth of the points; a total above the best (a bonus) counts in the last."""
    counted = Counter(min(BINS - 1, max(0, int(BINS * total / best))) for total in totals)
    return [counted[n] for n in range(BINS)]


def distribution(totals: Sequence[float], best: float, mean: float, median: float) -> Markup:
    """Bars of the totals, with mean and median marked."""
    bars = histogram(totals, best)
    most, left, bottom = max(bars, default=0) or 1, 34, HEIGHT - 34
    wide = (WIDTH - left - 10) / BINS
    parts = []
    for count in _ticks(most):
        y = bottom - (bottom - 26) * count / most
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(left - 6, y + 4, str(count), "end"))
    for n, count in enumerate(bars):
        tall = (bottom - 26) * count / most
        told = f"{best * n / BINS:g} to {best * (n + 1) / BINS:g} points: {count}"
        place = f'x="{left + n * wide + 1:.1f}" y="{bottom - tall:.1f}" width="{wide - 2:.1f}" height="{tall:.1f}"'
        parts.append(f'<rect class="bar" {place}><title>{told}</title></rect>')
    for n in range(0, BINS + 1, 2):
        parts.append(_text(left + n * wide, bottom + 16, f"{best * n / BINS:g}", "middle"))
    for value, name, y in ((mean, "mean", 10), (median, "median", 21)):
        x = left + min(value / best, 1) * (WIDTH - left - 10)
        parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 2}" y2="{bottom}"/>')
        anchor = "end" if x > WIDTH / 2 else "start"
        parts.append(_text(x + (-4 if anchor == "end" else 4), y, f"{name} {value:.1f}", anchor))
    parts.append(_text(WIDTH - 10, HEIGHT - 3, "points", "end"))
    told = f"How many of {len(totals)} students have how many points; mean {mean:.1f}, median {median:.1f}."
    return _svg(parts, HEIGHT, told)


def quality(items: Sequence[Item]) -> Markup:
    """Each question by difficulty (to the right: easy) and discrimination (upwards: tells students apart)."""
    shown = [(n, i) for n, i in enumerate(items, start=1) if i.difficulty is not None and i.discrimination is not None]
    if not shown:
        return Markup("")
    height, left, top = 270, 34, 18
    wide, tall = WIDTH - left - 24, height - top - 44
    low = min(0.0, *(i.discrimination for _, i in shown if i.discrimination is not None))

    def place(difficulty: float, discrimination: float) -> tuple[float, float]:
        return left + wide * difficulty, top + tall * (1 - discrimination) / (1 - low)

    parts = []
    for value in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = place(value, value)
        parts.append(f'<line class="grid" x1="{left}" x2="{left + wide}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts += [_text(left - 6, y + 4, f"{value:g}", "end"), _text(x, height - 26, f"{100 * value:.0f} %", "middle")]
    _, y = place(0, 0.2)
    parts.append(f'<line class="mark" x1="{left}" x2="{left + wide}" y1="{y:.1f}" y2="{y:.1f}"/>')
    for n, item in shown:
        x, y = place(item.difficulty or 0.0, item.discrimination or 0.0)
        told = f"{item.title}: {100 * (item.difficulty or 0):.0f} %, {item.discrimination:.2f}"
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="10"><title>{escape(told)}</title></circle>')
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
