from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.reports.class_report import class_report, correlation, histogram, likenesses, needs_a_look, question_rows
from autograder.reports.details import Details
from autograder.reports.scores import Row, questions, with_ungraded
from autograder.reports.similar import Pair, similar_pairs
from autograder.reports.table import as_text, safe, write_csv


def row(student: str, share: float = 1.0, late: float = 0.0, **scores: float | None) -> Row:
    return Row(student, {**{q: share * p for q, p in questions().items()}, **scores}, late)


def test_total_counts_what_is_graded_less_the_penalty() -> None:
    assert row("ada").total == sum(questions().values())
    assert row("ada", report=None).total == sum(questions().values()) - questions()["report"]
    assert row("ada", late=5).total == sum(questions().values()) - 5
    assert row("ada", share=0, late=5).total == 0
    assert row("ada", report=None).waiting == ("report",)


def test_table_shows_who_waits_for_a_human() -> None:
    lines = as_text([row("ada", report=None), row("student02", share=0)]).splitlines()
    assert lines[3].split()[0] == "ada"
    assert "-" in lines[3].split()
    assert lines[4].split()[-1] == "0"


def test_who_could_not_be_graded_has_a_row_all_the_same() -> None:
    rows = with_ungraded([row("ada"), row("student03")], ["student03", "student02", "ada"])
    assert [r.student for r in rows] == ["ada", "student02", "student03"]
    assert rows[1].waiting == tuple(questions())
    assert rows[1].total == 0
    ((student, reasons),) = needs_a_look(rows, [], [])
    assert student == "student02"
    assert "not graded" in reasons[0]


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_name_becomes_a_formula(name: str, tmp_path: Path) -> None:
    write_csv([row(name)], tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["student"] == safe(name) == "'" + name


def test_difficulty_and_discrimination() -> None:
    rows = [row(f"student{i:02}", share=i / 4) for i in range(5)]
    figures = {q.id: q for q in question_rows(rows, [])}
    assert figures["encoder"].share == pytest.approx(0.5)
    assert figures["encoder"].discrimination == pytest.approx(1.0)
    against = [row(f"student{i:02}", share=i / 4, encoder=10 - 2.5 * i) for i in range(5)]
    assert {q.id: q for q in question_rows(against, [])}["encoder"].discrimination == pytest.approx(-1.0)
    assert correlation([1, 1, 1], [1, 2, 3]) is None


def test_histogram_holds_everyone_once() -> None:
    bins = histogram([0, 9.9, 10, 55, 100, 110], 100)
    assert [b["count"] for b in bins] == [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]


def test_copies_are_found_and_stubs_do_not_count() -> None:
    stub = "\n".join(f"given line {i} of the stub" for i in range(40))
    work = "\n".join(f"value{i} = compute(value{i - 1}, {i})" for i in range(20))
    other = "\n".join(f"for entry{i} in table[{i}]: total += entry{i} * weight" for i in range(20))
    code = {
        "ada": f"{stub}\n{work}",
        "student02": f"{stub}\n\n{work}  # mine",
        "student03": f"{stub}\n{other}",
        "student04": stub,
    }
    pairs = similar_pairs(code, stub)
    assert [(pair.one, pair.other) for pair in pairs] == [("ada", "student02")]


def test_reasons_to_look() -> None:
    stopped = Details("ada", status={"encoder": "could not run"}, remarks=["a cell was restored"])
    pairs = [Pair("ada", "student02", 99.0)]
    look = dict(needs_a_look([], [stopped], pairs))
    assert look["ada"][:2] == ["could not be run: encoder", "a cell was restored"]
    assert "student02 (99 %)" in look["ada"][2]
    assert likenesses(pairs)["student02"] == [("ada", 99.0)]


def test_the_page_escapes_what_students_named(tmp_path: Path) -> None:
    page = class_report([row("<script>alert(1)</script>")], tmp_path)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page  # self-contained
