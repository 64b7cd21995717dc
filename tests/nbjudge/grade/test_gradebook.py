"""The gradebook that stays open against nbgrader's own, which is opened anew at every turn."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import autograde
from nbgrader.preprocessors import saveautogrades
from nbjudge.grade.gradebook import Gradebooks, OpenGradebook

from .small_class import grade
from .test_late import ALL

HEX = set("0123456789abcdef")


def tables(database: Path) -> dict[str, list[tuple]]:
    """Every row of every table; what only stands for another row (an id drawn at random) is replaced by what that row holds."""
    with sqlite3.connect(database) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    holds: dict[str, str] = {}
    for _ in range(6):  # a grade stands for a cell of a notebook of an assignment of a course
        known, holds = holds, {}
        for name, found in rows.items():
            for row in (row for row in found if is_id(row[0])):  # a cell has a row in two tables
                held = [known.get(value, "") if is_id(value) else value for value in row[1:]]
                holds[row[0]] = holds.get(row[0], "") + repr((name, *held))
    return {
        name: sorted((tuple(holds.get(value, value) if is_id(value) else value for value in row) for row in found), key=repr)
        for name, found in rows.items()
    }


def is_id(value: object) -> bool:
    return isinstance(value, str) and len(value) == 32 and set(value) <= HEX


@contextlib.contextmanager
def stock(self: Gradebooks) -> Iterator[None]:
    """In place of `Gradebooks.in_use`: nbgrader opens its own gradebook."""
    yield


def term(course: Path) -> None:
    """A class of three: graded; then a human gives points and a comment, one submission is late, one changes; graded again."""
    config = course / "nbgrader_config.py"
    config.write_text((config.read_text() if config.exists() else "") + "c = get_config()\n" + ALL)
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        given = gradebook.find_grade("report_numbers", "ps8", "ps8", "ada")
        given.manual_score, given.needs_manual_grade = 1.5, False
        gradebook.find_grade("encoder", "ps8", "ps8", "student03").extra_credit = 1.0
        gradebook.find_comment("encoder-answer", "ps8", "ps8", "student03").manual_comment = "Well done."
        gradebook.db.commit()
    (course / "submitted" / "student03" / "ps8" / "timestamp.txt").write_text("2031-01-01 00:00:00 UTC")
    (course / "submitted" / "student15" / "ps8" / "nce.ipynb").unlink(missing_ok=True)
    grade(course, again=True)


@pytest.mark.slow
@pytest.mark.xdist_group("grade")
def test_every_table_is_what_stock_nbgrader_writes(
    course: Path, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "stock" / "course"
    shutil.copytree(course, other, symlinks=True)
    term(course)
    monkeypatch.setattr(Gradebooks, "in_use", stock)
    term(other)
    ours, theirs = tables(course / "gradebook.db"), tables(other / "gradebook.db")
    assert sum(map(len, theirs.values())) > 100
    assert ours.keys() == theirs.keys()
    for name in theirs:
        assert ours[name] == theirs[name], name


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A gradebook with one assignment of one notebook."""
    database = f"sqlite:///{tmp_path}/gradebook.db"
    with Gradebook(database) as gradebook:
        gradebook.add_assignment("a")
        gradebook.add_notebook("n", "a")
        gradebook.add_grade_cell("q", "n", "a", max_score=2, cell_type="code")
        gradebook.add_solution_cell("q", "n", "a")
        gradebook.add_source_cell("q", "n", "a", cell_type="code", source="x")
    return database


def test_what_a_with_wrote_is_there_for_others_and_nothing_of_one_that_raised(url: str) -> None:
    ours = OpenGradebook(url)
    with ours:
        ours.add_student("ada")
    with pytest.raises(RuntimeError, match="later"), ours:
        ours.add_student("bob")
        ours.add_submission("a", "ada")
        raise RuntimeError("later")
    with Gradebook(url) as theirs:
        assert [student.id for student in theirs.students] == ["ada"]
        with pytest.raises(MissingEntry):
            theirs.find_submission("a", "ada")
    with ours:  # still open
        ours.add_submission("a", "ada")
    ours.close()


def test_a_with_sees_what_others_wrote_in_between(url: str) -> None:
    ours = OpenGradebook(url)
    with ours:
        ours.add_student("ada")
        ours.add_submission("a", "ada")
        assert ours.find_grade("q", "n", "a", "ada").manual_score is None
    with Gradebook(url) as theirs:
        theirs.find_grade("q", "n", "a", "ada").manual_score = 1.5
        theirs.db.commit()
    with ours:
        assert ours.find_grade("q", "n", "a", "ada").manual_score == 1.5
    ours.close()


def test_what_is_not_there_is_missing_as_nbgrader_says_it(url: str) -> None:
    ours = OpenGradebook(url)
    with ours, Gradebook(url) as theirs:
        for gradebook in (ours, theirs):
            for find in (gradebook.find_source_cell, gradebook.find_graded_cell):
                with pytest.raises(MissingEntry):
                    find("other", "n", "a")
                with pytest.raises(MissingEntry):
                    find("q", "other", "a")
            with pytest.raises(MissingEntry):
                gradebook.find_grade("q", "n", "a", "nobody")
            with pytest.raises(MissingEntry):
                gradebook.find_comment("q", "n", "a", "nobody")
    ours.close()


def test_a_file_that_became_another_one_is_opened_anew(url: str, tmp_path: Path) -> None:
    gradebooks = Gradebooks()
    first = gradebooks(url)
    assert gradebooks(url) is first
    (tmp_path / "gradebook.db").rename(tmp_path / "away.db")
    with gradebooks(url) as gradebook:
        assert gradebook.assignments == []


def test_nbgrader_has_its_own_again_afterwards() -> None:
    gradebooks = Gradebooks()
    with gradebooks.in_use():
        assert autograde.Gradebook is gradebooks
        assert saveautogrades.Gradebook is gradebooks
    assert autograde.Gradebook is saveautogrades.Gradebook is Gradebook


def test_what_is_changed_within_another_with_is_written_with_that_one_or_not_at_all(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gradebook.db"
    opens = Gradebooks()

    def known() -> list[str]:
        with Gradebook(url) as stock_gradebook:
            return sorted(student.id for student in stock_gradebook.students)

    with opens(url):
        with opens(url) as inner:
            inner.add_student("ada")
        assert known() == []
        with opens(url) as inner:
            assert inner.find_student("ada").id == "ada"
    assert known() == ["ada"]
    with pytest.raises(KeyError), opens(url):
        with opens(url) as inner:
            inner.add_student("grace")
        raise KeyError
    assert known() == ["ada"]
    with opens(url) as later:
        assert [student.id for student in later.students] == ["ada"]
