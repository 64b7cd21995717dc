from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from ps8.viewing.loss_curve import HEIGHT, LEFT, POINTS, WIDTH, Axis, curve


@pytest.mark.parametrize(
    ("values", "ticks"),
    [([7.2, 11.6], [8, 10]), ([0.5, 100.0], [0.5, 1, 2, 5, 10, 20, 50, 100]), ([3.0], [2.9, 3, 3.1]), ([0.0], [-1, 0, 1])],
)
def test_an_axis_has_room_for_all_and_plain_numbers(values: list[float], ticks: list[float]) -> None:
    axis = Axis(values)
    assert axis.ticks == pytest.approx(ticks)
    assert all(0 < axis.place(value) < HEIGHT for value in [*values, *ticks])
    assert axis.place(max(values)) <= axis.place(min(values))


@pytest.mark.parametrize("values", [[1.0], [5.0, math.nan, 4.0], [0.0, -1.0, 2.0], [1e9, 1e-9], [2.0] * 1000])
def test_a_curve_stays_in_its_picture_whatever_the_losses(values: list[float]) -> None:
    svg = curve(values, 10, {"a & b": 3.0, "not there": math.inf})
    root = ElementTree.fromstring(svg)
    (line,) = re.findall(r'points="([^"]+)"', svg)
    points = [tuple(map(float, point.split(","))) for point in line.split()]
    assert 1 <= len(points) <= POINTS + 1
    assert all(LEFT <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert "a & b: 3" in root.attrib["aria-label"] and "not there" not in svg


def test_names_of_lines_near_each_other_stand_beside_each_other() -> None:
    svg = curve([11.6, 7.0], 40, {"first batch": 11.62, "collapse": 11.1})
    places = re.findall(r'<text x="(\d+)" y="[\d.]+" text-anchor="end">(first batch|collapse)', svg)
    assert len({x for x, _ in places}) == 2


def test_no_finite_loss_is_no_curve() -> None:
    assert curve([], 3, {}) == "" and curve([math.nan], 3, {"x": 1.0}) == ""
