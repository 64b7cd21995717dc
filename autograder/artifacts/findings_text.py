"""Findings for people: beside the report in the autograded notebook, and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from nbformat import NotebookNode
from nbjudge.ground.markdown import in_a_sentence
from nbjudge.ground.notebooks import new_markdown_cell

from autograder.artifacts.findings import AccuracyFinding, Findings
from autograder.artifacts.reevaluation import TOLERANCE

TITLE = "What the grader found in `results.json` and the weights"
CELL = "what-the-weights-say"
_VERDICTS = {True: "agree", False: "**differ**", None: ""}


def report_cell(findings: Findings) -> NotebookNode:
    """A cell to stand beside the report: the reported accuracies, those measured again, and what else is worth knowing."""
    lines = [f"#### {TITLE}", ""]
    if findings.lines:
        lines += ["| | results.json | measured again | |", "| --- | ---: | ---: | --- |"]
        lines += [
            f"| `{line.row}` | {_reported(line)} | {_measured(line)} | {_VERDICTS[line.agrees]} |" for line in findings.lines
        ]
        lines.append("")
    lines += [f"- {in_a_sentence(sentence)}" for sentence in findings_sentences(findings)]
    cell = new_markdown_cell("\n".join(lines).rstrip())
    cell["id"] = CELL
    return cell


def as_text(student: str, findings: Findings) -> str:
    """The same for the terminal."""
    rows = [
        f"  {line.row:12}{_reported(line):>8}{_measured(line):>10}  {_VERDICTS[line.agrees].strip('*')}"
        for line in findings.lines
    ]
    head = [f"  {'':12}{'reported':>8}{'measured':>10}"] if rows else []
    return "\n".join([student, *head, *rows, *(f"  - {sentence}" for sentence in findings_sentences(findings))])


def in_a_line(findings: Mapping[str, Findings]) -> str:
    """A class in a sentence.

    Args:
        findings: student -> what was found.
    """
    by_verdict: dict[str, list[str]] = {"agree": [], "differ": [], "not compared": []}
    for student, found in findings.items():
        by_verdict[found.verdict].append(student)
    names = f" ({', '.join(by_verdict['differ'])})" if by_verdict["differ"] else ""
    counts = [f"{len(students)} {verdict}{names * (verdict == 'differ')}" for verdict, students in by_verdict.items()]
    return f"results.json and weights: {', '.join(counts)}. `nbjudge artifacts` says more."


def findings_sentences(findings: Findings) -> list[str]:
    """What is said below the table."""
    measured = (
        [f"Measured on {findings.images}, with the weights of the probe files. Up to {TOLERANCE} apart counts as the same."]
        if findings.images
        else []
    )
    return [*measured, *findings.remarks, *findings.notes]


def _reported(line: AccuracyFinding) -> str:
    return "-" if line.reported is None else f"{line.reported:.3f}"


def _measured(line: AccuracyFinding) -> str:
    if line.measured is None:
        return line.why or "-"
    part = "" if line.measured.images == line.measured.total else f" ({line.measured.images:,} images)"
    return f"{line.measured.accuracy:.3f}{part}"
