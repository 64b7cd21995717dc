"""Every known mistake, run as a student's check: its cause is named, and nothing passes silently without a reason."""

from __future__ import annotations

import sys

import pytest
from ps8.checks import CheckFailed, check

from autograder.judge import reference
from autograder.misconceptions.catalogue import FOLDER, Misconception, catalogue

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

UNSEEN: dict[str, str] = tomllib.loads((FOLDER.parent / "unseen.toml").read_text())


def named(mistake: Misconception) -> str:
    """The cause that the check names; empty if it passes."""
    try:
        check(mistake.question, reference.namespace(*mistake.edits))
    except CheckFailed as failed:
        return failed.finding.cause
    return ""


@pytest.fixture(scope="module")
def causes() -> dict[str, str]:
    return {mistake.id: named(mistake) for mistake in catalogue()}


def test_at_least_seventy_per_cent_are_named(causes: dict[str, str]) -> None:
    right = [mistake for mistake, cause in causes.items() if cause == mistake]
    assert len(right) >= 0.7 * len(causes), {m: c for m, c in causes.items() if m != c}


def test_none_passes_silently_but_those_listed(causes: dict[str, str]) -> None:
    assert {mistake for mistake, cause in causes.items() if not cause} == set(UNSEEN)


def test_what_cannot_be_seen_has_a_reason_and_exists(causes: dict[str, str]) -> None:
    assert all(mistake in causes and len(reason) > 20 for mistake, reason in UNSEEN.items())
