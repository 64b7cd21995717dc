"""A look at a notebook as a whole: where its answers came from, and what stands beside the report for who grades it."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader.utils import is_grade
from nbjudge.assignment import Seen
from ps8.questions.report_differences.comparisons import QUESTION as DIFFERENCES

from autograder import beside, provenance
from autograder.artifacts.course_findings import findings_of
from autograder.artifacts.findings_cache import FindingsCache
from autograder.artifacts.findings_text import CELL, TITLE, report_cell
from autograder.provenance.devices import ON_GPU
from autograder.provenance.report import OF_STATE

REPORT = beside.BOXES[0]


def look(nb: NotebookNode, seen: Seen) -> list[str]:
    """Remarks on a notebook. A cell before the report says what the artifacts give, one before each box what may help."""
    earned = {verdict.question: verdict.score for verdict in seen.verdicts}
    return [*provenance.remarks(nb, seen.evidence, earned), *_imitations(nb), *_beside_the_report(nb, seen)]


def _beside_the_report(nb: NotebookNode, seen: Seen) -> list[str]:
    """Measures the handed-in weights again, and says beside the report what came; returns what a human should look at."""
    if REPORT not in beside.texts_of(nb):
        return []
    findings = findings_of(seen.submission, FindingsCache(seen.workspace.evidence))
    differences = next((verdict for verdict in seen.verdicts if verdict.question == DIFFERENCES), None)
    beside.add_suggestions(nb, seen.source, findings, differences)
    beside.insert_before(nb, REPORT, report_cell(findings))
    return list(findings.remarks)


def _imitations(nb: NotebookNode) -> list[str]:
    """Cells of the student's that look like those which the grader puts beside the report."""
    places = [n for n, cell in enumerate(nb.cells, 1) if any(title in cell.source for title in (TITLE, beside.TITLE))]
    return [f"Cell {n} says what the grader writes beside a report, and is the student's own." for n in places]


def added(cell: NotebookNode, after: NotebookNode | None) -> str:
    """What `look` has added: `shown` to the student, `hidden`; empty of any other cell. Beside the report stands only ours."""
    if beside.is_beside(cell):
        return "hidden"
    if cell.get("id") != CELL or after is None:
        return ""
    return "shown" if is_grade(after) or beside.is_beside(after) else ""


def of_no_concern(remark: str) -> bool:
    """Whether a remark is the student's to read, and nobody else's to look at."""
    return remark.startswith(OF_STATE) or ON_GPU in remark
