"""The roster, from what each platform exports, in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbjudge.command import main
from nbjudge.roster.formats import NoRoster, read_roster
from nbjudge.roster.roster_entry import Student
from nbjudge.roster.roster_file import load
from nbjudge.skeleton import write_assignment

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (101),Current Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,10,(read only)\n"
    '"Lovelace, Ada",11,S-001,ada,001,9,90\n'
    '"Hopper, Grace Brewster",12,S-002,grace,001 and 002,,\n'
    '"=""=cmd, Eve""",13,S-003,eve,001,,\n'
    '"Student, Test",99,,f00ba2,001,,\n'
)
MOODLE_GRADES = (
    '"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: PS1 (Real)"\n'
    "Ada,Lovelace,S-001,,,ada@example.edu,-\nGrace Brewster,Hopper,S-002,,,grace@example.edu,-\n"
)
WORKSHEET = (
    'Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade","Last modified (grade)"\n'
    'Participant 501,"Ada Lovelace",,ada@example.edu,Submitted,-,10.00,-\n'
)
GRADESCOPE = "First Name,Last Name,SID,Email,Sections\nAda,Lovelace,S-001,ada@example.edu,\n"
NBGRADER = "id,first_name,last_name,email\nada,Ada,Lovelace,ada@example.edu\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MOODLE_GRADES, Student("S-001", "Ada", "Lovelace", "ada@example.edu", number="S-001")),
        (WORKSHEET, Student("ada@example.edu", "Ada", "Lovelace", "ada@example.edu")),
        (GRADESCOPE, Student("S-001", "Ada", "Lovelace", "ada@example.edu", number="S-001")),
        (NBGRADER, Student("ada", "Ada", "Lovelace", "ada@example.edu")),
        (NBGRADER.replace(",", ";"), Student("ada", "Ada", "Lovelace", "ada@example.edu")),
        ("username\tname\nada\tLovelace, Ada\n", Student("ada", "Ada", "Lovelace", login="ada")),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_a_platform_writes_is_read(tmp_path: Path, text: str, expected: Student, encoding: str) -> None:
    assert next(iter(read_roster(written(tmp_path, text, encoding)).roster.students.values())) == expected


def test_canvas_has_rows_that_are_no_students(tmp_path: Path) -> None:
    read = read_roster(written(tmp_path, CANVAS))
    assert list(read.roster.students) == ["ada", "eve", "grace"] and read.left_out == ["Canvas's test student"]
    assert read.roster.students["grace"] == Student(
        "grace", "Grace Brewster", "Hopper", "", "12", "S-002", "grace", "001 and 002"
    )
    assert read.roster.students["eve"].last_name == "=cmd"
    assert list(read_roster(written(tmp_path, CANVAS), "SIS User ID").roster.students) == ["S-001", "S-002", "S-003"]


def test_where_a_login_is_missing_the_next_column_names_the_folders(tmp_path: Path) -> None:
    read = read_roster(written(tmp_path, CANVAS.replace(",grace,", ",,")))
    assert read.id_column == "number" and "S-002" in read.roster.students


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,email\nada,a@x\nada,b@x\n", "same"),
        ("id\n../etc\n", "folder"),
        ("id\na+b\n", "+"),
        ("colour\nred\n", "holds no student"),
        ("", "empty"),
        ("PK\x03\x04", "Excel"),
    ],
)
def test_what_cannot_be_a_roster_is_said(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(NoRoster, match=why.replace("+", r"\+")):
        read_roster(written(tmp_path, text), "id" if text.startswith("id") else "")


def test_two_sections_are_one_student(tmp_path: Path) -> None:
    read = read_roster(written(tmp_path, "id,name,section\nada,Ada Lovelace,1\nada,Ada Lovelace,2\n"))
    assert read.roster.students["ada"].section == "1 and 2"


def test_the_command_says_first_and_then_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nbgrader_config.py").write_text("from nbjudge import configure\nconfigure(get_config())\n")
    write_assignment(tmp_path, "ps1")
    export = written(tmp_path, CANVAS)
    command = ["roster", str(export), "--course", str(tmp_path)]
    assert main(command) == 0 and "--write" in capsys.readouterr().out
    assert not (tmp_path / "roster.csv").exists() and not (tmp_path / "gradebook.db").exists()
    assert main([*command, "--write"]) == 0
    assert load(tmp_path) == read_roster(export).roster, "what is written is what is read, formulas and all"
    assert not any(field.startswith("=") for field in (tmp_path / "roster.csv").read_text().replace("\n", ",").split(","))
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        assert {(one.id, one.lms_user_id) for one in gradebook.students} == {("ada", "11"), ("grace", "12"), ("eve", "13")}
    export.write_text(CANVAS.replace("Lovelace", "King").replace('"Hopper, Grace Brewster",12,S-002,grace,001 and 002,,\n', ""))
    capsys.readouterr()
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "changed (1): ada" in said and "no longer there (1): grace" in said
    assert main(["roster", "--course", str(tmp_path)]) == 0 and "Ada Lovelace" in capsys.readouterr().out
