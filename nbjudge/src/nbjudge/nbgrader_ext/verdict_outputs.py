"""A verdict as a cell's outputs: for a person, and as the one number that nbgrader reads."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nbformat import NotebookNode

from nbjudge.assignment import Assignment, plain_title
from nbjudge.ground import notebooks
from nbjudge.ground.markdown import in_a_sentence
from nbjudge.judge.figure import Figure
from nbjudge.judge.verdict import Status, Verdict

SVG = "image/svg+xml"
NOTES_ID = "what-the-grader-says"
_TITLES = {
    Status.RIGHT: "Right.",
    Status.WRONG: "Not all right yet.",
    Status.NOT_STARTED: "Not started.",
    Status.COULD_NOT_RUN: "This could not be run.",
}


def verdict_outputs(verdict: Verdict, points: float, figure: Figure | None = None) -> list[NotebookNode]:
    """The message and a picture (`display_data`), and the number (`execute_result`), on the scale of the cell's points."""
    verdict = verdict.worth(points)
    message = {"text/plain": verdict_text(verdict), "text/html": as_html(verdict)}
    outputs = [notebooks.new_output("display_data", data=message)]
    if figure is not None:
        drawn = {SVG: figure.svg, "text/plain": figure.alt}
        outputs.append(notebooks.new_output("display_data", data=drawn, metadata={"caption": figure.caption}))
    return [*outputs, notebooks.new_output("execute_result", data={"text/plain": repr(verdict.score)})]


def verdict_text(verdict: Verdict) -> str:
    """The verdict for a terminal: a title, a line for each criterion, the remarks."""
    lines = [f"{_TITLES[verdict.status]} {verdict.score:g} of {verdict.points:g} points."]
    for line in verdict.lines:
        mark = "+" if line.earned == line.points else "-"
        lines.append(f" {mark} {line.name}: {line.earned:g}/{line.points:g}" + (f"\n     {line.reason}" if line.reason else ""))
    return "\n".join([*lines, *(f" ! {remark}" for remark in verdict.remarks)])


def as_html(verdict: Verdict) -> str:
    """The same as HTML, of the few tags that formgrader shows: no paragraph and no table. Every text is escaped."""
    rows = "".join(
        f"<li>{'✓' if line.earned == line.points else '✗'} {escape(line.name)}: {line.earned:g}&nbsp;/&nbsp;{line.points:g}"
        + (f"<div><em>{escape(line.reason)}</em></div>" if line.reason else "")
        + "</li>"
        for line in verdict.lines
    )
    remarks = "".join(f"<div>{escape(remark)}</div>" for remark in verdict.remarks)
    title = f"<div><strong>{_TITLES[verdict.status]} {verdict.score:g} of {verdict.points:g} points.</strong></div>"
    return f"{title}<ul>{rows}</ul>{remarks}"


def notes_cell(verdicts: Sequence[tuple[Verdict, float]], remarks: Sequence[str], assignment: Assignment) -> NotebookNode:
    """A first cell for the student: each question's verdict in a line, and what else should be said."""
    lines = ["## What the grader says", "", "| question | points | |", "| --- | ---: | --- |"]
    lines += [
        f"| {titled(v, assignment)} | {v.worth(points).score:g} / {points:g} | {v.status.value} |" for v, points in verdicts
    ]
    if not verdicts:
        lines = lines[:2]
    lines += [""] + [f"- {in_a_sentence(remark)}" for remark in remarks]
    cell = notebooks.new_markdown_cell("\n".join(lines).rstrip())
    cell["id"] = NOTES_ID
    return cell


def titled(verdict: Verdict, assignment: Assignment) -> str:
    """What a question is called: as the assignment does, or by the name of its test cell where no judge knows it."""
    return in_a_sentence(plain_title(verdict.question)) if verdict.ordinary else assignment.title(verdict.question)
