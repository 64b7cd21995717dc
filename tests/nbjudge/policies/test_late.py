"""What being late costs: the rule by itself, and in nbgrader's gradebook."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbjudge.assignment import Assignment, PlainFacts, Refusal
from nbjudge.command import main
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.policies.extensions import extensions
from nbjudge.policies.late_terms import DAY, Terms
from nbjudge.reports.scores import Sheet, read_scores
from nbjudge.skeleton import write_assignment
from nbjudge.workspace import Workspace

DUE = datetime(2026, 2, 1, 23, 59, tzinfo=timezone(timedelta(hours=-5)))
TENTH = Terms(grace_minutes=15, penalty_per_day=0.1, latest_days=5, late_days=0)


CONFIG = """
from datetime import datetime
from nbjudge import configure
from nbjudge.assignment import Assignment, PlainFacts


class PS1(Assignment):
    def facts(self):
        deadline = datetime.fromisoformat("{deadline}")
        return PlainFacts("ps1", deadline=deadline, points={{"mean": 10.0, "more": 4.0}}, bonus=("more",))

    def bonus_cap(self):
        return 3.0


c = get_config()
configure(c, PS1("ps1"))
c.LatePolicy.grace_minutes = 15
c.LatePolicy.penalty_per_day = 0.1
c.LatePolicy.late_days = 1
"""


class PS1(Assignment):
    def facts(self) -> PlainFacts:
        return PlainFacts("ps1", deadline=DUE, points={"mean": 10.0, "more": 4.0}, bonus=("more",))

    def bonus_cap(self) -> float | None:
        return 3.0


@pytest.mark.parametrize(
    ("minutes", "share"),
    [(-5, 0), (0, 0), (15, 0), (16, 0.1), (24 * 60, 0.1), (24 * 60 + 1, 0.2), (5 * 24 * 60, 0.5), (5 * 24 * 60 + 1, 1)],
)
def test_a_day_begun_costs_a_day(minutes: float, share: float) -> None:
    assert TENTH.share(60 * minutes) == pytest.approx(share)


@given(st.lists(st.floats(0, 20 * DAY), max_size=6), st.integers(0, 9), st.integers(0, 4))
def test_free_days_are_used_in_the_order_of_the_deadlines_and_never_more_than_there_are(
    late: list[float], free: int, latest: int
) -> None:
    terms = Terms(penalty_per_day=0.2, late_days=free, latest_days=latest)
    seconds = {str(place): value for place, value in enumerate(late)}
    used = terms.free(seconds)
    assert sum(used.values()) <= free and all(0 <= used[name] <= terms.days(seconds[name]) for name in used)
    short = [name for name in used if used[name] < terms.days(seconds[name]) and not 0 < latest < terms.days(seconds[name])]
    if short:
        assert sum(used.values()) == free, "nobody pays while a free day is left"
    assert all(0 <= terms.share(seconds[name], used[name]) <= 1 for name in used)


def test_without_terms_nothing_is_lost() -> None:
    assert Terms().share(100 * DAY) == 0


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    """A course with four submissions in nbgrader's gradebook, as a grading leaves them."""
    write_assignment(tmp_path, "ps1")
    (tmp_path / "nbgrader_config.py").write_text(CONFIG.format(deadline=DUE))
    course_config(tmp_path)
    due = DUE.astimezone(timezone.utc).replace(tzinfo=None)
    late = {"ada": timedelta(minutes=10), "bob": timedelta(hours=30), "eve": timedelta(days=4), "zoe": -timedelta(hours=1)}
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        for name, moment in (("ps0", due - timedelta(days=30)), ("ps1", due)):
            gradebook.add_assignment(name, duedate=moment)
            gradebook.add_notebook(name, name)
            for cell, points in (("mean", 10), ("more", 4)):
                gradebook.add_grade_cell(cell, name, name, max_score=points, cell_type="code")
        for student, how in late.items():
            gradebook.add_student(student)
            gradebook.add_submission("ps1", student, timestamp=due + how)
            for cell, points in (("mean", 10), ("more", 4)):
                grade = gradebook.find_grade(cell, "ps1", "ps1", student)
                grade.auto_score, grade.needs_manual_grade = points, False
        gradebook.add_submission("ps0", "eve", timestamp=due - timedelta(days=30) + timedelta(hours=2))
        gradebook.db.commit()
    return Workspace(tmp_path, PS1("ps1"))


def late(here: Workspace, *arguments: str) -> int:
    return main(["late", "ps1", "--course", str(here.root), *arguments])


def penalties(here: Workspace) -> dict[str, float]:
    return {row.student: row.late for row in read_scores(here, Sheet.of(here))}


def test_it_is_said_who_loses_what_and_then_entered(here: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert late(here) == 0
    said = capsys.readouterr().out
    assert "bob loses 1.4 points (so far 0): late by 1 d 6 h, 2 days begun, 1 of them free" in said
    assert "eve loses 5.6 points (so far 0): late by 4 d, 4 days begun\n" in said, (
        "the free day went to ps0, which was due before"
    )
    assert "ada loses nothing: late by 10 min" in said and "zoe" not in said
    assert set(penalties(here).values()) == {0.0}, "so far it was only said"
    assert late(here, "--write") == 0
    assert penalties(here) == {"ada": 0, "bob": 1.4, "eve": 5.6, "zoe": 0}
    totals = {row.student: (row.total, row.uncounted) for row in read_scores(here, Sheet.of(here))}
    assert totals["zoe"] == (13.0, 1.0), "of 4 points on top no more than 3 count"
    assert late(here) == 0 and "So it stands in the gradebook" in capsys.readouterr().out.split("points.")[-1]
    (here.root / "extensions.csv").write_text("student,until\neve,2026-02-05\nbob,2026-02-02T08:00-05:00\n")
    assert late(here) == 0
    said = capsys.readouterr().out
    assert "eve loses nothing (so far 5.6): had 4 d 1 min longer" in said
    assert "bob loses nothing (so far 1.4)" in said and "had 8 h 1 min longer" in said
    assert late(here, "--write") == 0
    with Gradebook(here.database) as gradebook:
        assert gradebook.find_submission("ps1", "bob").extension == timedelta(hours=8, minutes=1)
    (here.root / "extensions.csv").write_text("student,until\nbob,\n")
    assert late(here, "--write") == 0
    with Gradebook(here.database) as gradebook:
        assert gradebook.find_submission("ps1", "bob").extension is None
        assert gradebook.find_submission("ps1", "eve").extension is not None, "who is not in the file keeps it"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,day\n", "columns student and until"),
        ("student,until\neve,soon\n", "line 2: soon is no time"),
        ("student,until\neve,2026-01-31\n", "before the deadline"),
        ("student,until\neve,2026-03-01\neve,2026-03-02\n", "line 3: eve is there twice"),
    ],
)
def test_an_extension_that_cannot_be_understood_is_said(tmp_path: Path, text: str, why: str) -> None:
    write_assignment(tmp_path, "ps1")
    (tmp_path / "extensions.csv").write_text(text)
    with pytest.raises(Refusal, match=why):
        extensions(Workspace(tmp_path, PS1("ps1")))


def test_a_day_alone_is_until_its_end_in_the_deadlines_zone(tmp_path: Path) -> None:
    write_assignment(tmp_path, "ps1")
    (tmp_path / "extensions.csv").write_text("student,until\neve,2026-02-03\nada,2026-02-03 12:00\nbob,2026-02-03 12:00 UTC\n")
    found = extensions(Workspace(tmp_path, PS1("ps1")))
    assert found["eve"] == timedelta(days=2, seconds=59)
    assert found["ada"] == timedelta(days=1, hours=12, minutes=1)
    assert found["bob"] == timedelta(days=1, hours=7, minutes=1)
