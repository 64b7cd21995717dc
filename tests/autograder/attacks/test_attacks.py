"""No attack gains a point, learns a secret, changes anything outside, or costs another student one."""

from __future__ import annotations

import csv
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.attacks import FAMILIES, Attack, catalogue
from autograder.attacks.arena import BYSTANDERS
from autograder.reports.scores import questions, read_scores
from autograder.reports.table import write_csv

from .conftest import LIMITS, Battle, chosen

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]

AUTOGRADED = [question for question in questions() if question != "report"]
EVERY = pytest.mark.parametrize("attack", chosen(), ids=lambda attack: f"{attack.family:02}-{attack.id}")
PAGES = ("active-page", "terminal", "markers", "page-flood", "frames")  # whose feedback is looked at in a browser's way


def test_every_family_is_tried() -> None:
    """Family 48, a hand-in replaced while it is graded, is made in test_replaced.py."""
    assert {attack.family for attack in catalogue()} | {48} == set(FAMILIES) == set(range(1, 50))
    names = [attack.name for attack in catalogue()]
    assert len(names) == len(set(names))


def test_every_student_has_a_row(battle: Battle) -> None:
    assert battle.summary.failed == {}
    assert set(battle.scores) == {attack.name for attack in battle.attacks} | set(BYSTANDERS)


@EVERY
def test_gains_nothing(battle: Battle, attack: Attack) -> None:
    got = battle.scores[attack.name]
    assert {q: got[q] for q in AUTOGRADED} == {q: attack.honest.get(q, 0) for q in AUTOGRADED}


@EVERY
def test_learns_nothing(battle: Battle, attack: Attack) -> None:
    told = battle.told(attack.name)
    assert battle.place.leaked(told.encode()) == []
    assert "REACHED" not in told and "RESIDUE [" not in told


@EVERY
def test_feedback_says_what_stopped_it(battle: Battle, attack: Attack) -> None:
    if attack.expect_feedback:
        assert attack.expect_feedback.lower() in battle.told(attack.name).lower()


def test_no_secret_in_any_evidence(battle: Battle) -> None:
    for name, _, data in battle.gathered():
        assert battle.place.leaked(data) == [], name


def test_nobody_was_reached(battle: Battle) -> None:
    assert battle.place.reached == []


def test_nothing_outside_was_changed(battle: Battle) -> None:
    assert battle.after.files == battle.before.files
    assert battle.after.marks == []


def test_nothing_was_left_behind(battle: Battle) -> None:
    """No process, no mount, no folder of a jail, no file in /tmp."""
    assert battle.after.children == battle.before.children == 0
    assert battle.after.mounts == battle.before.mounts
    assert battle.after.folders <= battle.before.folders


@pytest.mark.parametrize("student", BYSTANDERS)
def test_bystanders_keep_their_scores(battle: Battle, student: str) -> None:
    got = battle.scores[student]
    assert {q: got[q] for q in AUTOGRADED} == {q: BYSTANDERS[student].get(q, 0) for q in AUTOGRADED}


def test_every_hand_in_kept_to_its_bounds(battle: Battle) -> None:
    for name, about, _ in battle.gathered():
        assert about["seconds"]["all"] < LIMITS.seconds_per_notebook + LIMITS.seconds_per_cell + 10, (name, about["seconds"])
        assert len(str(about["outputs"])) < 2 * LIMITS.output_bytes, name


def test_pages_stay_small(battle: Battle) -> None:
    for attack in battle.attacks:
        file = battle.place.course / "autograded" / attack.name / "ps8" / "ps8.ipynb"
        assert file.stat().st_size < 8 * 2**20, attack.id


def test_outputs_hold_no_control_characters(battle: Battle) -> None:
    for attack in battle.attacks:
        assert not re.search(r"\\u00(0[0-8bcef]|1|7f|8|9)", ascii_outputs(battle, attack)), attack.id


def ascii_outputs(battle: Battle, attack: Attack) -> str:
    import json

    return json.dumps([c.outputs for c in battle.notebook(attack.name).cells if c.cell_type == "code"])


class Active(HTMLParser):
    """Finds what a browser would run, and says whether an attack's mark is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag == "script"
        values = dict(attrs)
        if tag in ("iframe", "object", "embed", "base", "form") or (tag == "svg" and "ps8xss" in str(attrs)):
            self.found.append(tag)
        for name, value in values.items():
            if name.startswith("on") or (value or "").strip().lower().startswith(
                ("javascript:", "vbscript:", "data:text/html")
            ):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.script and "ps8xss" in data:
            self.found.append("script")


@pytest.mark.parametrize("student", [name for name in PAGES if name in {a.id for a in chosen()}])
def test_pages_run_nothing_of_a_students(battle: Battle, student: str) -> None:
    page, active = battle.page(student), Active()
    active.feed(page)
    assert active.found == []
    assert "judge_here" not in page and "HIDDEN TESTS" not in page.replace("BEGIN HIDDEN TESTS\n### BEGIN SOLUTION", "")
    assert battle.place.leaked(page.encode()) == []


def test_names_are_no_formulas(battle: Battle, tmp_path: Path) -> None:
    write_csv(read_scores(f"sqlite:///{battle.place.course}/gradebook.db"), tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open() as file:
        rows = list(csv.reader(file))
    assert len(rows) == len(battle.scores) + 1
    assert not [field for row in rows for field in row if field.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_secret_stays_the_owners(battle: Battle) -> None:
    assert os.stat(battle.place.course / "secret.key").st_mode & 0o077 == 0
