"""Findings as a cell beside the report, and on the terminal."""

from __future__ import annotations

import json

from autograder.artifacts.findings import AccuracyFinding, Findings
from autograder.artifacts.findings_text import as_text, in_a_line, report_cell
from autograder.artifacts.reevaluation import Measured

FINDINGS = Findings(
    lines=(
        AccuracyFinding("random_rgb", 0.25, None, "probe_random_rgb.pth is missing"),
        AccuracyFinding("autoencoder", 0.29, Measured(0.291, 8_000, 8_000)),
        AccuracyFinding("cmc", 0.62, Measured(0.31, 8_000, 8_000)),
        AccuracyFinding("random_lab", 0.40, Measured(0.41, 1_000, 8_000)),
        AccuracyFinding("supervised", None, Measured(0.44, 1_000, 8_000)),
    ),
    images="8,000 test images (STL-10)",
    remarks=("results.json says 0.620 for cmc.",),
    notes=("Epochs trained.",),
)


def test_the_cell_has_a_row_for_each_accuracy() -> None:
    lines = report_cell(FINDINGS).source.splitlines()
    assert "| `random_rgb` | 0.250 | probe_random_rgb.pth is missing |  |" in lines
    assert "| `autoencoder` | 0.290 | 0.291 | agree |" in lines
    assert "| `cmc` | 0.620 | 0.310 | **differ** |" in lines
    assert "| `random_lab` | 0.400 | 0.410 (1,000 images) | agree |" in lines
    assert "| `supervised` | - | 0.440 (1,000 images) |  |" in lines
    assert lines[-3].startswith("- Measured on 8,000 test images (STL-10)")
    assert lines[-2:] == ["- results.json says 0.620 for cmc.", "- Epochs trained."]


def test_the_cell_without_anything_has_no_table() -> None:
    source = report_cell(Findings(notes=("Nothing was handed in.",))).source
    assert "|" not in source
    assert source.endswith("- Nothing was handed in.")


def test_what_a_student_named_is_no_markup() -> None:
    source = report_cell(Findings(remarks=("<img src=x>.pth [a](b) *c* | d is a link.",))).source
    assert "<img" not in source
    assert "\\[a" in source
    assert "\\| d" in source


def test_the_terminal_says_the_same() -> None:
    text = as_text("ada", FINDINGS)
    assert text.splitlines()[0] == "ada"
    assert "differ" in text
    assert "**" not in text
    assert text.count("\n") == 1 + len(FINDINGS.lines) + 3


def test_a_class_in_a_line() -> None:
    agree = Findings(lines=(FINDINGS.lines[1],))
    line = in_a_line({"ada": agree, "student16": FINDINGS, "student02": Findings(), "student03": Findings(FINDINGS.lines[:1])})
    assert line.startswith("results.json and weights: 1 agree, 1 differ (student16), 2 not compared.")


def test_findings_go_through_json() -> None:
    assert Findings.from_json(json.loads(json.dumps(FINDINGS.as_json()))) == FINDINGS
