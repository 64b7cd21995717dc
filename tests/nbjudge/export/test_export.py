"""Each format against a file of its own: everybody has a row, what waits is no 0, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbjudge.assignment import Assignment, PlainFacts
from nbjudge.export import filled_tables, gradescope_results, plain_grades
from nbjudge.export.grades import Grade, grades_of, waiting
from nbjudge.ground import notebooks
from nbjudge.ground.spreadsheets import SpreadsheetTable, read_table
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from nbjudge.lms.export_files import totals
from nbjudge.record import Record
from nbjudge.reports.scores import Sheet, StudentScores
from nbjudge.roster.roster_entry import Roster, Student
from nbjudge.workspace import Workspace

GOLDEN = Path(__file__).parent / "golden"
POINTS = {"mean": 2.0, "words": 1.0, "more": 0.5}


class PS1(Assignment):
    def facts(self) -> PlainFacts:
        return PlainFacts("Means & medians", points=POINTS, bonus=("more",))


SHEET = Sheet(PS1("ps1"), POINTS, ("more",))
ROSTER = Roster.of(
    [
        Student("ada", "Ada", "Lovelace", "ada@example.edu", "11", "S-001", "ada"),
        Student("bob", "＝cmd|' /C calc'!A0", "@SUM(A1)", "bob@example.edu", "12", "S-002", "bob"),
        Student("eve", "Eve", "-2+3", "eve@example.edu", "13", "S-003", "eve"),
        Student("zoe", "Zoë", "O'Neil", "zoe@example.edu", "14", "S-004", "zoe"),
    ]
)
ROWS = [
    StudentScores("ada", {"mean": 2.0, "words": 1.0, "more": 0.5}, late=0.25),
    StudentScores("bob", {"mean": 1.5, "words": None, "more": 0.0}),
    StudentScores("eve", dict.fromkeys(POINTS)),
    StudentScores("guest", {"mean": 0.0, "words": 0.0, "more": 0.0}),
]
GRADES = grades_of(ROWS, ROSTER)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Notes,PS1 (501),Means and medians (502),Current Score\n"
    ",,,,,,Manual Posting,,\n"
    "    Points Possible,,,,,,3.00,10.00,(read only)\n"
    '"Lovelace, Ada",11,S-001,ada,001,likes engines,,9.00,90\n'
    "\"@SUM(A1), ＝cmd|' /C calc'!A0\",12,S-002,bob,001,,1.00,,\n"
    '"-2+3, Eve",13,S-003,eve,001,,,,\n'
    '"O\'Neil, Zoë",14,S-004,zoe,001,,,,\n'
    '"=""=Gone, Sam""",15,S-005,sam,001,,0.50,,\n'
    '"Student, Test",99,,f00,001,,,,\n'
)
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
    'Participant 701,Ada Lovelace,S-001,ada@example.edu,Submitted,,3.00,"Monday, 1 June 2026, 9:48 PM",<p>well</p>\n'
    "Participant 702,@SUM(A1) ＝cmd,,bob@example.edu,Submitted,1.00,3.00,-,\n"
    "Participant 703,-2+3 Eve,,eve@example.edu,No submission,,3.00,-,\n"
    "Participant 704,Zoë O'Neil,,zoe@example.edu,No submission,,3.00,-,\n"
)


def table(folder: Path, text: str, encoding: str = "utf-8") -> SpreadsheetTable:
    path = folder / "export.csv"
    path.write_bytes(text.encode(encoding))
    return read_table(path)


def same_as(name: str, text: str) -> None:
    assert text.replace("\r\n", "\n") == (GOLDEN / name).read_text("utf-8")


def test_canvas_gets_its_gradebook_back(tmp_path: Path) -> None:
    done = filled_tables.canvas(table(tmp_path, CANVAS), GRADES, SHEET, totals(GRADES, False, False))
    same_as("canvas.csv", done.text)
    assert done.column == "PS1 (501)" and done.written == 1
    assert done.notes == [
        '="=Gone, Sam" is not on the roster: left as it is.',
        "guest has 0 points and no row in export.csv.",
    ]
    before, after = csv.reader(io.StringIO(CANVAS)), csv.reader(io.StringIO(done.text))
    ids = [[row[1] for row in rows] for rows in (before, after)]
    assert ids[0] == ids[1], "each row is there, by the number that Canvas finds it by"


def test_what_is_graded_so_far_and_zeros_are_given_only_when_asked_for(tmp_path: Path) -> None:
    assert totals(GRADES, False, False) == {"ada": 3.25, "guest": 0.0}
    assert totals(GRADES, True, True) == {"ada": 3.25, "bob": 1.5, "zoe": 0.0, "guest": 0.0}
    assert waiting(GRADES) == [
        "waits for grading by hand (1): bob",
        "not graded yet (1): eve",
        "nothing submitted (1): zoe",
        "not on the roster (1): guest",
    ]


@pytest.mark.parametrize(
    ("header", "column", "why"),
    [
        ("Homework (1)", "", "no column ps1 or Means & medians: choose with --column one of Homework"),
        ("PS1 (1),ps1 (2)", "", "several columns"),
        ("PS1 (1)", "PS2", "no column PS2"),
    ],
)
def test_a_column_that_is_not_there_is_not_guessed(tmp_path: Path, header: str, column: str, why: str) -> None:
    with pytest.raises(filled_tables.NoColumn, match=why):
        filled_tables.canvas(table(tmp_path, f"Student,ID,SIS Login ID,Section,{header}\n"), GRADES, SHEET, {}, column)


def test_a_column_may_be_named_with_or_without_its_number(tmp_path: Path) -> None:
    for title in ("Means and medians", "Means and medians (502)"):
        done = filled_tables.canvas(table(tmp_path, CANVAS), GRADES, SHEET, {"ada": 1.0}, title)
        assert done.column == "Means and medians (502)" and "Canvas counts of 10 points" in done.notes[0]


def test_a_table_of_another_country_keeps_its_form(tmp_path: Path) -> None:
    text = "Student;ID;SIS Login ID;Section;PS1 (501)\n    Points Possible;;;;3,00\nLovelace, Ada;11;ada;1;\n"
    done = filled_tables.canvas(table(tmp_path, text, "utf-16"), GRADES, SHEET, {"ada": 2.5})
    assert done.text.endswith("Lovelace, Ada;11;ada;1;2.5\r\n") and not done.notes and done.encoding == "utf-16"


def test_moodle_gets_its_worksheet_back_without_what_would_change_more(tmp_path: Path) -> None:
    done = filled_tables.moodle(table(tmp_path, MOODLE, "utf-8-sig"), GRADES, SHEET, totals(GRADES, False, True))
    same_as("moodle.csv", done.text)
    assert done.written == 2 and done.notes == ["guest has 0 points and no row in export.csv."]
    with pytest.raises(filled_tables.NoColumn, match="Identifier"):
        filled_tables.moodle(table(tmp_path, "Name,Grade\nAda,1\n"), GRADES, SHEET, {})


@pytest.mark.parametrize(("name", "make"), [("grades.csv", plain_grades.csv_of), ("grades.json", plain_grades.json_of)])
def test_plain_tables_have_everybody(name: str, make: Callable[[list[Grade], Sheet], str]) -> None:
    same_as(name, make(GRADES, SHEET))


def test_no_cell_of_any_table_is_a_formula(tmp_path: Path) -> None:
    texts = [
        filled_tables.canvas(table(tmp_path, CANVAS), GRADES, SHEET, {}).text,
        filled_tables.moodle(table(tmp_path, MOODLE), GRADES, SHEET, {}).text,
        plain_grades.csv_of(GRADES, SHEET),
    ]
    for cells in (row for text in texts for row in csv.reader(io.StringIO(text))):
        assert not [cell for cell in cells if cell[:1] in ("+", "@", "＝") or (cell[:1] == "-" and cell != "-")], cells
        assert not [cell for cell in cells if cell[:1] == "=" and cell.count('"') != 2], cells


def test_a_name_that_only_seems_to_be_quoted_is_made_safe(tmp_path: Path) -> None:
    text = CANVAS.replace('"=""=Gone, Sam"""', '"=""x""&HYPERLINK(""http://evil"")"')
    assert '"\'=""x""&HYPERLINK' in filled_tables.canvas(table(tmp_path, text), GRADES, SHEET, {}).text


def test_what_nothing_is_known_of_has_no_number() -> None:
    told = {one["id"]: one for one in json.loads(plain_grades.json_of(GRADES, SHEET))["students"]}
    assert all(told["eve"][name] is None for name in ("total", "total_so_far", "bonus", "late_penalty"))
    assert all(grade.enrolled for grade in grades_of(ROWS, Roster())), "without a roster nobody is a stranger"


def test_gradescope_is_told_what_waits(tmp_path: Path) -> None:
    here = Workspace(tmp_path, PS1("ps1"))
    graded = [(grade, grade.row) for grade in GRADES if grade.row and grade.row.graded]
    told = {grade.student.id: gradescope_results.results(grade, row, SHEET, here, "full") for grade, row in graded}
    same_as("results.json", json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def test_a_reason_that_all_criteria_share_is_said_once(tmp_path: Path) -> None:
    here, nothing = Workspace(tmp_path, PS1("ps1")), "it comes to `raise NotImplementedError`"
    lines = tuple(CriterionResult(name, 1, 0, nothing) for name in ("the sum", "the count"))
    numbers = CriterionResult("the mean", 1, 0, "expected 3.25, actual 4.5")
    notebook = notebooks.new_notebook()
    Record(
        verdicts={
            "mean": Verdict("mean", 2, 0, Status.NOT_STARTED, lines).as_dict(),
            "more": Verdict("more", 2, 0, Status.WRONG, (lines[0], numbers)).as_dict(),
        }
    ).into(notebook)
    here.autograded("ada").mkdir(parents=True)
    notebooks.write(notebook, here.autograded("ada") / "ps1.ipynb")
    row = StudentScores("ada", {"mean": 0.0, "words": 1.0, "more": 0.0})
    (grade,) = grades_of([row], Roster())
    for level, of_numbers in (("full", "the mean: expected 3.25, actual 4.5"), ("reason", "the mean: the numbers differ")):
        outputs = {
            test["name"]: test.get("output") for test in gradescope_results.results(grade, row, SHEET, here, level)["tests"]
        }
        assert outputs["Mean"] == f"Not started.\n{nothing}\nthe sum\nthe count"
        assert outputs["More (on top of the total)"] == f"Wrong.\nthe sum: {nothing}\n{of_numbers}"
