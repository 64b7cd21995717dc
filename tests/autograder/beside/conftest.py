from __future__ import annotations

import pytest

from autograder.artifacts.findings import AccuracyFinding, Findings
from autograder.artifacts.reevaluation import Measured
from autograder.artifacts.results import Results
from autograder.beside.boxes import BOXES, ReviewedReport

ACCURACY = {"random_rgb": 0.2531, "autoencoder": 0.2884, "supervised": 0.4241, "random_lab": 0.3312, "cmc": 0.4127}
STANDARDISED = {"random_rgb": 0.271, "autoencoder": 0.302, "random_lab": 0.352, "cmc": 0.437}
TEXT = {
    "report_numbers": (
        "On STL-10 with the profile full, 100 epochs: method I 28.8 %, II 42.4 %, III 0.253; random Lab 0.331, CMC 0.413."
    ),
    "report_comparisons": "Rebuilding taught 0.035 over III. CMC less random Lab is what contrast taught; II had labels.",
    "report_curve": "The first batch had 5.68 a view, as by the formula; the loss fell below 11.10 to 8.91: no collapse.",
    "report_bet": "I had bet that the random Lab encoder is no better than III. Colours alone tell a ship from a deer.",
    "report_experiment": "Train the probe on grey images: if CMC keeps its lead, the colours were not the reason for it.",
}


@pytest.fixture
def findings() -> Findings:
    lines = tuple(AccuracyFinding(row, value, Measured(round(value, 3), 8_000, 8_000)) for row, value in ACCURACY.items())
    history = {"loss": [11.02, 10.1, 8.91], "prob_l": [0.004, 0.01, 0.05], "prob_ab": [0.004, 0.01, 0.04]}
    results = Results("STL-10", "full", dict(ACCURACY), dict(STANDARDISED), [3.8, 1.1, 0.6], history)
    return Findings(lines, "8,000 test images (STL-10)", results=results)


@pytest.fixture
def submission(findings: Findings) -> ReviewedReport:
    bets = {"random_rgb": 0.2, "autoencoder": 0.45, "supervised": 0.4, "random_lab": 0.25, "cmc": 0.4}
    assert tuple(TEXT) == BOXES
    return ReviewedReport(TEXT, findings, bets)
