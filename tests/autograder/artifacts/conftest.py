"""Artifacts that a short training of the reference really left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from nbjudge.jail import close_all, reasons_unavailable

from autograder import grading_config
from autograder.artifacts import Findings, examine
from autograder.artifacts.artifact_files import known
from autograder.paths import DATA
from trials.classroom.trained_artifacts import trained


@pytest.fixture(scope="session")
def handed_in() -> dict[str, bytes]:
    """File name -> bytes of a submission whose numbers and weights agree. Not to be changed."""
    return trained()


@pytest.fixture
def look() -> Callable[[dict[str, bytes]], Findings]:
    """Examines files in a jail."""
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    return lambda files: examine(known(files), DATA, grading_config.jail_settings())


@pytest.fixture(scope="session", autouse=True)
def _no_warm_parent_left() -> Iterator[None]:
    yield
    close_all()
