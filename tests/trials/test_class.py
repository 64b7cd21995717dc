"""The bundled class: every student gets the known right score on every question, by our command and by nbgrader's own."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest
from nbjudge.grade import pool
from nbjudge.grade.class_run import ClassRun
from nbjudge.grade.feedback import write_feedback
from nbjudge.grade.state import Graded
from nbjudge.reports.details import read_details
from nbjudge.reports.score_table import table_text, write_csv
from nbjudge.reports.scores import read_scores

from autograder.artifacts.examination import NOTHING
from autograder.artifacts.findings_text import CELL
from autograder.course_notebooks import by_hand
from autograder.definition import PS8, at
from trials.classroom.mutations import cell_of
from trials.classroom.submissions import InventedStudent, hand_in, solved, students, write_class

from ..nbjudge.course import SHEET, nbgrader, new_course

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("class")]

AUTOGRADED = [question for question in SHEET.points if question not in by_hand()]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which the bundled class was graded by `nbjudge grade`."""
    course = new_course(tmp_path_factory.mktemp("course"))
    names = [student.name for student in write_class(course / "submitted")]
    summary = ClassRun(at(course), names, pool.local(2, PS8)).run()
    assert summary.failed == {}
    return course


def scores(course: Path) -> dict[str, dict[str, float | None]]:
    return {row.student: row.scores for row in read_scores(at(course), SHEET)}


def expected(student: InventedStudent) -> dict[str, float]:
    return {question: student.scores.get(question, SHEET.points[question]) for question in AUTOGRADED}


@pytest.mark.parametrize("student", students(), ids=lambda student: student.name)
def test_known_scores(course: Path, student: InventedStudent) -> None:
    got = scores(course)[student.name]
    assert {question: got[question] for question in AUTOGRADED} == expected(student)


def beside_the_report(course: Path, student: str) -> str:
    """What the autograded notebook says of the student's artifacts."""
    notebook = nbformat.read(course / "autograded" / student / "ps8" / "ps8.ipynb", as_version=4)
    (place,) = [i for i, cell in enumerate(notebook.cells) if cell.id == CELL]
    assert notebook.cells[place + 1].metadata.nbgrader.grade_id == "report_numbers"
    return str(notebook.cells[place].source)


def assert_artifacts_were_measured_again(course: Path) -> None:
    assert beside_the_report(course, "ada").count("| agree |") == 5
    assert "| `cmc` | 0.620 |" in beside_the_report(course, "student16")
    assert beside_the_report(course, "student16").count("| agree |") == 4
    assert NOTHING.split(":")[0] in beside_the_report(course, "student02")
    reasons = {student: "\n".join(read_details(student, at(course)).remarks) for student in ("ada", "student16")}
    assert "the weights give" in reasons["student16"]  # for the class report
    assert "weights" not in reasons["ada"]


def test_artifacts_are_measured_again(course: Path) -> None:
    assert_artifacts_were_measured_again(course)


def test_report_waits_for_a_human_if_written(course: Path) -> None:
    assert [scores(course)["ada"][box] for box in by_hand()] == 5 * [None]
    assert [scores(course)["student02"][box] for box in by_hand()] == 5 * [0]  # nothing was written


def test_nbgrader_itself_gives_the_same_scores(course: Path) -> None:
    before = scores(course)
    ours = (course / "gradebook.db").rename(course / "ours.db")  # which knows when it is due; `generate_assignment` is not told
    assert nbgrader(course, "generate_assignment", "ps8", "--force").returncode == 0
    run = nbgrader(course, "autograde", "ps8", "--force")
    assert run.returncode == 0, run.stderr[-3000:]
    assert scores(course) == before
    assert_artifacts_were_measured_again(course)
    ours.replace(course / "gradebook.db")


def test_unchanged_submissions_are_not_looked_at_again(course: Path) -> None:
    graded = Graded(at(course))
    assert all(graded.up_to_date(student.name) for student in students())
    (course / "submitted" / "student05" / "ps8" / "notes.txt").write_text("one more file")
    assert not graded.up_to_date("student05")
    assert graded.up_to_date("ada")


def test_feedback_says_why_and_shows_no_hidden_test(course: Path) -> None:
    assert write_feedback(["student03", "student06"], at(course)) == {}
    page = (course / "feedback" / "student03" / "ps8" / "ps8.html").read_text()
    assert "temperature" in page
    assert "judge_here" not in page
    assert "HIDDEN TESTS" not in page
    assert "SyntaxError" in (course / "feedback" / "student06" / "ps8" / "ps8.html").read_text()


def test_grades_csv_has_a_row_a_student_and_a_column_a_question(course: Path, tmp_path: Path) -> None:
    rows = read_scores(at(course), SHEET)
    write_csv(rows, tmp_path / "grades.csv", SHEET)
    with (tmp_path / "grades.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [line["student"] for line in table] == [student.name for student in students()]
    assert set(SHEET.points) <= set(table[0])
    by_student = {line["student"]: line for line in table}
    assert by_student["student03"]["cmc_score"] == "13"
    assert {by_student["ada"][box] for box in by_hand()} == {""}
    assert table_text(rows, SHEET).count("\n") == len(rows) + 3


def test_stock_nbgrader_without_our_configuration(tmp_path: Path) -> None:
    """The perfect submission still gets every autograded point, a wrong encoder still loses its own, and only these."""
    course = new_course(tmp_path / "stock", configured=False)
    wrong = InventedStudent("student21", "no activations in the encoder", replace=(("nn.ReLU()", "nn.Identity()"),))
    for student in (InventedStudent("ada", "everything right"), wrong):
        folder = course / "submitted" / student.name / "ps8"
        folder.mkdir(parents=True)
        for name in ("ps8", "nce"):
            (folder / f"{name}.ipynb").write_text(hand_in(student, name))
    assert nbgrader(course, "generate_assignment", "ps8").returncode == 0
    run = nbgrader(course, "autograde", "ps8", "--force")
    assert run.returncode == 0, run.stderr[-3000:]
    got = scores(course)
    assert {q: got["ada"][q] for q in AUTOGRADED} == {q: SHEET.points[q] for q in AUTOGRADED}
    lost = {q for q in AUTOGRADED if got["student21"][q] != SHEET.points[q]}
    assert lost == {"encoder", "decoder"}  # both have ReLUs, and both lost theirs
    assert got["student21"]["encoder"] == 0  # stock nbgrader takes an error for no points at all


def test_a_mistake_is_really_in_the_submission() -> None:
    """A class whose mistakes were not put in would be graded right for the wrong reason."""
    for student in students():
        notebook = solved("ps8", student.mistakes, student.replace)
        changed = notebook.cells != solved("ps8").cells
        assert changed == bool(student.mistakes or student.replace), student.name
        assert cell_of(notebook, "encoder") is not None
