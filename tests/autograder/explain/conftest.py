"""What the tests of the counted questions share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def as_in_grading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
