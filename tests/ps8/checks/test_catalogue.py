"""Every known mistake, run as a student's check: its cause is named, and nothing passes silently without a reason."""

from __future__ import annotations

import pytest
from nbjudge.judge.catalogue import Misconception

from autograder.catalogue import catalogue
from trials.misconceptions.evaluation import PASSED, hint_of


@pytest.fixture(scope="module")
def causes() -> dict[Misconception, str]:
    return {mistake: hint_of(mistake) for mistake in catalogue()}


def test_nearly_all_are_named(causes: dict[Misconception, str]) -> None:
    others = {m.id: cause for m, cause in causes.items() if cause not in m.hints}
    assert len(others) <= 0.1 * len(causes), others


def test_none_passes_silently_but_those_listed(causes: dict[Misconception, str]) -> None:
    assert {m.id for m, cause in causes.items() if cause == PASSED} == {m.id for m in causes if m.unseen}


def test_no_check_breaks(causes: dict[Misconception, str]) -> None:
    assert not {m.id: cause for m, cause in causes.items() if cause.startswith("broke") or cause == "general.returned"}


def test_what_cannot_be_seen_has_a_reason() -> None:
    assert all(len(m.unseen) > 20 for m in catalogue() if m.unseen)
