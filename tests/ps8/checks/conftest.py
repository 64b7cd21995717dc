"""What the tests of the checks share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def as_a_student(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks run in a student's session, where nothing is graded."""
    monkeypatch.delenv("PS8_PROFILE", raising=False)
