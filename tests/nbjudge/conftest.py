"""What is graded in these tests is PS8, unless a test says otherwise."""

from __future__ import annotations

import pytest
from nbjudge.assignment import register_assignment

from autograder.definition import PS8

register_assignment(PS8)


@pytest.fixture(autouse=True)
def _ps8() -> None:
    """Whatever course an earlier test has read."""
    register_assignment(PS8)
