"""Where the feedback points to in the book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nbformat import NotebookNode

from assignment.builder.lesson import headings

MISTAKES = "mistakes"  # the page of common mistakes
HEADING = re.compile(r"^#{2,6} ", re.MULTILINE)


def section_anchor(question: str) -> str:
    """The anchor, in the walkthrough, of the section that asks a question: `cmc-score` of `cmc_score`."""
    return question.replace("_", "-")


def mistake_anchor(id: str) -> str:
    """The anchor of a misconception on the page of common mistakes."""
    return re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")


def anchored(page: NotebookNode, questions: Iterable[str]) -> dict[str, str]:
    """Puts an anchor before the heading of each question's section in a notebook.

    Args:
        page: changed in place; its answer cells have the ids `QUESTION-answer`, or `QUESTION` if in words.
        questions: those of the whole assignment.

    Returns:
        The headings' texts, without their points, by question; only of the questions that this page asks.
    """
    titles = {}
    for question in questions:
        at = next((n for n, cell in enumerate(page.cells) if cell.id in (f"{question}-answer", question)), None)
        for cell in reversed(page.cells[: at or 0]):
            found = list(HEADING.finditer(cell.source)) if cell.cell_type == "markdown" else []
            if found:
                start = found[-1].start()
                titles[question] = headings(cell.source[start:])[0][1].partition("·")[0].strip()
                cell.source = f"{cell.source[:start]}({section_anchor(question)})=\n{cell.source[start:]}"
                break
    return titles


def missing_sections(wanted: Mapping[str, str], there: Iterable[str]) -> list[str]:
    """What points to an anchor that is not in the walkthrough.

    Args:
        wanted: the anchor that each question or misconception names, by its id.
        there: the walkthrough's anchors.
    """
    known = set(there)
    return [
        f"{id} points to the section {anchor!r}, which is no anchor of the walkthrough; there are {', '.join(sorted(known))}"
        for id, anchor in wanted.items()
        if anchor not in known
    ]
