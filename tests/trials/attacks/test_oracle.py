"""The oracle: sixteen submissions of one student, each of which reads the page of the one before, gain nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from nbjudge.jail import reasons_unavailable
from nbjudge.nbgrader_ext import student_page

from autograder import grading_config
from trials.attacks.arena import arena

from .oracle import Oracle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("attacks"),
    pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable())),
]
SUBMISSIONS = 16


def test_before_the_deadline_a_page_teaches_no_number(tmp_path: Path) -> None:
    """The inputs it may learn: its own code sees them. What should have come it does not."""
    early = grading_config.course().deadline - timedelta(days=1)
    real = student_page.level
    with arena(tmp_path) as place, patch.object(student_page, "level", lambda course: real(course, early)):
        oracle = Oracle(place)
        pages = [oracle.hand_in(number) for number in range(SUBMISSIONS)]
    assert oracle.scores == [0.0] * SUBMISSIONS
    assert oracle.table == {}
    assert all("SEEN [" in page for page in pages)


def test_the_oracle_would_learn_from_a_page_that_says_all(tmp_path: Path) -> None:
    """So that the test above can fail."""
    with arena(tmp_path) as place, patch.object(student_page, "level", lambda course: "full"):
        oracle = Oracle(place)
        oracle.hand_in(0)
    assert oracle.table
