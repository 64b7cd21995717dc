from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, as a student without a Drive."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PS8_PROFILE", "full")
    for name in ("NBGRADER_EXECUTION", "PS8_WORK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("ps8.trainings.checkpoints.DRIVE", tmp_path / "no drive")
    return tmp_path
