"""No attack gains a point, learns a secret, changes anything outside, or costs another student one."""

from __future__ import annotations

import csv
import json
import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nbjudge.grade.prepare import prepare_submission
from nbjudge.reports.class_report import write_class_report
from nbjudge.reports.score_table import table_text, write_csv
from nbjudge.reports.scores import read_scores

from autograder import grading_config
from autograder.definition import at
from trials.attacks import FAMILIES, Attack, catalogue
from trials.attacks.arena import BYSTANDERS
from trials.attacks.battle import LIMITS, Battle

from ...nbjudge.course import SHEET
from .conftest import chosen

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks"), pytest.mark.timeout(1200)]

EVERY = pytest.mark.parametrize("attack", chosen(), ids=lambda attack: f"{attack.family:02}-{attack.id}")
OF_A_FILE = [attack for attack in chosen() if attack.family in (17, 24, 39, 43, 44, 47)]
PAGES = [attack for attack in chosen() if attack.family in (26, 28) or attack.id in ("page-flood", "frames", "links")]
SOON = 30.0  # seconds in which the grader must be through with a file, on a busy machine


def test_every_family_is_tried() -> None:
    """Family 48, a submission replaced while it is graded, is made in test_replaced.py."""
    assert {attack.family for attack in catalogue()} | {48} == set(FAMILIES) == set(range(1, 50))
    names = [attack.name for attack in catalogue()]
    assert len(names) == len(set(names))


def test_every_student_has_a_row(ended: Battle) -> None:
    assert ended.summary.failed == {}
    assert set(ended.scores) == {attack.name for attack in ended.attacks} | set(BYSTANDERS)


@EVERY
def test_gains_nothing(ended: Battle, attack: Attack) -> None:
    assert ended.gained(attack) == {}


@EVERY
def test_learns_nothing(ended: Battle, attack: Attack) -> None:
    assert ended.leaked(attack) == []
    assert "RESIDUE [" not in ended.told(attack.name)


@EVERY
def test_feedback_says_what_stopped_it(ended: Battle, attack: Attack) -> None:
    assert attack.feedback.lower() in ended.told(attack.name).lower()


def test_its_small_limits_are_its_own(ended: Battle) -> None:
    """Whatever is graded while the result of the battle is looked at is graded under the course's limits."""
    assert grading_config.limits() != LIMITS


def test_no_secret_in_any_evidence(ended: Battle) -> None:
    gathered = list(ended.gathered())
    assert len(gathered) >= len(ended.attacks) // 2
    for name, _, data in gathered:
        assert ended.place.leaked(data) == [], name


def test_nobody_was_reached(ended: Battle) -> None:
    assert ended.place.reached == []


def test_nothing_outside_was_changed(ended: Battle) -> None:
    assert ended.after.files == ended.before.files
    assert ended.after.marks == []


def test_nothing_was_left_behind(ended: Battle) -> None:
    """No process, no mount, no folder of a jail, no file in /tmp."""
    assert ended.after.children == ended.before.children == 0
    assert ended.after.mounts == ended.before.mounts
    assert ended.after.folders <= ended.before.folders


@pytest.mark.parametrize("student", BYSTANDERS)
def test_bystanders_keep_their_scores(ended: Battle, student: str) -> None:
    got = ended.scores[student]
    assert {question: points for question, points in got.items() if points} == BYSTANDERS[student]


def test_every_submission_kept_to_its_bounds(ended: Battle) -> None:
    """So that no other waited longer for it than these."""
    gathered = list(ended.gathered())
    assert len(gathered) >= len(ended.attacks) // 2
    for name, about, _ in gathered:
        assert about["seconds"]["all"] < LIMITS.seconds_per_notebook + LIMITS.seconds_per_cell + 10, (name, about["seconds"])
        assert len(str(about["outputs"])) < 2 * LIMITS.output_bytes, name


@pytest.mark.parametrize("attack", OF_A_FILE, ids=lambda attack: attack.id)
def test_no_file_keeps_the_grader_busy(ended: Battle, attack: Attack) -> None:
    start = time.monotonic()
    prepare_submission(attack.name, at(ended.place.course))
    assert time.monotonic() - start < SOON


def test_autograded_notebooks_stay_small_and_plain(ended: Battle) -> None:
    for attack in ended.attacks:
        file = ended.place.course / "autograded" / attack.name / "ps8" / "ps8.ipynb"
        assert file.stat().st_size < 8 * 2**20, attack.id
        outputs = [cell.outputs for cell in ended.notebook(attack.name).cells if cell.cell_type == "code"]
        assert not re.search(r"\\u00(0[0-8bcef]|1|7f|8|9)", json.dumps(outputs)), attack.id


class Active(HTMLParser):
    """Finds what a browser would run, and says whether an attack's mark is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag == "script"
        if tag in ("iframe", "object", "embed", "base", "form") or (tag == "svg" and "ps8xss" in str(attrs)):
            self.found.append(tag)
        for name, value in attrs:
            starts = (value or "").strip().lower().startswith(("javascript:", "vbscript:", "data:text/html"))
            if name.startswith("on") or starts:
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.script and "ps8xss" in data:
            self.found.append("script")


@pytest.mark.parametrize("attack", PAGES, ids=lambda attack: attack.id)
def test_feedback_runs_nothing_of_a_students(ended: Battle, attack: Attack) -> None:
    page, active = ended.page(attack.name), Active()
    active.feed(page)
    assert active.found == []
    assert "judge_here" not in page
    assert ended.place.leaked(page.encode()) == []


def test_names_are_no_formulas_orders_or_scripts(ended: Battle, tmp_path: Path) -> None:
    rows = read_scores(at(ended.place.course), SHEET)
    write_csv(rows, tmp_path / "grades.csv", SHEET)
    with (tmp_path / "grades.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == len(ended.scores) + 1
    assert not [field for line in table for field in line if field.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert all(char.isprintable() or char == "\n" for char in table_text(rows, SHEET))
    write_class_report(rows, tmp_path / "report.html", at(ended.place.course), SHEET)
    active = Active()
    active.feed((tmp_path / "report.html").read_text())
    assert active.found == []


def test_the_secret_stays_the_owners(ended: Battle) -> None:
    assert os.stat(ended.place.course / "secret.key").st_mode & 0o077 == 0
