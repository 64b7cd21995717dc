"""A training that is killed loses at most the epoch under way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.ps8.trainings import killing

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_sigkill_at_twenty_random_points() -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "assignment")])
    made = subprocess.run(
        [sys.executable, "-m", killing.__name__],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    lives, whole, last = json.loads(made.stdout)
    assert len(lives) == killing.KILLS and all(lives)
    for before, after in pairwise(lives):
        assert after[0] in (before[-1], before[-1] + 1)  # the epoch under way, or the next if it was just written
    assert last == whole
