"""Labels of the class report's plots do not cover each other."""

from __future__ import annotations

import itertools
import math
import random
from xml.etree import ElementTree

import pytest
from nbjudge.reports.items import ItemStatistics
from nbjudge.reports.plots import LABEL, RADIUS, WIDTH, distribution, marked, quality, spread

SVG = "{http://www.w3.org/2000/svg}"


def span(x: float, anchor: str) -> tuple[float, float]:
    return (x - 4 - LABEL, x - 4) if anchor == "end" else (x + 4, x + 4 + LABEL)


@pytest.mark.parametrize("mean", range(0, 101, 4))
def test_mean_and_median_never_cover_each_other(mean: int) -> None:
    for median in range(0, 101, 4):
        across = {name: 34 + value / 100 * (WIDTH - 44) for name, value in (("mean", mean), ("median", median))}
        places = marked(across)
        for (name, (x, y, anchor)), (other, (x2, y2, anchor2)) in itertools.permutations(places.items(), 2):
            low, high = span(x, anchor)
            low2, high2 = span(x2, anchor2)
            assert low >= 0 and high <= WIDTH, (name, mean, median)
            assert y != y2 or high <= low2 or high2 <= low, (name, other, mean, median)
            if y > y2:  # the other's line begins higher up: it must not go through this word
                assert not low < x2 < high, (name, other, mean, median)


def test_the_plot_has_both_words() -> None:
    root = ElementTree.fromstring(distribution([81.6, 94.0], 100, 87.8, 94.0))
    words = [text.text for text in root.iter("text")]
    assert "mean 87.8" in words and "median 94.0" in words


def test_places_are_apart_and_inside_and_as_near_as_can_be() -> None:
    draw = random.Random(1)
    for _ in range(20):
        points = [(draw.choice([100.0, 105.0, 400.0]), draw.uniform(20, 60)) for _ in range(15)]
        placed = spread(points, 19, (40, 20, 420, 240))
        assert all(40 <= x <= 420 and 20 <= y <= 240 for x, y in placed)
        assert all(math.dist(a, b) >= 19 for a, b in itertools.combinations(placed, 2))
    assert spread([(50, 50), (90, 90)], 19, (40, 20, 420, 240)) == [(50, 50), (90, 90)]


def test_numbers_of_questions_that_are_alike_do_not_cover_each_other() -> None:
    alike = [ItemStatistics(f"q{n}", f"Question {n}", 10, 20, 0.8 + n / 500, 0.6, "", {}) for n in range(12)]
    root = ElementTree.fromstring(quality(alike))
    circles = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter("circle") if c.attrib["r"] == str(RADIUS)]
    assert len(circles) == 12 and all(math.dist(a, b) >= 2 * RADIUS for a, b in itertools.combinations(circles, 2))
    undefined = ItemStatistics("q", "Question", 10, 20, 0.5, None, "undefined", {})
    assert quality([undefined]) == ""
