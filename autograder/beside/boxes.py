"""The five boxes of the report, and what is known of a submission when its boxes are looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbjudge.judge.verdict import Verdict
from ps8.settings import Settings, settings

from assignment.builder.stub import TEXT_STUB
from autograder.artifacts import plausible
from autograder.artifacts.findings import Findings
from autograder.artifacts.results import Results

NUMBERS, COMPARISONS, CURVE, BET, EXPERIMENT = BOXES = (
    "report_numbers",
    "report_comparisons",
    "report_curve",
    "report_bet",
    "report_experiment",
)
ROWS = {  # row -> how it is called here, and how a text may call it
    "random_rgb": ("III (random RGB)", r"random[\s_-]*(weights,?\s*)?rgb|\bIII\b"),
    "autoencoder": (
        "I (autoencoder)",
        r"(?i:auto-?encoder)|(?i:\bmethods?)\s+I\b|(?<=against )I\b|\bI\b(?=\s*[:(|=,/]|\s+(against|vs|versus|over|less)\b)",
    ),
    "supervised": ("II (supervised)", r"(?<![\w-])supervised|\bII\b"),
    "random_lab": ("random Lab", r"random[\s_-]*(weights,?\s*|encoder\s+(on|in|for|of)\s+)?lab\b|\blab[\s_,-]*random"),
    "cmc": ("CMC", r"(?<![A-Za-z])cmc(?![A-Za-z])"),
}
_ROWS = {row: re.compile(pattern, re.IGNORECASE if row != "autoencoder" else 0) for row, (_, pattern) in ROWS.items()}
_WORD = re.compile(r"[^\W\d_][\w'-]*")


@dataclass(frozen=True)
class ReviewedReport:
    """What is known of a submission.

    Attributes:
        texts: box -> what stands in it.
        findings: in its artifacts.
        bets: row -> the accuracy that was bet on, before anything was measured.
        differences: the verdict on the table of what differs; None if there is none.
    """

    texts: Mapping[str, str]
    findings: Findings = field(default_factory=Findings)
    bets: Mapping[str, float] = field(default_factory=dict)
    differences: Verdict | None = None

    @property
    def results(self) -> Results:
        return self.findings.results or Results()

    @property
    def cfg(self) -> Settings:
        """The settings of the student's run."""
        return settings(plausible.profile_of(self.results))

    def accuracy(self, row: str) -> float | None:
        """What the student's run gave: as reported or, where nothing was reported, as measured again."""
        if row in self.results.accuracy:
            return self.results.accuracy[row]
        return next((line.measured.accuracy for line in self.findings.lines if line.row == row and line.measured), None)


def written(text: str) -> str:
    """What a student wrote into a box: the text without the stub."""
    return text.replace(TEXT_STUB, "").strip()


def words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return [word.casefold() for word in _WORD.findall(text)]


def rows_named(text: str) -> list[str]:
    """The rows of the table that a text names, in the table's order."""
    return [row for row, pattern in _ROWS.items() if pattern.search(text)]
