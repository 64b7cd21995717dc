"""What Gradescope says of a submission, and what it may say some day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from nbjudge.assignment import Assignment, PlainFacts
from nbjudge.gradescope.one_submission import feedback_level
from nbjudge.gradescope.submission_metadata import SubmissionMetadata
from nbjudge.workspace import Workspace

from .tree import METADATA

DUE = datetime(2026, 11, 1, 6, tzinfo=timezone.utc)
NOW = datetime(2026, 11, 5, tzinfo=timezone.utc)


def read(folder: Path, **changed: Any) -> SubmissionMetadata:
    path = folder / "submission_metadata.json"
    path.write_text(json.dumps({**METADATA, **changed}))
    return SubmissionMetadata.read(path)


def test_what_is_documented_is_read(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.student, found.before, found.due, found.until, found.doubt) == ("ada@example.edu", 1, DUE, DUE, "")
    assert found.late and not read(tmp_path, created_at="2026-10-31T22:00:00-07:00").late
    longer = {**METADATA["users"][0], "assignment": {"due_date": "2026-12-01T00:00:00Z", "late_due_date": None}}
    assert read(tmp_path, users=[longer]).until == datetime(2026, 12, 1, tzinfo=timezone.utc)


def test_a_group_is_graded_alike_whoever_submits(tmp_path: Path) -> None:
    users = [{"email": "zoe@example.edu", "id": 9}, {"email": "bob@example.edu", "id": 11}]
    assert {read(tmp_path, users=order).student for order in (users, users[::-1])} == {"zoe@example.edu"}


@pytest.mark.parametrize("address", ["", None, "../../etc@x", "no address", "ä@example.edu", ".hidden@x", "a@b/c", "*@x"])
def test_an_address_that_is_no_name_of_a_folder_is_not_taken(tmp_path: Path, address: str | None) -> None:
    assert read(tmp_path, users=[{"email": address, "id": 7}]).student == "student-7"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "[" * 100_000, '{"users": []}', '{"users": [], "assignment": {}}', '{"users": 3, "assignment": 4}']
)
def test_of_another_form_nothing_is_known_and_all_is_held_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "submission_metadata.json"
    path.write_text(text)
    found = SubmissionMetadata.read(path)
    assert found.doubt and found.student == "student" and not found.late
    assert feedback_level(Workspace(tmp_path, Assignment("ps1")), found, NOW) == "reason"
    assert SubmissionMetadata.read(tmp_path / "none").doubt


@pytest.mark.parametrize(
    ("until", "deadline", "asked", "level"),
    [
        (None, None, "auto", "full"),
        (NOW - timedelta(1), None, "auto", "full"),
        (NOW + timedelta(1), None, "auto", "reason"),
        (NOW + timedelta(1), NOW - timedelta(1), "auto", "reason"),
        (NOW - timedelta(1), NOW + timedelta(1), "auto", "reason"),
        (NOW + timedelta(1), None, "full", "full"),
        (NOW - timedelta(1), None, "reason", "reason"),
    ],
)
def test_all_is_said_only_when_nobody_may_submit_any_more(
    tmp_path: Path, until: datetime | None, deadline: datetime | None, asked: str, level: str
) -> None:
    class Asked(Assignment):
        def facts(self) -> PlainFacts:
            return PlainFacts("", deadline=deadline, feedback_level=asked)

    assert feedback_level(Workspace(tmp_path, Asked("ps1")), SubmissionMetadata(until=until), NOW) == level
