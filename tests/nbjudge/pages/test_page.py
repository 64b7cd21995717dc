"""The page: verdicts at the top, reasons with links, pictures, the notebook; nothing secret and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from nbjudge.gather.ask import is_test
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from nbjudge.nbgrader_ext.verdict_outputs import notes_cell, verdict_outputs
from nbjudge.pages.page import PageFacts, student_page
from nbrepair.slicing import answer_text

from assignment.builder.__main__ import Build
from assignment.builder.anchors import section_anchor
from assignment.builder.leaks import find_leaks
from assignment.builder.publish import secrets_of
from autograder.artifacts.findings import Findings
from autograder.artifacts.findings_text import report_cell
from autograder.catalogue import catalogue
from autograder.course_notebooks import by_hand, release
from autograder.definition import PS8
from autograder.figures.selection import figure
from autograder.judge import reference
from autograder.questions import QUESTIONS, READERS
from autograder.questions.report_differences.question import judge_differences
from trials.classroom.submissions import solved

from ..harmless import dangers, read

BUILD = Build()
COURSE = BUILD.course
KNOWN = {m.id: m for m in catalogue()}
SEED = 5
ONE_EACH = {
    "encoder": "encoder.padding",
    "decoder": "decoder.sigmoid_missing",
    "train_ae": "train_ae.no_step",
    "train_classifier": "train_classifier.frozen_encoder_trained",
    "encoder_cmc": "encoder_cmc.views_swapped",
    "cmc_score": "cmc_score.temperature_forgotten",
    "softmax_loss": "softmax_loss.label_one",
    "train_cmc": "train_cmc.one_view",
    "nce": "nce.noise_only",
}


def judged(question: str, mistake: str = "") -> tuple[Verdict, object]:
    """The verdict on the reference with a mistake put in, and its picture."""
    edits = KNOWN[mistake].edits if mistake else ()
    case = Case(reference.fresh_evidence(question, SEED, edits), reference.evidence(question, SEED), SEED)
    verdict = judge_case(QUESTIONS[question], case)
    return verdict, figure(question, case) if verdict.status is Status.WRONG else None


def graded(
    nb: NotebookNode, verdicts: Mapping[str, tuple[Verdict, object]], remarks: Sequence[str] = (), **changes: dict
) -> NotebookNode:
    """A notebook as it is when nbgrader and `Grades` are through with it. `changes` are for the metadata of grade ids."""
    told = []
    for cell in nb.cells:
        if is_test(cell) and cell.metadata.nbgrader.grade_id in verdicts:
            verdict, picture = verdicts[cell.metadata.nbgrader.grade_id]
            points = float(cell.metadata.nbgrader.points)
            told.append((verdict, points))
            cell.outputs = verdict_outputs(verdict, points, picture)  # type: ignore[arg-type]
            cell.metadata.nbgrader.score = verdict.worth(points).score
        elif is_grade(cell):
            cell.metadata.nbgrader.score = 0.0
        if is_solution(cell):
            cell.metadata.nbgrader.comment = None
        if name := cell.metadata.get("nbgrader", {}).get("grade_id"):
            cell.metadata.nbgrader.update(changes.get(name.replace("-", "_"), {}))
    nb.metadata["nbjudge"] = nbformat.from_dict(
        {"remarks": list(remarks), "verdicts": {v.question: v.as_dict() for v, _ in told}}
    )
    nb.cells.insert(0, notes_cell(told, remarks, PS8))
    return nb


def page_of(nb: NotebookNode, notebook: str = "ps8", **facts: object) -> str:
    scores = [(cell.metadata.nbgrader.score, cell.metadata.nbgrader.points) for cell in nb.cells if is_grade(cell)]
    given = frozenset(c.source for c in BUILD.notebooks[notebook].cells if not is_grade(c) and not is_solution(c))
    told = {"student": "student07", "score": sum(s for s, _ in scores), "points": float(sum(p for _, p in scores)), **facts}
    return student_page(nb, PageFacts(notebook=notebook, released=given, **told), PS8)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def wrong() -> dict[str, tuple[Verdict, object]]:
    """A mistake in every question."""
    return {question: judged(question, mistake) for question, mistake in ONE_EACH.items()}


@pytest.fixture(scope="module")
def wrong_page(wrong: dict) -> str:
    return page_of(graded(release("ps8"), wrong, ["A cell was missing: `put back`."]))


@pytest.fixture(scope="module")
def right_page() -> str:
    told: dict = {q: judged(q) for q in QUESTIONS}
    told["report_differences"] = (judge_differences(answer_text(solved("ps8"), "report_differences")), None)
    return page_of(graded(solved("ps8"), told, **{box: {"waiting": True} for box in by_hand()}))


def card(page: str, question: str) -> str:
    found = re.search(rf'<article class="card [^"]*" id="why-{question}">.*?</article>', page, re.DOTALL)
    assert found, question
    return found[0]


@pytest.mark.parametrize("question", [q for q in ONE_EACH if q != "nce"])
def test_a_mistake_is_named_and_linked(wrong_page: str, question: str) -> None:
    mistake, told = KNOWN[ONE_EACH[question]], card(wrong_page, question)
    assert mistake.name.split("`")[0] in told
    assert f"−{mistake.costs:g}<" in told
    assert f'href="{COURSE.book}mistakes.html#{mistake.id.replace(".", "-").replace("_", "-")}"' in told
    assert f'href="{COURSE.book}ps8.html#{section_anchor(question)}"' in told
    assert 'href="#cell-' in told
    assert "Not all right yet" in told


@pytest.mark.parametrize("question", [q for q in ONE_EACH if q != "nce"])
def test_a_wrong_answer_has_its_picture(wrong_page: str, question: str) -> None:
    told = card(wrong_page, question)
    assert "<svg" in told and 'role="img" aria-label="' in told and "<figcaption>" in told


def test_a_right_answer_is_one_line_and_no_picture(right_page: str) -> None:
    assert "<article" not in right_page and "<svg" not in right_page
    judged_here = len(QUESTIONS) - 1 + len(READERS)  # nce has its own notebook
    assert right_page.count(">Right<") == 2 * judged_here  # at the top and at its cell
    assert "91 of 100 points" in right_page and "so far" in right_page and "Waits for a person" in right_page


def test_every_jump_lands(wrong_page: str, right_page: str) -> None:
    for page in (wrong_page, right_page):
        told = read(page)
        assert set(told.targets) <= set(told.ids)
        assert len(told.ids) == len(set(told.ids))


def test_the_optional_notebook(wrong: dict) -> None:
    page = page_of(graded(release("nce"), wrong), "nce", others=("ps8",))
    assert f'href="{COURSE.book}nce.html#nce"' in card(page, "nce")
    assert 'href="ps8.html"' in page


@pytest.mark.parametrize("name", ["ps8", "nce"])
def test_no_secret_is_in_a_page(wrong: dict, name: str) -> None:
    """Neither lines of solutions, nor hidden tests, nor the catalogue's code, though everything about the answers is told."""
    secrets = secrets_of(COURSE, BUILD.lessons, BUILD.notebooks)
    assert len(secrets) > 100
    page = page_of(graded(release(name), wrong), name)
    assert find_leaks({"page": page.encode()}, secrets) == []
    hidden = BUILD.notebooks[name]  # a page of the instructor's own notebook would leak, were its tests shown
    page = page_of(graded(_without_answers(hidden), wrong), name)
    assert find_leaks({"page": page.encode()}, secrets) == []


def _without_answers(nb: NotebookNode) -> NotebookNode:
    nb = nbformat.from_dict(nb)
    for cell in nb.cells:
        if is_solution(cell):
            cell.source = "pass"
    return nb


def test_the_leak_check_sees_a_leak(wrong: dict) -> None:
    secrets = secrets_of(COURSE, BUILD.lessons, BUILD.notebooks)
    assert find_leaks({"page": page_of(graded(solved("ps8"), wrong)).encode()}, secrets)


def test_the_page_stands_alone(wrong_page: str, right_page: str) -> None:
    for page in (wrong_page, right_page):
        assert dangers(page) == []
        assert "default-src 'none'" in page
        assert "prefers-color-scheme: dark" in page and "width=device-width" in page
        assert len(page.encode()) < 300_000


ATTACK = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n"
    "[x](javascript:alert(1)) ![x](attachment:none)\n\n\x1b[2J\u202e\ud800"
)


def test_hostile_cells_and_names_do_nothing(wrong: dict) -> None:
    nb = graded(solved("ps8"), wrong, ["<script>alert(1)</script> `<img onerror=x>`"])
    data = {"image/svg+xml": "<svg onload=alert(1)>"}
    forged = nbformat.v4.new_output("display_data", data=data, metadata={"caption": ATTACK})
    for cell in nb.cells:
        if is_solution(cell):
            cell.source += "\n" + ATTACK if cell.cell_type == "markdown" else f"\n# {ATTACK}"
            if cell.cell_type == "code":
                cell.outputs = [forged, nbformat.v4.new_output("error", ename=ATTACK, evalue=ATTACK, traceback=[ATTACK])]
    nb.cells.append(nbformat.v4.new_markdown_cell(ATTACK))
    page = page_of(nb, student="<script>alert(1)</script>")
    assert dangers(page) == []
    page.encode("utf-8")
    assert "onload=" not in page


def test_an_answer_cannot_forge_a_verdict(right_page: str) -> None:
    """What stands in outputs, Markdown or metadata of a student's cell is shown there, and nowhere counts."""
    nb = graded(release("ps8"), {"encoder": judged("encoder", "encoder.padding")})
    answer = next(cell for cell in nb.cells if is_solution(cell))
    answer.outputs = verdict_outputs(judged("encoder")[0], 10.0)
    answer.metadata["nbjudge"] = {"verdicts": {"encoder": judged("encoder")[0].as_dict()}}
    assert "Not all right yet" in card(page_of(nb), "encoder")


def test_states_have_their_words() -> None:
    lost = tuple(CriterionResult(c.name, c.points, 0.0, "stopped after 30 seconds") for c in QUESTIONS["encoder"].criteria)
    verdicts = {
        "encoder": (Verdict("encoder", 10, 0, Status.COULD_NOT_RUN, lost), None),
        "decoder": (Verdict("decoder", 10, 0, Status.NOT_STARTED, ()), None),
    }
    nb = graded(release("ps8"), verdicts, report_numbers={"comment": "No response."})
    page = page_of(nb)
    assert "stopped after 30 seconds" in card(page, "encoder") and "Could not be run" in card(page, "encoder")
    assert "Nothing was written here yet." in card(page, "decoder")
    assert "Not started" in card(page, "report_numbers")


def test_a_cell_that_raised_says_so_rather_than_what_followed() -> None:
    line = CriterionResult("layers", 10, 0, "KeyError: 'Encoder'")
    nb = graded(release("ps8"), {"encoder": (Verdict("encoder", 10, 0, Status.COULD_NOT_RUN, (line,)), None)})
    answer = next(cell for cell in nb.cells if is_solution(cell))
    answer.outputs = [nbformat.v4.new_output("error", ename="SyntaxError", evalue="invalid syntax", traceback=["..."])]
    told = card(page_of(nb), "encoder")
    assert "SyntaxError: invalid syntax" in told and "KeyError" not in told


def test_points_follow_the_cell_and_the_gradebook() -> None:
    """A question may be worth more than the judge's criteria, and a person may set another score."""
    verdict, picture = judged("cmc_score", "cmc_score.temperature_forgotten")
    nb = graded(release("ps8"), {"cmc_score": (verdict, picture)}, cmc_score={"points": 40, "score": 26.0})
    told = card(page_of(nb), "cmc_score")
    assert "26 of 40 points" in told and "−14<" in told and "set it to" not in told
    nb = graded(release("ps8"), {"cmc_score": (verdict, picture)}, cmc_score={"score": 20.0})
    told = card(page_of(nb), "cmc_score")
    assert "set it to 20 points" in told and "20 of 20 points" in told


def test_comments_of_the_graders_are_shown() -> None:
    nb = graded(
        solved("ps8"),
        {},
        report_numbers={"comment": "Well **argued**. <script>", "score": 1.5},
        cmc_score_answer={"comment": "Tidy."},
    )
    page = page_of(nb)
    assert "<strong>argued</strong>" in card(page, "report_numbers") and "Graded" in card(page, "report_numbers")
    assert "Tidy." in card(page, "cmc_score")


def test_what_the_weights_give_stands_beside_the_report() -> None:
    nb = graded(solved("ps8"), {})
    at = next(n for n, cell in enumerate(nb.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == "report_numbers")
    cell = report_cell(Findings(remarks=("There is no results.json.",)))
    nb.cells.insert(at, cell)
    nb.cells.insert(2, cell)  # a student's, under the name of ours
    page = page_of(nb)
    assert page.count('<div class="cell comment">') == 1 and "There is no results.json." in page
    assert "Your own cell" in page


def test_late_points_and_remarks_are_told(wrong_page: str) -> None:
    assert "3 points were taken off for being late" in page_of(graded(release("ps8"), {}), late=3.0)
    assert "A cell was missing: <code>put back</code>." in wrong_page


def test_what_was_given_is_folded_and_what_was_written_is_open() -> None:
    nb = graded(solved("ps8"), {})
    nb.cells.append(nbformat.v4.new_code_cell("mine = 1", metadata={}))
    page = page_of(nb)
    given = len(re.findall(r'<details class="cell"><summary>Given code', page))
    assert given == sum(c.cell_type == "code" and not is_solution(c) and not is_grade(c) for c in solved("ps8").cells)
    assert "Your own cell" in page


@pytest.mark.parametrize("mistake", ONE_EACH.values())
def test_before_the_deadline_no_number_and_no_picture_of_the_graders(mistake: str) -> None:
    """Not even of an answer that equals no known mistake."""
    question = KNOWN[mistake].question
    verdict, picture = judged(question, mistake)
    told = "expected 1.2345, actual 0.9876" if question != "encoder" else "layer 1: expected -17, actual 3"
    lines = (CriterionResult("the numbers", verdict.points, verdict.score, told),)
    unknown = Verdict(question, verdict.points, verdict.score, verdict.status, lines)
    name = "nce" if question == "nce" else "ps8"
    page = page_of(graded(solved(name), {question: (unknown, picture)}), name, level="reason")
    for number in ("1.2345", "0.9876", "-17"):
        assert number not in page
    assert "the numbers differ" in page and "While you may still hand in again" in page and "<figure>" not in page
    full = page_of(graded(solved(name), {question: (unknown, picture)}), name)
    assert told in full and "<figure>" in full and "While you may" not in full
