"""The README's table is what results.json says."""

from __future__ import annotations

import pytest

from benchmarks import readme_table
from benchmarks.readme_table import BEGIN, END, filled

MACHINE = {"date": "2026-01-02", "commit": "abc", "cores": 2, "processor": "x", "python": "3.11", "versions": {"torch": "9"}}
FIGURES = {
    "a.fast": {"says": "fast", "at_least": 2, "unit": "×"},
    "b.slow": {"says": "slow", "at_most": 1, "unit": "s"},
    "c.later": {"says": "not measured yet", "unit": "×"},
}


def test_the_readme_is_up_to_date() -> None:
    assert readme_table.README.read_text("utf-8") == readme_table.current(), "run `python -m benchmarks table`"


def test_a_row_for_each_figure_and_a_line_for_the_machine() -> None:
    results = {
        "b.slow": {"value": 0.75, "machine": MACHINE},
        "a.fast": {"value": 2.5, "min": 2.25, "max": 3.0, "runs": 3, "machine": MACHINE},
    }
    lines = readme_table.table(results, FIGURES).splitlines()
    assert lines[2:4] == ["| fast (`a.fast`) | 2.5× | 2.25 to 3 | ≥ 2× |", "| slow (`b.slow`) | 0.75 s |  | ≤ 1 s |"]
    assert lines[4:] == ["", "Measured on 2026-01-02 at commit abc: 2 cores (x), Python 3.11, torch 9."]


def test_a_figure_that_nobody_explained_is_named() -> None:
    with pytest.raises(ValueError, match=r"does not say what d\.new is"):
        readme_table.table({"d.new": {"value": 1, "machine": MACHINE}}, FIGURES)


def test_only_what_is_between_the_markers_changes() -> None:
    assert filled(f"before\n{BEGIN}\nold\n{END}\nafter\n", "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="once each"):
        filled("no markers", "new")
