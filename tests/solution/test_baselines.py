from __future__ import annotations

from typing import Any

from solution.baselines import combine, labels_figure, labels_markdown, markdown, text


def run(seed: int, cmc: float) -> dict[str, Any]:
    shared = {"data": "photo sample", "profile": "quick", "recipe": "course", "settings": {}, "machine": {}, "chance": 0.1}
    labels = {"cmc": {"10": cmc / 2, "500": cmc}}
    measured = {"accuracy": {"supervised": 0.4, "cmc": cmc}, "standardised": {"cmc": cmc - 0.1}, "labels": labels}
    return {**shared, "seed": seed, **measured, "seconds": {"cmc": 60.0}}


def test_one_number_a_seed() -> None:
    table = combine([run(1, 0.5), run(2, 0.7)])
    assert table["seeds"] == [1, 2]
    assert table["accuracy"] == {"supervised": [0.4, 0.4], "cmc": [0.5, 0.7]}
    assert table["standardised"] == {"cmc": [0.5 - 0.1, 0.7 - 0.1]}
    assert table["labels"] == {"cmc": {"10": [0.25, 0.35], "500": [0.5, 0.7]}}


def test_text_gives_mean_and_spread() -> None:
    lines = text(combine([run(1, 0.5), run(2, 0.7)])).splitlines()
    assert "  chance               0.100" in lines
    assert "  CMC, Lab             0.600 (0.500 to 0.700)   0.500 (0.400 to 0.600)" in lines
    assert "  supervised, RGB      0.400 (0.400 to 0.400)" in lines
    assert "  labels a class            10     500" in lines
    assert "  CMC, Lab               0.300   0.600" in lines


def test_the_lesson_shows_the_sets_side_by_side() -> None:
    lines = markdown({"one": combine([run(1, 0.5), run(2, 0.7)]), "two": combine([run(1, 0.5)])}).splitlines()
    assert lines[:2] == [
        "| features of | one, as they come | standardised | two, as they come | standardised |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    assert "| CMC, Lab | 0.600 ± 0.141 | 0.500 ± 0.141 | 0.500 | 0.400 |" in lines
    assert "| supervised, RGB | 0.400 ± 0.000 | – | 0.400 | – |" in lines


def test_the_lesson_shows_fewer_labels() -> None:
    lines = labels_markdown(combine([run(1, 0.5), run(2, 0.7)])).splitlines()
    assert lines == ["| labels a class | 10 | 500 |", "| --- | ---: | ---: |", "| CMC, Lab | 0.300 | 0.600 |"]


def test_the_curve_has_a_line_a_row() -> None:
    axes = labels_figure(combine([run(1, 0.5), run(2, 0.7)])).axes[0]
    (line,) = axes.lines
    assert (line.get_xdata().tolist(), line.get_ydata().round(6).tolist()) == ([10, 500], [0.3, 0.6])
    assert labels_figure(combine([{**run(1, 0.5), "labels": {}}])) is None
